import "server-only";
import type { InspectionNote } from "@/lib/contracts/inspection.admin";
import { modelSchema, type ModelSchema } from "@/lib/contracts/model-schema";
import { DomainError } from "@/server/core/errors";
import { type Asked, createDefaultRow } from "@/server/modules/predict/inspector/asked.admin";
import type { DraftedInputs } from "@/server/modules/predict/inspector/draft-inputs.admin";
import { draftOutputs, type SeenOutput } from "@/server/modules/predict/inspector/draft-outputs.admin";
import { keepKnown } from "@/server/modules/predict/inspector/keep-known.admin";
import type { ModelFacts } from "@/server/modules/predict/inspector/model-facts.admin";
import { FileRefusal, quoteName, runtimeText } from "@/server/modules/predict/inspector/refusal.admin";
import { tellRunFailure } from "@/server/modules/predict/inspector/runtime-words.admin";
import type { OnnxFile } from "@/server/modules/predict/onnx-file";
import { scoreRows } from "@/server/modules/predict/rows";
import type { OpenModel } from "@/server/modules/predict/runtime";
import { assertSchemaFits } from "@/server/modules/predict/schema-check";
import { buildFeeds } from "@/server/modules/predict/tensors";

/** More than one, so that a model that takes one row at a time is found out. */
const TEST_ROWS = 2;

/** A file that is open and loaded. */
export interface LoadedFile {
  opened: OnnxFile;
  model: OpenModel;
  facts: ModelFacts;
}

export interface DraftedSchema {
  schema: ModelSchema;
  warnings: InspectionNote[];
  problems: InspectionNote[];
  runMilliseconds: number;
}

function tellGuess(input: string): string {
  return (
    `The file does not say how many values a row of its input ${quoteName(input)} has, and the model does not answer one. ` +
    "Export it with that number: [None, 30] as initial type in skl2onnx, or without dynamic_axes for that dimension in torch.onnx.export."
  );
}

/** What the model gives for rows of default values, for every output that is a tensor. @throws {FileRefusal} when it does not answer */
async function runDefaults(
  { model }: LoadedFile,
  drafted: DraftedInputs,
  { limits, enter }: Asked,
): Promise<{ seen: SeenOutput[]; milliseconds: number }> {
  const row = createDefaultRow(drafted);
  const schema: ModelSchema = {
    schemaVersion: 1,
    task: "other",
    inputs: drafted.inputs,
    tensors: { inputs: drafted.tensors, outputs: [] },
    outputs: [],
  };
  const feeds = buildFeeds(
    schema,
    Array.from({ length: TEST_ROWS }, () => row),
  );
  const tensors = model.outputs.filter((output) => output.dtype !== null);
  if (tensors.length === 0)
    throw new FileRefusal(
      "The model gives sequences or maps only, which cannot be shown. Export it with tensors as outputs (zipmap=False in skl2onnx).",
    );
  enter("run");
  const start = performance.now();
  try {
    const { outputs: results } = await model.run(
      feeds,
      tensors.map(({ name }) => name),
    );
    const seen = tensors.map(({ name, dtype }): SeenOutput => {
      const { dims, data } = results.get(name) ?? { dims: [], data: [] };
      return { name, dtype: dtype ?? "", width: dims[0] === TEST_ROWS ? data.length / TEST_ROWS : Number.NaN, data };
    });
    return { seen, milliseconds: performance.now() - start };
  } catch (error) {
    throw new FileRefusal(drafted.guessed === null ? tellRunFailure(error, limits) : tellGuess(drafted.guessed), { cause: error });
  }
}

/** What keeps a schema from being published with this file, a note for each; and what is odd about its answers. */
async function judge(schema: ModelSchema, { opened, model }: LoadedFile): Promise<Pick<DraftedSchema, "warnings" | "problems">> {
  const parsed = modelSchema.safeParse(schema);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => ({
      detail: `${path.join(".")}: ${message}.`,
      remedy: "Change this part of the schema.",
    }));
    return { warnings: [], problems };
  }
  try {
    assertSchemaFits(parsed.data, opened, model);
    await scoreRows(
      model,
      parsed.data,
      Array.from({ length: TEST_ROWS }, () => createDefaultRow(parsed.data)),
    );
    return { warnings: [], problems: [] };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    if (error.errors)
      return {
        warnings: [],
        problems: error.errors.map(({ detail }) => ({ detail, remedy: "Change the schema so that it fits the file." })),
      };
    const note = {
      detail: `The answer to a row of default values cannot be shown: ${runtimeText(error)}`,
      remedy: "Choose other defaults, or try a real row before you publish.",
    };
    return { warnings: [note], problems: [] };
  }
}

/** What another version says, where it says it about this file as well. */
async function settle(
  drafted: ModelSchema,
  base: ModelSchema | null,
  loaded: LoadedFile,
): Promise<Pick<DraftedSchema, "schema" | "warnings" | "problems">> {
  if (base) {
    for (const schema of [base, keepKnown(drafted, base)]) {
      const { warnings, problems } = await judge(schema, loaded);
      if (problems.length === 0 && (schema !== base || warnings.length === 0)) return { schema, warnings, problems };
    }
  }
  return { schema: drafted, ...(await judge(drafted, loaded)) };
}

/**
 * The schema of a file as far as the file tells it, after the model answered rows of default values.
 * @param base of a version of the same model: what it says about the same tensors is kept
 * @throws {FileRefusal} when the model does not answer, or answers nothing that can be shown
 */
export async function draftSchema(
  loaded: LoadedFile,
  drafted: DraftedInputs,
  base: ModelSchema | null,
  asked: Asked,
): Promise<DraftedSchema> {
  const described = new Set(drafted.tensors.map(({ name }) => name));
  const hidden = loaded.model.inputs.find(({ name }) => !described.has(name));
  if (hidden) throw new FileRefusal(`The model wants an input ${quoteName(hidden.name)} that its graph does not declare. Export it again.`);
  const { seen, milliseconds } = await runDefaults(loaded, drafted, asked);
  const { outputs, tensors, task, warnings } = draftOutputs(seen, loaded.opened, loaded.facts);
  const schema: ModelSchema = {
    schemaVersion: 1,
    task,
    inputs: drafted.inputs,
    tensors: { inputs: drafted.tensors, outputs: tensors },
    outputs,
  };
  const settled = await settle(schema, base, loaded);
  const own = settled.schema === base ? [] : [...drafted.warnings, ...warnings];
  return { ...settled, warnings: [...own, ...settled.warnings], runMilliseconds: milliseconds };
}
