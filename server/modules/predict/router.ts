import "server-only";
import { z } from "zod";
import { type Prediction, prediction, type PredictionList, predictionList, runInput, runManyInput, MAX_ROWS } from "@/lib/contracts/predict";
import { type Context, createRouter, fromZodError, type ProcedureRun, publicProcedure, runNoted } from "@/server/core/trpc";
import { runRows, type RunRows } from "@/server/modules/predict/service";

const isRow = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

/** A row is handed on as it came: zod would drop a member called `__proto__` before the model's schema can refuse it. */
const untouchedRow = z.custom<Record<string, unknown>>(isRow, "Must be an object.");
const oneRow = runInput.extend({ input: untouchedRow });
const manyRows = runManyInput.extend({ inputs: z.array(untouchedRow).min(1).max(MAX_ROWS) });

async function run(ctx: Context, run: ProcedureRun, target: Pick<RunRows, "model" | "version">, rows: RunRows["rows"]): Promise<Prediction[]> {
  const { model, version } = target;
  const result = await runRows({ caller: ctx.caller, requestId: ctx.requestId, model, version, rows, run });
  for (const [name, value] of result.headers) ctx.headers.set(name, value);
  return result.predictions;
}

async function runOne(ctx: Context, noted: ProcedureRun, input: z.output<typeof oneRow>): Promise<Prediction> {
  const [first] = await run(ctx, noted, input, [{ raw: input.input, pointer: "#/input" }]);
  if (!first) throw new Error("A run without a prediction.");
  return first;
}

async function runMany(ctx: Context, noted: ProcedureRun, input: z.output<typeof manyRows>): Promise<PredictionList> {
  const rows = input.inputs.map((raw, index) => ({ raw, pointer: `#/inputs/${index}` }));
  return { object: "list", data: await run(ctx, noted, input, rows) };
}

/** @throws {DomainError} `malformed_body` */
function parse<Shape extends z.ZodType>(shape: Shape, input: unknown): z.output<Shape> {
  const parsed = shape.safeParse(input);
  if (parsed.success) return parsed.data;
  throw fromZodError(parsed.error);
}

/** `predict.run` for a door that asks for nothing else, without what tRPC does around it. @throws {DomainError} as the procedure */
export function predictOne(ctx: Context, input: unknown): Promise<Prediction> {
  return runNoted(ctx, "predict.run", (noted) => runOne(ctx, noted, parse(oneRow, input)));
}

/** `predict.runMany` in the same way. @throws {DomainError} as the procedure */
export function predictMany(ctx: Context, input: unknown): Promise<PredictionList> {
  return runNoted(ctx, "predict.runMany", (noted) => runMany(ctx, noted, parse(manyRows, input)));
}

export const predictRouter = createRouter({
  run: publicProcedure.input(oneRow).output(prediction).mutation(async ({ ctx, input }) => runOne(ctx, ctx.run, input)),
  runMany: publicProcedure.input(manyRows).output(predictionList).mutation(async ({ ctx, input }) => runMany(ctx, ctx.run, input)),
});
