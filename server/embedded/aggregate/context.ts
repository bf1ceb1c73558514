import type { Document } from "../bson";
import type { Variables } from "../expressions/scope";
import { isDocument } from "../types";
import type { Collation } from "../values";

/** Documents one by one. An `undefined` means "nothing yet": whoever can wait lets others have their turn (see runQuery). */
export type Flow = Iterable<Document | undefined>;

/** Limits of one command. */
export interface Budget {
  /** Called for every document; throws 50 when the time is over. */
  checkTime(): void;
  /** Called with the bytes a stage is about to hold; throws 146 when they are too many. */
  charge(bytes: number): void;
  /** Whether it is time to pause. */
  isSliceOver(): boolean;
}

/** What a pipeline reads from and is bound by. */
export interface PipelineContext {
  readCollection(name: string): Flow;
  variables?: Variables;
  collation?: Collation;
  budget?: Budget;
}

/** One compiled stage. */
export type Stage = (input: Flow, context: PipelineContext) => Flow;

/** The same context with other variables. */
export function withVariables(context: PipelineContext, variables: Variables): PipelineContext {
  return { ...context, readCollection: (name) => context.readCollection(name), variables };
}

/** Takes every document of the input; its pauses are handed on. */
export function* takeAll(input: Flow, take: (document: Document) => void): Generator<undefined, void> {
  for (const document of input) {
    if (document) take(document);
    else yield undefined;
  }
}

/** Drains the input into memory at the budget's expense. */
export function* holdAll(input: Flow, budget?: Budget): Generator<undefined, Document[]> {
  const documents: Document[] = [];
  yield* takeAll(input, (document) => {
    budget?.charge(estimateBytes(document));
    documents.push(document);
  });
  return documents;
}

/** Roughly what a value takes in BSON; quick rather than exact. */
export function estimateBytes(value: unknown): number {
  if (typeof value === "string") return value.length + 5;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + estimateBytes(item) + 4, 8);
  if (value instanceof Uint8Array) return value.length;
  if (!isDocument(value)) return 12;
  let sum = 8;
  for (const name of Object.keys(value)) sum += name.length + estimateBytes(value[name]);
  return sum;
}
