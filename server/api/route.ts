import "server-only";
import type { z } from "zod";
import type { Prediction } from "@/lib/contracts/predict";
import type { Procedures } from "@/server/api/router";
import { DomainError, type ErrorCode } from "@/server/core/errors";
import type { Context } from "@/server/core/trpc";

/** An answer that is JSON in UTF-8 already, where `JSON.stringify` takes longer than who knows what is in it. */
export class WrittenAnswer {
  constructor(readonly bytes: Buffer<ArrayBuffer>) {}
}

/** What a route gets to work with: who calls, what can be done in that name, decoded path parts, the query, and the body where it takes one. */
export interface RestCall {
  context: Context;
  /** The procedures, in the name of whoever calls. */
  procedures: Procedures;
  /** Those that predict, without what tRPC does around them. Handed over: whoever only reads the table needs no inference engine. */
  predictOne(input: unknown): Promise<Prediction>;
  predictMany(input: unknown): Promise<WrittenAnswer>;
  path: Record<string, string>;
  query: URLSearchParams;
  body: Record<string, unknown>;
}

export interface Route {
  operationId: string;
  method: "GET" | "POST";
  /** Below `/api/v1`; `{name}` stands for one decoded part. */
  path: string;
  tag: string;
  summary: string;
  description: string;
  /** Whom it answers: `anyone` in the same words; `visitor` and `customer` alike, each with own limits; a `customer` alone. */
  access: "anyone" | "visitor" | "customer";
  query?: z.ZodObject;
  /** It runs a model: while too many ask for that at once, it waits or is refused. */
  predicts?: true;
  /** The shapes of a 200; several are alternatives. */
  output: z.ZodType[];
  /** What it may refuse with, beside what every address may. */
  errors: ErrorCode[];
  /** The answer: a value for `JSON.stringify`, or a {@link WrittenAnswer}. */
  run: (call: RestCall) => Promise<unknown>;
}

/** The body of a route's answer, in UTF-8 where it has that form already. */
export function toBody(answer: unknown): string | Buffer<ArrayBuffer> {
  return answer instanceof WrittenAnswer ? answer.bytes : JSON.stringify(answer);
}

/** One decoded part of the path. */
export function part(call: Pick<RestCall, "path">, name: string): string {
  return call.path[name] ?? "";
}

/**
 * The parameters a route knows. One that comes several times is a list, as with commas between.
 * @throws {DomainError} `invalid_input`, with a pointer for every parameter that is wrong
 */
export function readQuery<Shape extends z.ZodObject>(shape: Shape, query: URLSearchParams): z.infer<Shape> {
  const known = Object.keys(shape.shape).flatMap((name) => (query.has(name) ? [[name, query.getAll(name).join(",")] as const] : []));
  const parsed = shape.safeParse(Object.fromEntries(known));
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map((issue) => ({ pointer: `#/${String(issue.path[0])}`, detail: issue.message }));
  throw new DomainError("invalid_input", "Some query parameters are not valid.", { errors });
}
