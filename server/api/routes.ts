import "server-only";
import { getModelInput, modelDetail } from "@/lib/contracts/catalog";
import { prediction, predictionList } from "@/lib/contracts/predict";
import { discovery, listModelsQuery, modelList, modelSchemaDocument } from "@/lib/contracts/rest";
import packageFile from "@/package.json";
import { describeInputRow, describeOutput } from "@/server/api/json-schema";
import { personalRoutes } from "@/server/api/personal-routes";
import { part, readQuery, type RestCall, type Route } from "@/server/api/route";
import { env } from "@/server/core/env";
import { DomainError, type ErrorCode } from "@/server/core/errors";

/**
 * One prediction or many, by the key the body holds.
 * @throws {DomainError} `malformed_body` for another envelope; `invalid_input` for fields that no model has
 */
async function predict(call: RestCall, version?: number): Promise<unknown> {
  const keys = Object.keys(call.body);
  const foreign = keys.filter((key) => key !== "input" && key !== "inputs");
  if (keys.length !== 1 || foreign.length > 0) {
    const errors = [{ pointer: "#", detail: "takes `input` (one row) or `inputs` (1 to 1,000 rows), and nothing else" }];
    throw new DomainError("malformed_body", "The body is not a prediction request.", { errors });
  }
  const target = version === undefined ? { model: part(call, "model") } : { model: part(call, "model"), version };
  const { input, inputs } = call.body;
  return keys[0] === "input" ? call.predictOne({ ...target, input }) : call.predictMany({ ...target, inputs });
}

const predictionErrors: ErrorCode[] = [
  "malformed_body", "not_found", "idempotency_in_progress", "body_too_large", "unsupported_media_type", "invalid_input",
  "idempotency_mismatch", "rate_limited", "quota_exhausted", "model_unavailable", "overloaded", "database_unavailable",
];
const readErrors: ErrorCode[] = ["not_found", "database_unavailable"];

/** Every REST address. Dispatch and the OpenAPI document are both made from it. */
export const routes: Route[] = [
  {
    operationId: "discover",
    method: "GET",
    path: "",
    tag: "Service",
    summary: "Where everything is",
    description: "Names the addresses a program starts from.",
    access: "anyone",
    output: [discovery],
    errors: [],
    run: async ({ context: { origin } }) => ({
      object: "api",
      name: "Vitrine",
      version: packageFile.version,
      build: env().build,
      openapi_url: `${origin}/api/openapi.json`,
      docs_url: `${origin}/docs`,
      types_url: `${origin}/vitrine.d.ts`,
      models_url: `${origin}/api/v1/models`,
      predictions_url: `${origin}/api/v1/models/{model}/predictions`,
      health: { livez: `${origin}/api/livez`, readyz: `${origin}/api/readyz` },
    }),
  },
  {
    operationId: "listModels",
    method: "GET",
    path: "/models",
    tag: "Models",
    summary: "The published models",
    description: "A page of models by slug. Pass the last slug as `starting_after` while `has_more` is true.",
    access: "anyone",
    query: listModelsQuery,
    output: [modelList],
    errors: ["invalid_input", "database_unavailable"],
    run: async ({ procedures, query }) => {
      const { starting_after: cursor, ...filter } = readQuery(listModelsQuery, query);
      const page = await procedures.catalog.list({ ...filter, cursor });
      return { object: "list", url: "/api/v1/models", has_more: page.nextCursor !== null, data: page.items };
    },
  },
  {
    operationId: "getModel",
    method: "GET",
    path: "/models/{model}",
    tag: "Models",
    summary: "One model",
    description: "Its card, the inputs and outputs of its live version, figures, examples and measured latency.",
    access: "anyone",
    output: [modelDetail],
    errors: readErrors,
    run: async (call) => call.procedures.catalog.get({ model: part(call, "model") }),
  },
  {
    operationId: "getModelSchema",
    method: "GET",
    path: "/models/{model}/schema",
    tag: "Models",
    summary: "What a model takes and gives, as JSON Schema",
    description: "JSON Schema 2020-12 of one input row and of the `output` of a prediction.",
    access: "anyone",
    output: [modelSchemaDocument],
    errors: readErrors,
    run: async (call) => {
      const { slug, card, live } = await call.procedures.catalog.get({ model: part(call, "model") });
      return {
        object: "model_schema",
        model: slug,
        version: live.version,
        input: describeInputRow(live.schema, `${card.name}: one row`),
        output: describeOutput(live.schema, `${card.name}: the output`),
      };
    },
  },
  {
    operationId: "createPrediction",
    method: "POST",
    predicts: true,
    path: "/models/{model}/predictions",
    tag: "Predictions",
    summary: "Ask the live version",
    description: "One row as `input`, or 1 to 1,000 rows as `inputs`. One bad row refuses the whole call; nothing is run or counted then.",
    access: "visitor",
    output: [prediction, predictionList],
    errors: predictionErrors,
    run: async (call) => predict(call),
  },
  {
    operationId: "createVersionPrediction",
    method: "POST",
    predicts: true,
    path: "/models/{model}/versions/{version}/predictions",
    tag: "Predictions",
    summary: "Ask a numbered version",
    description: "The same, answered by this very version whatever is live.",
    access: "visitor",
    output: [prediction, predictionList],
    errors: predictionErrors,
    run: async (call) => {
      const version = part(call, "version");
      const named = getModelInput.safeParse({ model: part(call, "model"), version: Number(version) });
      if (!/^[1-9]\d*$/.test(version) || !named.success) throw new DomainError("not_found", "There is no such model.");
      return predict(call, named.data.version);
    },
  },
  ...personalRoutes,
];
