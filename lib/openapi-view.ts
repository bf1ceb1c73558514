/** An OpenAPI 3.1 document as plain objects to be shown: groups of operations, nothing left to look up. */
import type { FieldView, Ref, Resolve, Schema } from "@/lib/openapi-fields";
import { describeLimits, describeType, listFields, sketchBody } from "@/lib/openapi-fields";

interface Example {
  summary?: string;
  value?: unknown;
}

interface Content {
  schema?: Schema | Ref;
  example?: unknown;
  examples?: Record<string, Example | Ref>;
}

interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  schema?: Schema | Ref;
  example?: unknown;
}

interface Answer {
  description: string;
  content?: Record<string, Content>;
}

interface Operation {
  operationId?: string;
  summary?: string;
  description?: string;
  tags?: string[];
  parameters?: (Parameter | Ref)[];
  requestBody?: { content: Record<string, Content> } | Ref;
  responses?: Record<string, Answer | Ref>;
  security?: Record<string, string[]>[];
}

export interface OpenApiDocument {
  tags?: { name: string; description?: string }[];
  paths: Record<string, Record<string, Operation>>;
}

export interface ParameterView {
  name: string;
  place: "path" | "query" | "header";
  required: boolean;
  text: string;
  type: string;
  limits: string;
  /** The values to choose from; empty when any text may be typed. */
  choices: string[];
  /** What stands in the input at first. */
  start: string;
}

export interface ExampleView {
  title: string;
  /** JSON text, ready to be sent. */
  json: string;
}

export interface BodyView {
  examples: [ExampleView, ...ExampleView[]];
  fields: FieldView[];
}

export interface AnswerView {
  status: string;
  /** One line for each thing the status stands for; `code` names the page that explains it. */
  lines: { code: string | undefined; text: string }[];
}

export interface OperationView {
  id: string;
  method: string;
  path: string;
  summary: string;
  text: string;
  parameters: ParameterView[];
  body: BodyView | undefined;
  answers: AnswerView[];
  /** What an answer that went well looks like, as JSON text; empty where the document shows none. */
  sample: string;
  /** Whether a call may, or has to, say by a key who sends it. */
  key: "none" | "optional" | "needed";
}

export interface GroupView {
  name: string;
  text: string;
  operations: OperationView[];
}

const METHODS = ["get", "post", "put", "patch", "delete"];
const PLACES = ["path", "query", "header"] as const;

/** Makes the look-up of `#/…` pointers (RFC 6901) inside one document; throws when a pointer leads nowhere. */
function resolveIn(document: OpenApiDocument): Resolve {
  const resolve: Resolve = <T extends object>(value: T | Ref): T => {
    if (!("$ref" in value) || typeof value.$ref !== "string") return value as T;
    let found: unknown = document;
    for (const part of value.$ref.slice(2).split("/")) {
      const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
      found = typeof found === "object" && found !== null ? (found as Record<string, unknown>)[key] : undefined;
    }
    if (typeof found !== "object" || found === null) throw new Error(`The document has no ${value.$ref}`);
    return resolve(found as T | Ref);
  };
  return resolve;
}

/** JSON over several lines, lists of plain values on one line: a picture is 784 numbers. */
export function writeJson(value: unknown, indent = ""): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.every((item) => typeof item !== "object")) return `[${value.map((item) => JSON.stringify(item)).join(", ")}]`;
    return `[\n${value.map((item) => inner + writeJson(item, inner)).join(",\n")}\n${indent}]`;
  }
  const parts = Object.entries(value).map(([name, part]) => `${inner}${JSON.stringify(name)}: ${writeJson(part, inner)}`);
  return parts.length === 0 ? "{}" : `{\n${parts.join(",\n")}\n${indent}}`;
}

function viewParameter(given: Parameter | Ref, resolve: Resolve): ParameterView | undefined {
  const parameter = resolve(given);
  const place = PLACES.find((known) => known === parameter.in);
  if (!place) return undefined;
  const schema = resolve(parameter.schema ?? {});
  const start = parameter.example ?? schema.default;
  return {
    name: parameter.name,
    place,
    required: parameter.required ?? false,
    text: parameter.description ?? schema.description ?? "",
    type: describeType(schema, resolve),
    limits: schema.enum ? "" : describeLimits(schema, resolve),
    choices: (schema.enum ?? []).map(String),
    start: start === undefined ? "" : String(start),
  };
}

function viewBody(given: Operation["requestBody"], resolve: Resolve): BodyView | undefined {
  const content = given && resolve(given).content["application/json"];
  if (!content) return undefined;
  const schema = content.schema ?? {};
  const [first, ...more] = Object.entries(content.examples ?? {}).map(([name, example]) => {
    const { summary, value } = resolve(example);
    return { title: summary ?? name, json: writeJson(value) };
  });
  const only = { title: "Example", json: writeJson(content.example ?? sketchBody(schema, resolve)) };
  return { examples: first ? [first, ...more] : [only], fields: listFields(schema, "", resolve) };
}

function viewAnswer(status: string, given: Answer | Ref, resolve: Resolve): AnswerView {
  const answer = resolve(given);
  const problems = answer.content?.["application/problem+json"]?.examples ?? {};
  const lines = answer.description.split("\n\n").map((line) => {
    const [, code, text] = /^`(\w+)`: (.*)$/s.exec(line) ?? [];
    return code && text && code in problems ? { code, text } : { code: undefined, text: line };
  });
  return { status, lines };
}

function viewSample(operation: Operation, resolve: Resolve): string {
  const answer = operation.responses?.["200"];
  const content = answer && resolve(answer).content?.["application/json"];
  const [first] = Object.values(content?.examples ?? {});
  const value = content?.example ?? (first && resolve(first).value);
  return value === undefined ? "" : writeJson(value);
}

/** Requirements are alternatives, and one that asks for nothing makes the others optional (OpenAPI 3.1 section 4.8.10). */
function viewKey({ security = [] }: Operation): OperationView["key"] {
  const asking = security.filter((requirement) => Object.keys(requirement).length > 0);
  if (asking.length === 0) return "none";
  return asking.length === security.length ? "needed" : "optional";
}

function viewOperation(method: string, path: string, operation: Operation, resolve: Resolve): OperationView {
  return {
    id: operation.operationId ?? `${method}${path.replaceAll(/\W+/g, "-")}`,
    method: method.toUpperCase(),
    path,
    summary: operation.summary ?? "",
    text: operation.description ?? "",
    parameters: (operation.parameters ?? []).flatMap((parameter) => viewParameter(parameter, resolve) ?? []),
    body: viewBody(operation.requestBody, resolve),
    answers: Object.entries(operation.responses ?? {}).map(([status, answer]) => viewAnswer(status, answer, resolve)),
    sample: viewSample(operation, resolve),
    key: viewKey(operation),
  };
}

/**
 * The operations of a document by their first tag: groups in the order of `tags`, operations in the order of `paths`, and what has no
 * tag under "Other". Throws when a `$ref` leads nowhere.
 */
export function viewDocument(document: OpenApiDocument): GroupView[] {
  const resolve = resolveIn(document);
  const groups = new Map<string, GroupView>();
  for (const { name, description: text = "" } of document.tags ?? []) groups.set(name, { name, text, operations: [] });
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      if (!METHODS.includes(method)) continue;
      const name = operation.tags?.[0] ?? "Other";
      const group = groups.get(name) ?? { name, text: "", operations: [] };
      group.operations.push(viewOperation(method, path, operation, resolve));
      groups.set(name, group);
    }
  }
  return [...groups.values()].filter((group) => group.operations.length > 0);
}
