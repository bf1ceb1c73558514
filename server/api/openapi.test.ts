import { beforeAll, describe, expect, it, vi } from "vitest";
import { publicErrorKinds } from "@/server/core/errors";
import { handleOpenApi, openApiText } from "@/server/api/openapi";
import { routes } from "@/server/api/routes";
import { loadDemoModels, useOwnDatabase } from "@/server/api/test-support";

const URL_OF_DOCUMENT = "http://vitrine.test/api/openapi.json";
const MODELS = ["breast-cancer", "customer-churn", "handwritten-digits", "house-price", "spam-filter"];

interface Reference {
  $ref: string;
}
interface Example {
  value: { input: Record<string, unknown> };
}
interface Parameter {
  name: string;
  in: string;
}
/** Only as far as the tests look into it. */
interface Operation {
  operationId: string;
  security: Record<string, string[]>[];
  parameters?: (Parameter | Reference)[];
  requestBody?: { content: Record<string, { schema: Reference; examples?: Record<string, Example> }> };
  responses: Record<string, { $ref?: string; headers?: Record<string, unknown>; content?: Record<string, unknown> }>;
}
interface Document {
  openapi: string;
  servers: { url: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: Record<string, Record<string, Record<string, unknown>>>;
}
let document: Document;

beforeAll(async () => {
  await useOwnDatabase("openapi", process.env.MONGODB_URI);
  await loadDemoModels();
  document = JSON.parse(await openApiText()) as Document;
});

function listOperations() {
  return Object.entries(document.paths).flatMap(([path, methods]) => {
    return Object.entries(methods).map(([method, operation]) => ({ path, method, operation }));
  });
}

function collectRefs(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  const own = "$ref" in value && typeof value.$ref === "string" ? [value.$ref] : [];
  return [...own, ...Object.values(value).flatMap(collectRefs)];
}

function resolveRef(ref: string): unknown {
  const parts = ref.replace(/^#\//, "").split("/");
  return parts.reduce<unknown>((value, part) => (value as Record<string, unknown> | undefined)?.[part], document);
}

describe("the OpenAPI document", () => {
  it("is version 3.1 and holds every route of the table", () => {
    expect(document.openapi).toMatch(/^3\.1\.\d$/);
    for (const { path, method, operationId } of routes) {
      expect(document.paths[`/api/v1${path}`]?.[method.toLowerCase()]?.operationId).toBe(operationId);
    }
  });

  it("holds a path of its own for every published model, with its own types and filled-in examples", () => {
    for (const slug of MODELS) {
      const operation = document.paths[`/api/v1/models/${slug}/predictions`]?.post;
      const body = operation?.requestBody?.content["application/json"];
      const types = resolveRef(body?.schema.$ref ?? "") as { oneOf: { properties: Record<string, { $ref?: string }> }[] };
      const name = types.oneOf[0]?.properties.input?.$ref ?? "";
      const row = resolveRef(name) as { properties: Record<string, unknown>; additionalProperties: boolean };
      const examples = Object.values(body?.examples ?? {});
      expect(examples.length).toBeGreaterThanOrEqual(1);
      for (const { value } of examples) expect(Object.keys(row.properties)).toEqual(expect.arrayContaining(Object.keys(value.input)));
      expect(row.additionalProperties).toBe(false);
    }
  });

  it("has a target for every reference and a name of its own for every operation", () => {
    const refs = collectRefs(document);
    expect(refs.length).toBeGreaterThan(100);
    expect(refs.filter((ref) => resolveRef(ref) === undefined)).toEqual([]);
    const ids = listOperations().map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("declares every part of a path as a parameter", () => {
    for (const { path, operation } of listOperations()) {
      const declared = (operation.parameters ?? []).map((parameter) => ("$ref" in parameter ? resolveRef(parameter.$ref) : parameter));
      const names = (declared as Parameter[]).filter((parameter) => parameter.in === "path").map(({ name }) => name);
      expect(names).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
    }
  });

  it("tells of every prediction what it may refuse with, and the headers of an answer", () => {
    for (const { operation } of listOperations().filter(({ method }) => method === "post")) {
      const statuses = ["200", "400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "429", "500", "503"];
      expect(Object.keys(operation.responses)).toEqual(statuses);
      const promised = ["request-id", "RateLimit", "RateLimit-Policy", "Server-Timing", "model-version", "model-arm"];
      expect(Object.keys(operation.responses["200"]?.headers ?? {})).toEqual(expect.arrayContaining(promised));
    }
    expect(Object.keys(document.components.responses ?? {})).toEqual(Object.keys(publicErrorKinds));
  });

  it("tells of every operation whether it takes a key, and refuses a missing one only where it needs one", () => {
    expect(document.components.securitySchemes).toMatchObject({ bearer: { type: "http", scheme: "bearer" } });
    const expected = { anyone: [], visitor: [{ bearer: [] }, {}], customer: [{ bearer: [] }] };
    for (const { path, method, access } of routes) {
      const operation = document.paths[`/api/v1${path}`]?.[method.toLowerCase()];
      expect(operation?.security).toEqual(expected[access]);
      const examples = JSON.stringify(operation?.responses["401"]?.content);
      expect([examples.includes('"key_missing"'), examples.includes('"key_revoked"')]).toEqual([access === "customer", true]);
    }
  });

  it("says of a moment in time that it is one, and which parameters are needed", () => {
    const parameters = document.paths["/api/v1/usage"]?.get?.parameters ?? [];
    expect(parameters).toContainEqual(
      expect.objectContaining({ name: "start_time", required: true, schema: { type: "string", format: "date-time" } }),
    );
    expect(parameters).toContainEqual(expect.objectContaining({ name: "group_by", required: false }));
  });

  it("answers over HTTP with an ETag, and makes the same bytes in another process", async () => {
    const response = await handleOpenApi(new Request(URL_OF_DOCUMENT));
    const text = await response.text();
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("request-id")).toMatch(/^req_/);
    const again = await handleOpenApi(new Request(URL_OF_DOCUMENT, { headers: { "if-none-match": response.headers.get("etag") ?? "" } }));
    expect(again.status).toBe(304);
    expect((await handleOpenApi(new Request(URL_OF_DOCUMENT, { method: "POST" }))).status).toBe(405);
    vi.resetModules();
    const fresh = await import("@/server/api/openapi");
    expect(await fresh.openApiText()).toBe(text);
  });
});
