import "server-only";
import { checkRow } from "@/lib/check-row";
import type { Histogram } from "@/lib/contracts/catalog";
import type { ReadRows, TrainingReport } from "@/lib/contracts/inspection.admin";
import type { InputField, ModelSchema, OutputField } from "@/lib/contracts/model-schema";
import type { Answer, PredictionOutput, Row } from "@/lib/contracts/predict";
import { MAX_CSV_ROWS } from "@/lib/contracts/uploads.admin";
import { type CsvTable, parseCsv } from "@/lib/csv";
import { DomainError } from "@/server/core/errors";
import { UnansweredRows } from "@/server/modules/predict/answers";
import { type Asked, loadForeignFile, openForeignFile } from "@/server/modules/predict/inspector/asked.admin";
import { describeColumn } from "@/server/modules/predict/inspector/columns.admin";
import { quoteName } from "@/server/modules/predict/inspector/refusal.admin";
import { scoreRows } from "@/server/modules/predict/rows";
import type { OpenModel } from "@/server/modules/predict/runtime";
import { assertSchemaFits } from "@/server/modules/predict/schema-check";

const BATCH_ROWS = 1_000;
/** Asking the model ends after this time; the rows so far are what counts. */
const ASKING_MS = 6_000;
const BINS = 20;
const NAMED_COLUMNS = 20;

interface Column {
  column: string;
  index: number;
  field: InputField;
}

const plain = (text: string) => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "");

/** Columns with the fields they belong to: by the field's name, or else by its label. */
function matchColumns({ header }: CsvTable, fields: InputField[]): Column[] {
  const byName = new Map(header.map((column, index) => [plain(column), { column, index }]));
  return fields.flatMap((field) => {
    const found = byName.get(plain(field.name)) ?? byName.get(plain(field.label));
    return found ? [{ ...found, field }] : [];
  });
}

function readTable(csv: string, schema: ModelSchema): { table: CsvTable; matched: Column[] } {
  const table = parseCsv(csv, MAX_CSV_ROWS);
  if ("problem" in table) {
    const errors = [{ pointer: "#/csv", detail: table.problem }];
    throw new DomainError(
      "invalid_input",
      `The file of rows cannot be read. ${table.problem} Save it as CSV with commas, UTF-8 and a line of names first.`,
      { errors },
    );
  }
  const matched = matchColumns(table, schema.inputs);
  if (matched.length > 0 && table.rows.length > 0) return { table, matched };
  const has = table.header.slice(0, NAMED_COLUMNS).map(quoteName).join(", ");
  const words =
    table.rows.length === 0
      ? "The file has a line of names and no rows."
      : `None of the columns is a field of this model. The file has ${has}; name its columns as the fields are named.`;
  throw new DomainError("invalid_input", words, { errors: [{ pointer: "#/csv", detail: words }] });
}

/** The figure of an answer that has a distribution: the probability of the positive class, or the value. */
function figureOf(output: OutputField, answer: Answer | undefined): number | undefined {
  if (output.kind === "number" && answer && "value" in answer) return answer.value;
  if (output.kind !== "class" || output.positiveClass === undefined || !answer || !("probabilities" in answer)) return undefined;
  return answer.probabilities[String(output.positiveClass)];
}

/** Counts in bins of the same width between the smallest and the largest figure. */
function countFigures(figures: number[]): Histogram {
  const low = figures.reduce((least, figure) => Math.min(least, figure), Infinity);
  const high = figures.reduce((most, figure) => Math.max(most, figure), -Infinity);
  const [start, width] = high > low ? [low, (high - low) / BINS] : [low - 0.5, 1 / BINS];
  const counts = Array.from({ length: BINS }, () => 0);
  for (const figure of figures) {
    const bin = Math.min(BINS - 1, Math.floor((figure - start) / width));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { edges: Array.from({ length: BINS + 1 }, (_unused, index) => Number((start + index * width).toPrecision(9))), counts };
}

interface CheckedTable {
  rows: Row[];
  refused: number;
  reason: string | null;
}

/** The rows of the table as rows of the model; an empty cell is a value left out. */
function checkTable(table: CsvTable, matched: Column[], schema: ModelSchema): CheckedTable {
  const checked: CheckedTable = { rows: [], refused: 0, reason: null };
  table.rows.forEach((cells, line) => {
    const filled = matched.filter(({ index }) => cells[index] !== "").map(({ field, index }) => [field.name, cells[index]] as const);
    const { row, errors } = checkRow(schema, Object.fromEntries(filled), "#");
    const [first] = errors;
    if (!first) return void checked.rows.push(row);
    checked.refused += 1;
    checked.reason ??= `Row ${line + 1}, ${first.pointer.slice(2)}: ${first.detail}`;
  });
  return checked;
}

/** Answers to the rows that have one. @throws {DomainError} where the model answers none of them */
async function scoreAnswerable(model: OpenModel, schema: ModelSchema, rows: Row[]): Promise<PredictionOutput[]> {
  try {
    return (await scoreRows(model, schema, rows)).answers;
  } catch (error) {
    if (!(error instanceof UnansweredRows) || error.rows.length === rows.length) throw error;
    const unanswered = new Set(error.rows);
    const others = rows.filter((_row, place) => !unanswered.has(place));
    return (await scoreRows(model, schema, others)).answers;
  }
}

/** Answers to as many rows as there is time for, batch by batch; a row or a batch that cannot be answered is left out. */
async function answerRows(
  model: OpenModel,
  schema: ModelSchema,
  checked: CheckedTable,
): Promise<{ answers: PredictionOutput[]; skipped: TrainingReport["skipped"] }> {
  const answers: PredictionOutput[] = [];
  let { reason } = checked;
  const end = performance.now() + ASKING_MS;
  for (let start = 0; start < checked.rows.length; start += BATCH_ROWS) {
    if (performance.now() > end) {
      reason = "There was no time for all rows; those at the beginning were asked.";
      break;
    }
    const batch = checked.rows.slice(start, start + BATCH_ROWS);
    const before = answers.length;
    try {
      answers.push(...(await scoreAnswerable(model, schema, batch)));
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
    }
    if (answers.length < before + batch.length) reason ??= "The model gave no usable answer.";
  }
  return { answers, skipped: { rows: checked.refused + checked.rows.length - answers.length, reason } };
}

/**
 * What training rows say about a model's fields (ranges, steps, choices, defaults) and how its answers to them are distributed.
 * @param csv names first, at most 50,000 rows
 * @throws {FileRefusal} when the model's file cannot be loaded
 * @throws {DomainError} `invalid_input`, when the rows cannot be read or belong to another model
 */
export async function readTrainingRows(asked: Asked, schema: ModelSchema, csv: string): Promise<ReadRows> {
  const { table, matched } = readTable(csv, schema);
  const described = matched.map(({ field, index }) =>
    describeColumn(
      field,
      table.rows.map((cells) => cells[index] ?? ""),
    ),
  );
  const byName = new Map(described.map(({ field }) => [field.name, field]));
  const changed = { ...schema, inputs: schema.inputs.map((field) => byName.get(field.name) ?? field) };
  const opened = openForeignFile(asked.file);
  const model = await loadForeignFile(opened, asked);
  assertSchemaFits(changed, opened, model);
  asked.enter("run");
  const { answers, skipped } = await answerRows(model, changed, checkTable(table, matched, changed));
  const reference = Object.fromEntries(
    changed.outputs.flatMap((output) => {
      const figures = answers.map((answer) => figureOf(output, answer[output.name])).filter((figure) => figure !== undefined);
      return figures.length > 0 ? [[output.name, countFigures(figures)] as const] : [];
    }),
  );
  const used = new Set(matched.map(({ index }) => index));
  const report: TrainingReport = {
    rows: table.rows.length,
    matched: matched.map(({ column, field }) => ({ column, field: field.name })),
    unused: table.header.filter((_column, index) => !used.has(index)),
    missing: schema.inputs.filter(({ name }) => !byName.has(name)).map(({ name }) => name),
    found: described.map(({ field, detail }) => ({ field: field.name, detail })),
    skipped,
    reference: Object.keys(reference),
  };
  return { kind: "rows", schema: changed, reference, report };
}
