import "server-only";
import { checkRow } from "@/lib/check-row";
import type { ModelSchema } from "@/lib/contracts/model-schema";
import type { PredictionOutput, Row, Warning } from "@/lib/contracts/predict";
import type { FieldProblem } from "@/lib/contracts/problem";
import { DomainError } from "@/server/core/errors";
import { neededOutputs, readAnswers, UnansweredRows } from "@/server/modules/predict/answers";
import { decodePng } from "@/server/modules/predict/png";
import type { OpenModel } from "@/server/modules/predict/runtime";
import { buildFeeds } from "@/server/modules/predict/tensors";

/** A row as it was sent, with its place in the body (a JSON pointer fragment). */
export interface RawRow {
  raw: Record<string, unknown>;
  pointer: string;
}

export interface Scored {
  answers: PredictionOutput[];
  seconds: number;
}

export interface CheckedRows {
  rows: Row[];
  warnings: Warning[][];
}

const CHECK = { decodeImage: decodePng };

/**
 * Checks every row before anything is run or counted.
 * @throws {DomainError} `invalid_input`, with all problems of all rows
 */
export function checkRows(schema: ModelSchema, rows: RawRow[]): CheckedRows {
  const checked: CheckedRows = { rows: [], warnings: [] };
  const errors: FieldProblem[] = [];
  for (const { raw, pointer } of rows) {
    const result = checkRow(schema, raw, pointer, CHECK);
    checked.rows.push(result.row);
    checked.warnings.push(result.warnings);
    for (const error of result.errors) errors.push(error);
  }
  if (errors.length === 0) return checked;
  const sentence = errors.length === 1 ? "One field is not valid." : `${errors.length} fields are not valid.`;
  throw new DomainError("invalid_input", sentence, { errors });
}

/**
 * Scores checked rows as one batch.
 * @returns the answers in the order of the rows, and the seconds inside the model for all of them
 * @throws {UnansweredRows} when the model has no finite answer for some of them
 * @throws {DomainError} `model_unavailable`
 */
export async function scoreRows(model: OpenModel, schema: ModelSchema, rows: Row[]): Promise<Scored> {
  const { outputs, seconds } = await model.run(buildFeeds(schema, rows), neededOutputs(schema));
  return { answers: readAnswers(schema, outputs, rows.length), seconds };
}

/** Why a row that the schema takes is refused all the same: its fields outside of what the model was trained on, or the row where none is. */
function explainUnanswered(row: RawRow | undefined, warnings: Warning[] = []): FieldProblem[] {
  const sentence = "The model has no finite answer for this row. Send values nearer to those it was trained on.";
  if (warnings.length === 0) return [{ pointer: row?.pointer ?? "#", detail: sentence }];
  return warnings.map(({ pointer, detail }) => ({ pointer, detail: `${detail} It has no finite answer for this row.` }));
}

/**
 * What to tell a caller whose rows could not be scored. A model that has no finite answer to a row has none when it is asked again either:
 * it is the row that is refused, though the schema takes it.
 * @param error what scoring them threw
 * @param rows as they were sent
 * @returns `invalid_input` with pointers into the rows without an answer, or the error as it is
 */
export function toRowProblems(error: unknown, rows: RawRow[], { warnings }: CheckedRows): unknown {
  if (!(error instanceof UnansweredRows)) return error;
  const errors = error.rows.flatMap((place) => explainUnanswered(rows[place], warnings[place]));
  const which = rows.length === 1 ? "these values" : `${error.rows.length} of the ${rows.length} rows`;
  return new DomainError("invalid_input", `The model has no finite answer for ${which}.`, { errors, cause: error });
}
