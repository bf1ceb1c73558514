import "server-only";
import { type AnyProcedure, type AnyRouter, getErrorShape, getProcedureAtPath, getTRPCErrorFromUnknown } from "@trpc/server/unstable-core-do-not-import";
import { addressOf, type BoundCall } from "@/server/core/exchange";

/** A procedure that is called alone and may change something, as nearly all calls are. */
export interface Alone {
  procedure: AnyProcedure;
  path: string;
  input: unknown;
}

/** @returns null for every other kind of call: several, a question, a stream, a procedure that there is not */
export async function findAlone({ asked, body }: BoundCall, endpoint: string, router: AnyRouter): Promise<Alone | null> {
  const { pathname, search } = addressOf(asked);
  const path = pathname.slice(endpoint.length + 1);
  if (body === null || search !== "" || !/^[\w.]+$/.test(path)) return null;
  if ((asked.headers.get("trpc-accept") ?? asked.headers.get("accept"))?.includes("jsonl")) return null;
  const procedure = await getProcedureAtPath(router, path);
  return procedure?._def.type === "mutation" ? { procedure, path, input: body.value } : null;
}

/** What came of it, in the form tRPC's clients read. */
export type Outcome = { result: { data: unknown } } | { error: ReturnType<typeof getErrorShape> };

/**
 * Does what tRPC's own adapter does with such a call (https://trpc.io/docs/rpc, `resolveResponse`), without the Web's `Request`, `Headers`,
 * `Response` and `AbortSignal` that it makes of each one, which take as long as everything else about it.
 * @param onError is told of what the procedure threw
 */
export async function runAlone(
  { procedure, path, input }: Alone,
  router: AnyRouter,
  ctx: object,
  onError: (error: ReturnType<typeof getTRPCErrorFromUnknown>) => void,
): Promise<Outcome> {
  const type = "mutation";
  try {
    const data: unknown = await procedure({ path, ctx, type, getRawInput: async () => input, signal: undefined, batchIndex: 0 });
    return { result: { data } };
  } catch (thrown) {
    const error = getTRPCErrorFromUnknown(thrown);
    onError(error);
    return { error: getErrorShape({ config: router._def._config, ctx, error, input, path, type }) };
  }
}
