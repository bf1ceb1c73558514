/**
 * What changes for customers when one version's schema takes the place of another's: which calls would be refused that were taken
 * before, and which parts of an answer would be missing or mean something else. Those are breaking; the rest is told for the record.
 * How fields fill tensors is not compared, except where it narrows what a field takes.
 */
import type { ModelSchema } from "@/lib/contracts/model-schema";
import { diffInputs } from "@/lib/schema-diff/inputs";
import { diffOutputs } from "@/lib/schema-diff/outputs";
import type { SchemaChange } from "@/lib/schema-diff/change";

/**
 * The differences between two schemas, in the order of the schema: inputs, then outputs; none for equal ones.
 * @param before what customers' calls were written for
 * @param after what would answer them
 */
export function diffSchemas(before: ModelSchema, after: ModelSchema): SchemaChange[] {
  return [...diffInputs(before, after), ...diffOutputs(before.outputs, after.outputs)];
}
