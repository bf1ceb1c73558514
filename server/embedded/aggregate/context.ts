import type { Document } from "../bson";
import type { Variables } from "../expressions/scope";
import { isDocument } from "../types";
import type { Collation } from "../values";

/** Limits of one command. */
export interface Budget {
  /** Called for every document; throws 50 when the time is over. */
  tick(): void;
  /** Called with the bytes a stage is about to hold; throws 146 when they are too many. */
  charge(bytes: number): void;
}

/** What a pipeline reads from and is bound by. */
export interface PipelineContext {
  readCollection(name: string): Iterable<Document>;
  variables?: Variables;
  collation?: Collation;
  budget?: Budget;
}

/** One compiled stage. */
export type Stage = (input: Iterable<Document>, context: PipelineContext) => Iterable<Document>;

/** The same context with other variables. */
export function withVariables(context: PipelineContext, variables: Variables): PipelineContext {
  return { ...context, readCollection: (name) => context.readCollection(name), variables };
}

/** Drains the input into memory at the budget's expense. */
export function holdAll(input: Iterable<Document>, budget?: Budget): Document[] {
  const documents: Document[] = [];
  for (const document of input) {
    budget?.charge(estimateBytes(document));
    documents.push(document);
  }
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
