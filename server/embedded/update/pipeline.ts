import { compileAddFields, compileProjectStage, compileReplaceRoot, compileUnset, type Transform } from "../aggregate/fields";
import { STAGE_NAMES } from "../aggregate/stage-names";
import { cloneDocument, type Document } from "../bson";
import { fail, failLocation } from "../errors";
import type { Variables } from "../expressions/scope";
import { isDocument } from "../types";

const STAGES: ReadonlyMap<string, (argument: unknown) => Transform> = new Map([
  ["$set", (argument: unknown) => compileAddFields("$set", argument)],
  ["$addFields", (argument: unknown) => compileAddFields("$addFields", argument)],
  ["$unset", compileUnset],
  ["$project", compileProjectStage],
  ["$replaceRoot", (argument: unknown) => compileReplaceRoot("$replaceRoot", argument)],
  ["$replaceWith", (argument: unknown) => compileReplaceRoot("$replaceWith", argument)],
]);

/** Compiles a pipeline used as an update. Throws 72 for a stage that has no place in one, 40324 for an unknown one. */
export function compileUpdatePipeline(stages: unknown[], variables: Variables): (document: Document) => Document {
  const transforms = stages.map((stage) => {
    if (!isDocument(stage) || Object.keys(stage).length !== 1) {
      failLocation(40323, "A pipeline stage specification object must contain exactly one field.");
    }
    const [name = "", argument] = Object.entries(stage)[0] ?? [];
    const compile = STAGES.get(name);
    if (compile) return compile(argument);
    if (STAGE_NAMES.has(name)) fail(72, "InvalidOptions", `${name} is not allowed to be used within an update`);
    return failLocation(40324, `Unrecognized pipeline stage name: '${name}'`);
  });
  return (document) => transforms.reduce((current, transform) => transform(current, variables), cloneDocument(document));
}
