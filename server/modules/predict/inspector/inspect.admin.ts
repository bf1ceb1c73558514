import "server-only";
import { createHash } from "node:crypto";
import type { InspectedFile } from "@/lib/contracts/inspection.admin";
import type { ModelSchema } from "@/lib/contracts/model-schema";
import { type Asked, loadForeignFile, openForeignFile } from "@/server/modules/predict/inspector/asked.admin";
import { assertBoundedWork } from "@/server/modules/predict/inspector/bounded-work.admin";
import { draftInputs } from "@/server/modules/predict/inspector/draft-inputs.admin";
import { draftSchema } from "@/server/modules/predict/inspector/draft-schema.admin";
import { type ModelFacts, readFacts } from "@/server/modules/predict/inspector/model-facts.admin";
import { FileRefusal, quoteName } from "@/server/modules/predict/inspector/refusal.admin";
import type { OnnxFile } from "@/server/modules/predict/onnx-file";

/** What a model computes with, from its operators: the first kind that is there. */
const algorithms: readonly [RegExp, string][] = [
  [/^TreeEnsemble/, "Tree ensemble"],
  [/^SVM/, "Support vector machine"],
  [/^(LSTM|GRU|RNN)$/, "Recurrent neural network"],
  [/^Attention$|^MultiHeadAttention$|^LayerNormalization$/, "Transformer"],
  [/^Conv/, "Convolutional neural network"],
  [/^LinearClassifier$/, "Linear classifier"],
  [/^LinearRegressor$/, "Linear regression"],
  [/^(Gemm|MatMul|MatMulInteger)$/, "Neural network or linear model"],
];

/** Characters that an inspection and the schema drafted from it may take: every page of the model carries the schema. */
const MOST_TOLD = 1_000_000;

function guessAlgorithm({ told: { operators } }: ModelFacts): string {
  return algorithms.find(([pattern]) => operators.some(({ name }) => pattern.test(name)))?.[1] ?? "ONNX model";
}

/** @throws {FileRefusal} for a graph that no row can be asked of */
function assertAnswers({ training, told: { inputs, outputs } }: ModelFacts): void {
  if (training) {
    throw new FileRefusal(
      "The file holds a graph for training, not only the model. Export it for inference (model.eval(), training=TrainingMode.EVAL in " +
        "torch.onnx.export).",
    );
  }
  if (outputs.length === 0)
    throw new FileRefusal("The model has no outputs. Name what it should give (output_names in torch.onnx.export) and export it again.");
  if (inputs.length === 0)
    throw new FileRefusal(
      "The model takes no input: it would answer everybody the same. Export it with the values it depends on as inputs.",
    );
  const [unusable] = inputs.filter(({ dtype }) => ["sequence", "map", "optional", "sparse tensor", "unknown"].includes(dtype));
  if (!unusable) return;
  throw new FileRefusal(
    `The input ${quoteName(unusable.name)} is ` +
      `${unusable.dtype === "unknown" ? "of no type that is known" : `of the kind ${unusable.dtype}`}, which cannot be sent. ` +
      "Export the model with plain tensors as inputs.",
  );
}

function tellRepairs({ zipped }: OnnxFile): string[] {
  return [...zipped].map(([output, labels]) => {
    const order = labels.length > 0 && labels.length <= 20 ? `, in the order ${labels.join(", ")}` : "";
    return (
      `The ZipMap at the output ${quoteName(output)} was taken out: its probabilities are plain numbers now${order}. Answers ` +
      "stay the same."
    );
  });
}

/**
 * What loading may take of a processor, in seconds: the runtime loads a model in one go, and the process that does it answers nobody
 * meanwhile. Large files may take longer for what is in them; the constants of a small one must not be worked out then.
 */
const LONGEST_LOAD_S = 3;
const BYTES_A_SECOND = 20 * 1024 * 1024;
const LONG_LOAD_S = 0.5;

/**
 * What is to be said of how long a model takes to load.
 * @param seconds of one processor
 * @param bytes of the file
 * @throws {FileRefusal}
 */
function tellLoad(seconds: number, bytes: number): InspectedFile["inspection"]["warnings"] {
  const longest = LONGEST_LOAD_S + bytes / BYTES_A_SECOND;
  const remedy = "Let its constants be computed before it is saved (onnxsim), or export it with fewer nodes.";
  if (seconds > longest) {
    throw new FileRefusal(
      `The model takes ${seconds.toFixed(1)} s to load, and may take ${longest.toFixed(0)}: while it is loaded no other call is answered. ${remedy}`,
    );
  }
  const detail = `The model takes ${seconds.toFixed(1)} s to load, in which calls to other models wait.`;
  return seconds > LONG_LOAD_S ? [{ detail, remedy }] : [];
}

/**
 * Everything about a foreign file: what it says about itself, whether it can be run, and a schema drafted from it. The model is loaded
 * and asked once.
 * @param base the schema of a version of the same model, if there is one
 * @throws {FileRefusal} with a sentence that says why it cannot be used and what to do
 */
export async function inspectModel(asked: Asked, base: ModelSchema | null): Promise<InspectedFile> {
  const { file } = asked;
  const opened = openForeignFile(file);
  const facts = readFacts(file);
  assertAnswers(facts);
  assertBoundedWork(file);
  const drafted = draftInputs(facts);
  const start = performance.now();
  const used = process.cpuUsage();
  const model = await loadForeignFile(opened, asked);
  const load_ms = performance.now() - start;
  const { user, system } = process.cpuUsage(used);
  const slow = tellLoad((user + system) / 1e6, file.length);
  const { schema, warnings, problems, runMilliseconds } = await draftSchema({ opened, model, facts }, drafted, base, asked);
  const [zipped] = opened.zipped.values();
  const inspection = {
    ...facts.told,
    bytes: file.length,
    sha256: createHash("sha256").update(file).digest("hex"),
    class_labels: zipped ?? opened.labels,
    categories: drafted.known,
    repairs: tellRepairs(opened),
    warnings: [...slow, ...warnings],
    problems,
    load_ms: Number(load_ms.toFixed(2)),
    run_ms: Number(runMilliseconds.toFixed(3)),
  };
  const told = JSON.stringify([inspection, schema]).length;
  if (told > MOST_TOLD) {
    throw new FileRefusal(
      `What the file says about its values and classes takes ${(told / 1e6).toFixed(1)} MB, more than a page can show. Export it with fewer ` +
        "or shorter names.",
    );
  }
  return { kind: "inspected", inspection, schema, algorithm: guessAlgorithm(facts) };
}
