/**
 * A draft on the page and in the service: what is written is saved by itself a moment later, one call at a time, and only what has no
 * problem. Somebody else's change is told, never written over.
 */
import { type DraftParts, type PartName, partNames, partsOf, pickParts } from "@/components/admin/uploads/draft-parts";
import { findProblems, placeErrors, type Problem } from "@/components/admin/uploads/draft-problems";
import type { Draft, DraftChanges } from "@/lib/contracts/uploads.admin";
import type { FieldProblem } from "@/lib/contracts/problem";
import type { Refusal } from "@/lib/refusal";

export type SaveStatus =
  | { kind: "saved" }
  /** There is something to save; it will be in a moment, or is being. */
  | { kind: "saving" }
  | { kind: "refused"; message: string }
  /** It could not be sent; it will be tried again. */
  | { kind: "waiting"; message: string }
  | { kind: "conflict"; message: string };

export interface DraftState {
  /** As the service has it. */
  draft: Draft;
  /** As the page shows it. */
  parts: DraftParts;
  status: SaveStatus;
  problems: Problem[];
}

export interface DraftStoreOptions {
  send: (revision: number, changes: DraftChanges) => Promise<Draft>;
  /** What a failed call says. */
  explain: (error: unknown) => Refusal & { errors: FieldProblem[] };
  /** Milliseconds of rest before something is saved, and before a failed call is repeated. */
  restMs?: number;
  againMs?: number;
}

const PASSING: readonly (string | null)[] = [
  null,
  "overloaded",
  "database_unavailable",
  "internal_error",
  "rate_limited",
  "console_session_needed",
];

/** See the head of this file. Its methods can be handed on by themselves. */
export class DraftStore {
  readonly #options: Required<DraftStoreOptions>;
  readonly #listeners = new Set<() => void>();
  #saved: DraftParts;
  #state: DraftState;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | null = null;

  constructor(first: Draft, options: DraftStoreOptions) {
    this.#options = { restMs: 700, againMs: 5_000, ...options };
    this.#saved = partsOf(first);
    this.#state = { draft: first, parts: this.#saved, status: { kind: "saved" }, problems: findProblems(this.#saved) };
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  read = (): DraftState => this.#state;

  /** Whether something is not saved, among all parts or these. */
  isDirty = (names: readonly PartName[] = partNames): boolean => names.some((name) => this.#state.parts[name] !== this.#saved[name]);

  change = (changes: (parts: DraftParts) => Partial<DraftParts>): void => {
    const isOver = this.#state.status.kind === "conflict";
    this.#put({ parts: { ...this.#state.parts, ...changes(this.#state.parts) } });
    if (isOver) return;
    this.#settle();
    if (this.#findUnsaved().length > 0) this.#schedule(this.#options.restMs);
  };

  /** Saves now. @returns whether everything on the page is saved */
  flush = async (): Promise<boolean> => {
    await this.#save();
    return !this.isDirty();
  };

  /** What the service says a draft is now. @param names the parts that it wrote itself */
  take = (draft: Draft, names: readonly PartName[] = []): void => {
    const written = pickParts(partsOf(draft), names);
    this.#saved = { ...this.#saved, ...written };
    this.#put({ draft, parts: { ...this.#state.parts, ...written } });
    this.#settle();
  };

  /** Shows what the service found wrong with the draft, until something is changed. */
  complain = (errors: readonly FieldProblem[]): void => {
    const { parts } = this.#state;
    this.#put({ problems: [...findProblems(parts), ...placeErrors(errors, parts.schema)] });
  };

  /** Gives up what is not saved. */
  abandon = (): void => {
    this.stop();
    this.#put({ parts: this.#saved });
  };

  stop = (): void => clearTimeout(this.#timer);

  #put(next: Partial<DraftState>): void {
    this.#state = { ...this.#state, ...next };
    for (const listener of this.#listeners) listener();
  }

  /** The parts that differ from what is saved, and have no problem. */
  #findUnsaved(): PartName[] {
    const broken = new Set(findProblems(this.#state.parts).map(({ part }) => part));
    return partNames.filter((name) => this.isDirty([name]) && !broken.has(name));
  }

  #settle(): void {
    const problems = findProblems(this.#state.parts);
    const refused = { kind: "refused", message: "correct what is marked" } as const;
    this.#put({ problems, status: this.isDirty() ? (problems.length > 0 ? refused : { kind: "saving" }) : { kind: "saved" } });
  }

  #schedule(milliseconds: number): void {
    this.stop();
    this.#timer = setTimeout(() => void this.#save(), milliseconds);
  }

  #save(): Promise<void> {
    this.stop();
    if (this.#state.status.kind === "conflict") return Promise.resolve();
    this.#running ??= this.#saveAll().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #saveAll(): Promise<void> {
    try {
      for (let names = this.#findUnsaved(); names.length > 0; names = this.#findUnsaved()) await this.#saveOnce(names);
    } catch (error) {
      this.#fail(error);
    }
  }

  async #saveOnce(names: PartName[]): Promise<void> {
    const sent = pickParts(this.#state.parts, names);
    this.#put({ status: { kind: "saving" } });
    const draft = await this.#options.send(this.#state.draft.revision, sent);
    this.#saved = { ...this.#saved, ...sent };
    this.#put({ draft });
    this.#settle();
  }

  #fail(error: unknown): void {
    const { code, message, errors } = this.#options.explain(error);
    if (code === "conflict") return this.#put({ status: { kind: "conflict", message } });
    if (PASSING.includes(code)) {
      this.#put({ status: { kind: "waiting", message } });
      return this.#schedule(this.#options.againMs);
    }
    this.#put({ status: { kind: "refused", message } });
    this.complain(errors);
  }
}
