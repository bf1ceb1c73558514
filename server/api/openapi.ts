import "server-only";
import { z } from "zod";
import type { ModelDetail } from "@/lib/contracts/catalog";
import { MAX_ROWS } from "@/lib/contracts/predict";
import packageFile from "@/package.json";
import { answer, answerCacheable, assertReading } from "@/server/core/answer";
import { describeInputRow, describeOutput, type JsonSchema } from "@/server/api/json-schema";
import {
  describeContracts,
  describeProblems,
  headers,
  parameters,
  personalHeaders,
  predictionHeaders,
  problemResponses,
  readHeaders,
  refTo,
  refToShape,
  securitySchemes,
} from "@/server/api/openapi-components";
import type { Route } from "@/server/api/route";
import { routes } from "@/server/api/routes";
import { env } from "@/server/core/env";
import type { ErrorCode } from "@/server/core/errors";
import { toResponse } from "@/server/core/exchange";
import { answerNowhere, serves } from "@/server/core/served";
import { getModel, listModels } from "@/server/modules/catalog/service";

/** A key that is not good refuses the call wherever it is sent. */
const everywhere: ErrorCode[] = [
  "key_invalid", "key_revoked", "key_expired", "forbidden", "method_not_allowed", "not_acceptable", "internal_error",
];
/** By {@link Route.access}: an empty requirement beside another makes it optional. */
const security = { anyone: [], visitor: [{ bearer: [] }, {}], customer: [{ bearer: [] }] };
const successHeaders = { anyone: readHeaders, visitor: predictionHeaders, customer: personalHeaders };
const refToParameter = (name: keyof typeof parameters) => ({ $ref: `#/components/parameters/${name}` });

/** A form that has a name is told by it: the pattern of a moment in time fills a screen. */
function namedForm({ pattern, ...rest }: JsonSchema): JsonSchema {
  return pattern === undefined || "format" in rest ? rest : { ...rest, pattern };
}

function queryParameters(route: Route): JsonSchema[] {
  if (!route.query) return [];
  const { properties = {}, required = [] } = z.toJSONSchema(route.query, { io: "output" });
  return Object.entries(properties).map(([name, schema]) => {
    const { description, ...form } = namedForm(typeof schema === "object" ? { ...schema } : {});
    return { name, in: "query", required: required.includes(name), ...(description !== undefined && { description }), schema: form };
  });
}

function pathParameters(route: Route): JsonSchema[] {
  const known = { "{model}": "Model", "{version}": "Version", "{id}": "PredictionId" } as const;
  return Object.entries(known).flatMap(([part, name]) => (route.path.includes(part) ? [refToParameter(name)] : []));
}

/** What goes in and out of a predicting operation: the same for all models, or one model's own. */
interface Shapes {
  request: JsonSchema;
  response: JsonSchema;
  examples?: Record<string, unknown>;
  exampleAnswers?: Record<string, unknown>;
}

function describeOperation(route: Route, shapes: Shapes): JsonSchema {
  const { operationId, summary, description, tag, method } = route;
  const posts = method === "POST";
  const missing: ErrorCode[] = route.access === "customer" ? ["key_missing"] : [];
  const content = { schema: shapes.response, ...(shapes.exampleAnswers && { examples: shapes.exampleAnswers }) };
  const body = { schema: shapes.request, ...(shapes.examples && { examples: shapes.examples }) };
  return {
    operationId,
    summary,
    description,
    tags: [tag],
    security: security[route.access],
    parameters: [
      ...pathParameters(route),
      ...queryParameters(route),
      refToParameter("RequestId"),
      ...(posts ? [refToParameter("IdempotencyKey")] : []),
    ],
    ...(posts && { requestBody: { required: true, content: { "application/json": body } } }),
    responses: {
      200: {
        description: posts ? "The answer; a list in the order of the rows for `inputs`." : summary,
        headers: successHeaders[route.access],
        content: { "application/json": content },
      },
      ...problemResponses([...missing, ...route.errors, ...everywhere]),
    },
  };
}

function genericShapes(route: Route): Shapes {
  const [first, ...others] = route.output.map(refToShape);
  const response = others.length === 0 && first ? first : { oneOf: route.output.map(refToShape) };
  return { request: refTo("PredictionRequest"), response };
}

/** `customer-churn` as the beginning of a type's name: `CustomerChurn`. Different slugs give different names. */
function typeName(slug: string): string {
  return slug.split("-").map((word) => (/^[a-z]/.test(word) ? word.charAt(0).toUpperCase() + word.slice(1) : `_${word}`)).join("");
}

/** One model's own types: what a generated client calls the row, the output, the body and the answer. */
function modelTypes({ slug, card, live }: ModelDetail): Record<string, JsonSchema> {
  const name = typeName(slug);
  const one = (property: string, shape: JsonSchema) => {
    return { type: "object", properties: { [property]: shape }, required: [property], additionalProperties: false };
  };
  const rows = { type: "array", items: refTo(`${name}Input`), minItems: 1, maxItems: MAX_ROWS };
  const { $schema: _input, ...input } = describeInputRow(live.schema, `${card.name}: one row`);
  const { $schema: _output, ...output } = describeOutput(live.schema, `${card.name}: the output`);
  const narrowed = { type: "object", properties: { model: { const: slug }, output: refTo(`${name}Output`) } };
  return {
    [`${name}Input`]: input,
    [`${name}Output`]: output,
    [`${name}Request`]: { oneOf: [one("input", refTo(`${name}Input`)), one("inputs", rows)] },
    [`${name}Prediction`]: { allOf: [refTo("Prediction"), narrowed] },
    [`${name}PredictionList`]: {
      type: "object",
      properties: { object: { const: "list" }, data: { type: "array", items: refTo(`${name}Prediction`) } },
      required: ["object", "data"],
    },
  };
}

/** The example's answer as this version gave it; id and times are of no call in particular. */
function exampleAnswer({ slug, live }: ModelDetail, index: number): JsonSchema {
  const chosen = live.examples[index];
  return {
    id: "prd_01JDZ000000000000000000000",
    object: "prediction",
    model: slug,
    version: live.version,
    arm: "live",
    status: "succeeded",
    input: chosen?.input,
    output: chosen?.output,
    warnings: [],
    metrics: { predict_time: live.latency.p50_ms / 1000 },
    created_at: live.created_at,
    completed_at: live.created_at,
    request_id: "req_01JDZ000000000000000000000",
  };
}

function modelPath(route: Route, model: ModelDetail): [string, JsonSchema] {
  const { slug, card, live } = model;
  const name = typeName(slug);
  const examples = live.examples.map((each, index) => [`example_${index + 1}`, { summary: each.name, value: { input: each.input } }]);
  const answers = live.examples.map((each, index) => [`example_${index + 1}`, { summary: each.name, value: exampleAnswer(model, index) }]);
  const own: Route = {
    ...route,
    operationId: `predict${name}`,
    path: `/models/${slug}/predictions`,
    tag: card.name,
    summary: card.pitch === "" ? card.name : card.pitch,
    description: `Asks version ${live.version} of ${card.name}, live now. ${route.description}`,
  };
  const shapes = {
    request: refTo(`${name}Request`),
    response: { oneOf: [refTo(`${name}Prediction`), refTo(`${name}PredictionList`)] },
    examples: Object.fromEntries(examples),
    exampleAnswers: Object.fromEntries(answers),
  };
  return [`/api/v1${own.path}`, { post: describeOperation(own, shapes) }];
}

function healthPath(operationId: string, summary: string): JsonSchema {
  const content = { "application/json": { schema: refTo("Health") } };
  const own = { "request-id": readHeaders["request-id"] };
  const ready = { description: "All is well.", headers: own, content };
  const later = { "Retry-After": { $ref: "#/components/headers/RetryAfter" } };
  const unready = { description: "A check failed; the body says which.", headers: { ...own, ...later }, content };
  return { get: { operationId, summary, tags: ["Service"], security: [], responses: { 200: ready, 503: unready } } };
}

/**
 * The OpenAPI 3.1 document of the whole REST door. It depends on the published models alone: the same models give the same bytes.
 * @param models all published models, in the order of their slugs
 * @param serverUrl where the addresses begin; `/` means where the document was found
 */
export function describeApi(models: ModelDetail[], serverUrl: string): JsonSchema {
  const generic = routes.map((route) => {
    return [`/api/v1${route.path}`, { [route.method.toLowerCase()]: describeOperation(route, genericShapes(route)) }];
  });
  const predicting = routes.find((route) => route.operationId === "createPrediction");
  const own = predicting ? models.map((model) => modelPath(predicting, model)) : [];
  const tags = ["Models", "Predictions", ...models.map(({ card }) => card.name), "Account", "Service"];
  return {
    openapi: "3.1.0",
    info: {
      title: "Vitrine",
      version: packageFile.version,
      description:
        "Ask published models over HTTP. With a key, predictions are kept for you and counted by your plan; " +
        "without one, calls and rows a minute are limited by address.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: serverUrl }],
    security: [],
    tags: tags.map((name) => ({ name })),
    paths: {
      ...Object.fromEntries([...own, ...generic]),
      "/api/livez": healthPath("getLiveness", "Whether the service runs"),
      "/api/readyz": healthPath("getReadiness", "Whether the database answers and models can be loaded"),
    },
    components: {
      schemas: { ...describeContracts(), ...Object.assign({}, ...models.map(modelTypes)) },
      headers,
      parameters,
      securitySchemes,
      responses: describeProblems(),
    },
  };
}

async function listLiveModels(): Promise<{ slug: string; live_version: number }[]> {
  const found = [];
  let cursor: string | undefined;
  do {
    const page = await listModels({ limit: 100, cursor });
    found.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return found;
}

let latest: { key: string; text: string } | undefined;

/** The document as text, made anew only when another version of a model is live. */
export async function openApiText(): Promise<string> {
  const live = await listLiveModels();
  const key = live.map(({ slug, live_version }) => `${slug}:${live_version}`).join(" ");
  if (latest?.key === key) return latest.text;
  const models = await Promise.all(live.map(({ slug }) => getModel(slug)));
  const text = JSON.stringify(describeApi(models, env().publicUrl ?? "/"));
  latest = { key, text };
  return text;
}

/** `GET /api/openapi.json`. */
export async function handleOpenApi(request: Request): Promise<Response> {
  if (!serves("api")) return answerNowhere(request);
  const write = async () => {
    assertReading(request);
    return toResponse(answerCacheable(request, await openApiText()));
  };
  return answer(request, write, { surface: "api", route: "/api/openapi.json" });
}
