import "server-only";
import type { TriedRow } from "@/lib/contracts/inspection.admin";
import type { ModelSchema } from "@/lib/contracts/model-schema";
import { type Asked, loadForeignFile, openForeignFile } from "@/server/modules/predict/inspector/asked.admin";
import { checkRows, scoreRows, toRowProblems } from "@/server/modules/predict/rows";
import { assertSchemaFits } from "@/server/modules/predict/schema-check";

/**
 * One row as a customer sends it, checked and answered as a customer's is.
 * @throws {FileRefusal} when the file cannot be loaded
 * @throws {DomainError} `invalid_input`, when schema and file or schema and row do not fit, or the model has no finite answer for the row;
 * `model_unavailable`, when there is no answer
 */
export async function tryRow(asked: Asked, schema: ModelSchema, input: Record<string, unknown>): Promise<TriedRow> {
  const opened = openForeignFile(asked.file);
  const model = await loadForeignFile(opened, asked);
  assertSchemaFits(schema, opened, model);
  const sent = [{ raw: input, pointer: "#/input" }];
  const checked = checkRows(schema, sent);
  asked.enter("run");
  const { answers, seconds } = await scoreRows(model, schema, checked.rows).catch((error: unknown) => {
    throw toRowProblems(error, sent, checked);
  });
  return { kind: "tried", output: answers[0] ?? {}, warnings: checked.warnings[0] ?? [], milliseconds: Number((seconds * 1000).toFixed(3)) };
}
