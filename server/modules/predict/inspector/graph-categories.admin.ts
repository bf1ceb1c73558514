import "server-only";
import type { GraphNode, ModelFacts } from "@/server/modules/predict/inspector/model-facts.admin";

/** One column of an input. */
interface Origin {
  input: string;
  column: number;
}

/** The values one column may have, as the graph was trained with them. */
export interface KnownCategories extends Origin {
  values: (string | number)[];
}

/** Their output has the columns of their first input. */
const KEEPS_COLUMNS = new Set(["Identity", "Cast", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "StringNormalizer", "Imputer"]);
const PICKS_COLUMNS = new Set(["ArrayFeatureExtractor", "Gather"]);
const ENCODERS = new Set(["OneHotEncoder", "LabelEncoder"]);

/** The columns of what a node puts out; null where they cannot be told. */
function columnsAfter(node: GraphNode, known: Map<string, Origin[]>, indexes: ModelFacts["indexes"]): Origin[] | null {
  const first = known.get(node.inputs[0] ?? "") ?? null;
  if (KEEPS_COLUMNS.has(node.opType)) return first;
  if (PICKS_COLUMNS.has(node.opType)) {
    const picked = indexes.get(node.inputs[1] ?? "")?.map((index) => first?.[index]);
    return picked?.every((origin) => origin !== undefined) ? picked : null;
  }
  if (node.opType !== "Concat") return null;
  const parts = node.inputs.map((name) => known.get(name));
  return parts.every((part) => part !== undefined) ? parts.flat() : null;
}

/**
 * Follows the columns of the inputs to the encoders of the graph (scikit-learn's one-hot and ordinal encoders), which name every value
 * a column had in training.
 * @param widths how many columns each input has
 */
export function findCategories({ graph, indexes }: ModelFacts, widths: ReadonlyMap<string, number>): KnownCategories[] {
  const known = new Map<string, Origin[]>();
  for (const [input, width] of widths)
    known.set(
      input,
      Array.from({ length: width }, (_unused, column) => ({ input, column })),
    );
  const found = new Map<string, KnownCategories>();
  for (const node of graph) {
    const [origin, ...others] = known.get(node.inputs[0] ?? "") ?? [];
    const values = ENCODERS.has(node.opType) ? node.categories : [];
    if (origin && others.length === 0 && values.length > 0)
      found.set(`${origin.column}\n${origin.input}`, { ...origin, values: [...new Set(values)] });
    const columns = columnsAfter(node, known, indexes);
    const [output] = node.outputs;
    if (columns && output !== undefined) known.set(output, columns);
  }
  return [...found.values()];
}
