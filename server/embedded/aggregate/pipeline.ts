import type { Document } from "../bson";
import { fail, failLocation } from "../errors";
import { ELSEWHERE } from "../expressions/elsewhere";
import type { Flow, PipelineContext, Stage } from "./context";
import { compileFacet, compileLookup, compileUnionWith } from "./lookup";
import { STAGE_NAMES } from "./stage-names";
import { readStage, requirePipeline, SIMPLE_STAGES } from "./stages";

export type { Budget, PipelineContext } from "./context";

/** Where a pipeline's documents go instead of to the client. */
export interface Sink {
  kind: "out" | "merge";
  spec: unknown;
}

const FIRST_ONLY = new Set(["$changeStream", "$documents", "$collStats", "$indexStats", "$listLocalSessions"]);
const NOT_IN_FACET = new Set(["$facet", "$out", "$merge", ...FIRST_ONLY]);

/**
 * Checks the shape and names of a command's pipeline and takes `$out` or `$merge` off its end. Throws 40323, 40324 for an
 * unknown stage, 40601/40602 for a stage in the wrong place.
 */
export function splitSink(pipeline: unknown): { stages: Document[]; sink: Sink | null } {
  const all = requirePipeline(pipeline);
  let sink: Sink | null = null;
  const stages: Document[] = [];
  for (const [position, stage] of all.entries()) {
    const [name, spec] = readStage(stage);
    requireKnown(name);
    if (name === "$out" || name === "$merge") {
      if (position !== all.length - 1) failLocation(40601, `${name} can only be the final stage in the pipeline`);
      sink = { kind: name === "$out" ? "out" : "merge", spec };
    } else {
      if (position > 0 && FIRST_ONLY.has(name)) failLocation(40602, `${name} is only valid as the first stage in a pipeline.`);
      stages.push({ [name]: spec });
    }
  }
  return { stages, sink };
}

function requireKnown(name: string): void {
  if (!STAGE_NAMES.has(name)) failUnknownStage(name);
}

function failUnknownStage(name: string): never {
  failLocation(40324, `Unrecognized pipeline stage name: '${name}' ${ELSEWHERE}`);
}

/**
 * Runs a pipeline. It is checked as a whole at once; the documents come lazily, and stages that need all of their input
 * read it when the first result is pulled.
 */
export function runPipeline(documents: Flow, pipeline: readonly unknown[], context: PipelineContext): Flow {
  return compilePipeline(pipeline, 0)(documents, context);
}

const NESTING_LIMIT = 20;

function compilePipeline(pipeline: unknown, depth: number, excluded?: ReadonlySet<string>): Stage {
  if (depth > NESTING_LIMIT) fail(232, "MaxSubPipelineDepthExceeded", "Maximum number of nested sub-pipelines exceeded");
  const stages = requirePipeline(pipeline).map((stage, position) => {
    const [name, spec] = readStage(stage);
    requireKnown(name);
    if (excluded?.has(name)) failLocation(40600, `${name} is not allowed to be used within a $facet stage`);
    if (position > 0 && FIRST_ONLY.has(name)) failLocation(40602, `${name} is only valid as the first stage in a pipeline.`);
    return compileStage(name, spec, depth);
  });
  return (input, context) => stages.reduce((flow, stage) => pausing(stage(flow, context), context), pausing(input, context));
}

function* pausing(input: Flow, { budget }: PipelineContext): Flow {
  for (const document of input) {
    budget?.checkTime();
    yield document;
    if (document && budget?.isSliceOver()) yield undefined;
  }
}

function compileStage(name: string, spec: unknown, depth: number): Stage {
  const nested = (pipeline: unknown) => compilePipeline(pipeline, depth + 1);
  switch (name) {
    case "$lookup":
      return compileLookup(spec, nested);
    case "$unionWith":
      return compileUnionWith(spec, nested);
    case "$facet":
      return compileFacet(spec, (pipeline) => compilePipeline(pipeline, depth + 1, NOT_IN_FACET));
    default: {
      const compile = SIMPLE_STAGES.get(name);
      return compile ? compile(spec) : failUnknownStage(name);
    }
  }
}
