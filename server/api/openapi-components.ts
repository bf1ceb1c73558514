import "server-only";
import { z } from "zod";
import { modelDetail, modelSummary, versionDetail, versionSummary } from "@/lib/contracts/catalog";
import { historyEntry } from "@/lib/contracts/history";
import { modelSchema } from "@/lib/contracts/model-schema";
import { answer, prediction, predictionList, warning } from "@/lib/contracts/predict";
import { fieldProblem, problem } from "@/lib/contracts/problem";
import { discovery, health, historyList, me, modelList, modelSchemaDocument, predictionRequest } from "@/lib/contracts/rest";
import { usageSeries } from "@/lib/contracts/usage";
import type { JsonSchema } from "@/server/api/json-schema";
import { type ErrorCode, errorKind, publicErrorKinds } from "@/server/core/errors";

/** The shapes that have a name in the document. */
const named = {
  Answer: answer,
  Discovery: discovery,
  FieldProblem: fieldProblem,
  Health: health,
  HistoryEntry: historyEntry,
  HistoryList: historyList,
  Me: me,
  Model: modelDetail,
  ModelList: modelList,
  ModelSchema: modelSchema,
  ModelSchemaDocument: modelSchemaDocument,
  ModelSummary: modelSummary,
  Prediction: prediction,
  PredictionList: predictionList,
  PredictionRequest: predictionRequest,
  Problem: problem,
  UsageSeries: usageSeries,
  VersionDetail: versionDetail,
  VersionSummary: versionSummary,
  Warning: warning,
} as const satisfies Record<string, z.ZodType>;

const names = new Map<z.ZodType, string>(Object.entries(named).map(([name, shape]) => [shape, name]));

export function refTo(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

/** The reference to a named shape. @throws {Error} for a shape that has no name, which is a mistake in the route table */
export function refToShape(shape: z.ZodType): JsonSchema {
  const name = names.get(shape);
  if (name === undefined) throw new Error("A route answers with a shape that has no name in the document.");
  return refTo(name);
}

/** Every named shape as JSON Schema; shapes inside shapes become references. */
export function describeContracts(): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, shape] of Object.entries(named)) registry.add(shape, { id });
  const { schemas } = z.toJSONSchema(registry, { uri: (id) => `#/components/schemas/${id}`, io: "output" });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => {
      const { $schema: _dialect, $id: _id, ...rest } = schema as JsonSchema;
      return [name, rest];
    }),
  );
}

const text = (description: string) => ({ description, schema: { type: "string" } });
const wholeNumber = (description: string) => ({ description, schema: { type: "integer" } });

export const headers = {
  RequestId: text("Names this call; the caller's own `request-id` is taken over when it is 8 to 64 of `A-Z a-z 0-9 _ -`."),
  ModelVersion: wholeNumber("The version that answered."),
  ModelArm: text("How the version was chosen: `live`, `candidate` or `pinned`."),
  ServerTiming: text("Milliseconds in the model and in the whole call: `model;dur=…, total;dur=…`."),
  RateLimitPolicy: text('What may be spent in which time (IETF ratelimit-headers): `"minute";q=60;w=60, "rows";q=2000;w=60`.'),
  RateLimit: text('What is left, and the seconds until all is back: `"minute";r=59;t=42, "rows";r=1999;t=42`.'),
  XRateLimitLimit: wholeNumber("What may be spent in a minute: calls for a visitor, rows for a customer."),
  XRateLimitRemaining: wholeNumber("What is left of it."),
  XRateLimitReset: wholeNumber("When all of it is back, in seconds since 1970."),
  IdempotentReplayed: text("`true` when this is the answer of an earlier call with the same `Idempotency-Key`."),
  RetryAfter: wholeNumber("Seconds after which asking again makes sense."),
  Allow: text("The methods this address takes."),
  WWWAuthenticate: text("How to come in: `Bearer`, and whether the key that was sent is not good."),
  ETag: text("Names this answer; send it back as `If-None-Match`."),
};

const refToHeader = (name: keyof typeof headers) => ({ $ref: `#/components/headers/${name}` });

export const readHeaders = { "request-id": refToHeader("RequestId"), ETag: refToHeader("ETag") };
export const personalHeaders = { "request-id": refToHeader("RequestId") };
export const predictionHeaders = {
  "request-id": refToHeader("RequestId"),
  "model-version": refToHeader("ModelVersion"),
  "model-arm": refToHeader("ModelArm"),
  "Server-Timing": refToHeader("ServerTiming"),
  "RateLimit-Policy": refToHeader("RateLimitPolicy"),
  RateLimit: refToHeader("RateLimit"),
  "X-RateLimit-Limit": refToHeader("XRateLimitLimit"),
  "X-RateLimit-Remaining": refToHeader("XRateLimitRemaining"),
  "X-RateLimit-Reset": refToHeader("XRateLimitReset"),
  "Idempotent-Replayed": refToHeader("IdempotentReplayed"),
};

export const securitySchemes = {
  bearer: { type: "http", scheme: "bearer", description: "A key of yours, `vt_live_…`, as `Authorization: Bearer …`." },
};

export const parameters = {
  Model: {
    name: "model",
    in: "path",
    required: true,
    description: "A model's slug, or `slug@alias`.",
    schema: { type: "string", maxLength: 140 },
    example: "customer-churn",
  },
  Version: {
    name: "version",
    in: "path",
    required: true,
    description: "The number of a version.",
    schema: { type: "integer", minimum: 1 },
    example: 1,
  },
  PredictionId: {
    name: "id",
    in: "path",
    required: true,
    description: "The id of a prediction.",
    schema: { type: "string" },
    example: "prd_01JDZ000000000000000000000",
  },
  RequestId: {
    name: "request-id",
    in: "header",
    description: "Your own name for this call.",
    schema: { type: "string", pattern: "^[A-Za-z0-9_-]{8,64}$" },
  },
  IdempotencyKey: {
    name: "Idempotency-Key",
    in: "header",
    description:
      "Makes a repeated call safe: for 24 hours the same key and body give the first answer again, uncounted. A refusal frees the key.",
    schema: { type: "string", minLength: 1, maxLength: 255 },
  },
};

/** One named response for each code; those with one status are told apart by the `code` in their body. */
function describeProblem(code: ErrorCode) {
  const kind = errorKind(code);
  const extra = {
    ...("retryAfterSeconds" in kind || kind.status === 429 ? { "Retry-After": refToHeader("RetryAfter") } : {}),
    ...(kind.status === 401 ? { "WWW-Authenticate": refToHeader("WWWAuthenticate") } : {}),
    ...(kind.status === 405 ? { Allow: refToHeader("Allow") } : {}),
  };
  const example = {
    type: `/docs/errors/${code}`,
    title: kind.title,
    status: kind.status,
    detail: kind.title,
    instance: "/api/v1/models/customer-churn/predictions",
    code,
    request_id: "req_01JDZ000000000000000000000",
  };
  return {
    description: `\`${code}\`: ${kind.title}. ${kind.remedy}`,
    headers: { "request-id": refToHeader("RequestId"), ...extra },
    content: { "application/problem+json": { schema: refTo("Problem"), examples: { [code]: { value: example } } } },
  };
}

export function describeProblems(): Record<string, unknown> {
  const codes = Object.keys(publicErrorKinds) as ErrorCode[];
  return Object.fromEntries(codes.map((code) => [code, describeProblem(code)]));
}

/** What an operation may refuse with, by status. Codes that share a status are told together. */
export function problemResponses(codes: ErrorCode[]): Record<string, unknown> {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) byStatus.set(errorKind(code).status, [...(byStatus.get(errorKind(code).status) ?? []), code]);
  const responses = [...byStatus].map(([status, same]) => {
    const [first] = same;
    if (same.length === 1) return [status, { $ref: `#/components/responses/${first}` }];
    const all = same.map(describeProblem);
    const examples = Object.assign({}, ...all.map((each) => each.content["application/problem+json"].examples));
    return [
      status,
      {
        description: all.map((each) => each.description).join("\n\n"),
        headers: Object.assign({}, ...all.map((each) => each.headers)),
        content: { "application/problem+json": { schema: refTo("Problem"), examples } },
      },
    ];
  });
  return Object.fromEntries(responses);
}
