import "server-only";
import { z } from "zod";
import { prediction, predictionList, runInput, runManyInput, MAX_ROWS } from "@/lib/contracts/predict";
import { type Context, createRouter, type ProcedureRun, publicProcedure } from "@/server/core/trpc";
import { runRows, type RunRows } from "@/server/modules/predict/service";

const isRow = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

/** A row is handed on as it came: zod would drop a member called `__proto__` before the model's schema can refuse it. */
const untouchedRow = z.custom<Record<string, unknown>>(isRow, "Must be an object.");
const oneRow = runInput.extend({ input: untouchedRow });
const manyRows = runManyInput.extend({ inputs: z.array(untouchedRow).min(1).max(MAX_ROWS) });

async function run(ctx: Context & { run: ProcedureRun }, target: Pick<RunRows, "model" | "version">, rows: RunRows["rows"]) {
  const { model, version } = target;
  const result = await runRows({ caller: ctx.caller, requestId: ctx.requestId, model, version, rows, run: ctx.run });
  for (const [name, value] of result.headers) ctx.headers.set(name, value);
  return result.predictions;
}

export const predictRouter = createRouter({
  run: publicProcedure.input(oneRow).output(prediction).mutation(async ({ ctx, input }) => {
    const [first] = await run(ctx, input, [{ raw: input.input, pointer: "#/input" }]);
    if (!first) throw new Error("A run without a prediction.");
    return first;
  }),
  runMany: publicProcedure.input(manyRows).output(predictionList).mutation(async ({ ctx, input }) => {
    const rows = input.inputs.map((raw, index) => ({ raw, pointer: `#/inputs/${index}` }));
    return { object: "list" as const, data: await run(ctx, input, rows) };
  }),
});
