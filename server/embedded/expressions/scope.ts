import type { Document } from "../bson";
import type { Collation } from "../collation";
import { fail } from "../errors";

/** User variables by name, without "$$". */
export type Variables = ReadonlyMap<string, unknown>;

/** What an expression is evaluated against. */
export interface Scope {
  root: Document;
  /** `$$CURRENT`, where paths such as `$field` start. */
  current: unknown;
  variables: Variables;
  /** How strings compare. */
  collation?: Collation;
  /** Steps through array elements that are left to this evaluation, and when it must have ended: from its first step on. */
  work: { left: number; endsAt?: number };
}

/** Gives a value; `undefined` means missing. */
export type Evaluate = (scope: Scope) => unknown;

export type Compile = (expression: unknown) => Evaluate;

/** Compiles one operator's argument. */
export type Operator = (argument: unknown, compile: Compile, name: string) => Evaluate;

export type OperatorTable = readonly (readonly [string, Operator])[];

/** About a second's worth; nested loops over `$range` would otherwise run for days. */
const WORK_LIMIT = 2_000_000;
/** A step may be long itself: an operator that goes through another array for every element of one. */
const WORK_MS = 3000;
const NO_VARIABLES: Variables = new Map();

/** No variable can be called so. A command's collation goes wherever its variables go, into every pipeline and expression. */
const COLLATION = "the collation";

/** The variables of an operation with its collation. */
export function withCollation(variables: Variables = NO_VARIABLES, collation?: Collation): Variables {
  return collation ? new Map(variables).set(COLLATION, collation) : variables;
}

export function newScope(document: Document, variables: Variables = NO_VARIABLES): Scope {
  const collation = variables.get(COLLATION) as Collation | undefined;
  return { root: document, current: document, variables, collation, work: { left: WORK_LIMIT } };
}

/** Accounts for array elements an operator makes or visits. Throws 50 when one evaluation takes too many, or too long over them. */
export function spendWork({ work }: Scope, steps: number): void {
  work.left -= steps;
  if (work.left < 0) fail(50, "MaxTimeMSExpired", "the expression visits too many array elements");
  const now = performance.now();
  work.endsAt ??= now + WORK_MS;
  if (now > work.endsAt) fail(50, "MaxTimeMSExpired", "the expression takes too long over the elements of an array");
}
