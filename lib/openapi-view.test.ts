import { describe, expect, it } from "vitest";
import { buildCall, findFaults, startForm, writeCall } from "@/lib/openapi-call";
import { type OpenApiDocument, type OperationView, viewDocument, writeJson } from "@/lib/openapi-view";

const row = {
  type: "object",
  properties: {
    tenure: { title: "Months", type: "integer", minimum: 0, maximum: 72, default: 12 },
    contract: { enum: ["Monthly", "Two year"], description: "How long." },
    image: { oneOf: [{ type: "string", pattern: "^data:" }, { type: "array", items: { type: "integer" }, minItems: 4, maxItems: 4 }] },
  },
  required: ["contract"],
};

const document: OpenApiDocument & { components: unknown } = {
  tags: [{ name: "Second", description: "Comes first here." }, { name: "Unused" }, { name: "First" }],
  paths: {
    "/models/{model}": {
      get: {
        operationId: "getModel",
        tags: ["First"],
        parameters: [
          { $ref: "#/components/parameters/Model" },
          { name: "task", in: "query", schema: { type: "string", enum: ["a", "b"] } },
          { name: "session", in: "cookie" },
        ],
      },
    },
    "/rows": {
      post: {
        operationId: "ask",
        tags: ["Second"],
        security: [{ bearer: [] }, {}],
        requestBody: {
          content: {
            "application/json": {
              schema: {
                oneOf: [
                  { type: "object", properties: { input: { $ref: "#/components/schemas/Row" } }, required: ["input"] },
                  {
                    type: "object",
                    properties: { inputs: { type: "array", items: { $ref: "#/components/schemas/Row" }, maxItems: 1000 } },
                  },
                ],
              },
              examples: { one: { summary: "It's one", value: { input: { contract: "Monthly" } } }, two: { value: { input: {} } } },
            },
          },
        },
        responses: {
          "200": { description: "The answer.", content: { "application/json": { examples: { one: { value: { label: "No" } } } } } },
          "422": {
            description: "`invalid`: Some fields.\n\n`other`: Not named in the examples.",
            content: { "application/problem+json": { examples: { invalid: {} } } },
          },
        },
      },
      put: {
        operationId: "plain",
        security: [{ bearer: [] }],
        requestBody: { content: { "application/json": { schema: { $ref: "#/components/schemas/Row" } } } },
      },
    },
  },
  components: {
    schemas: { Row: row },
    parameters: { Model: { name: "model", in: "path", required: true, example: "churn", schema: { type: "string", maxLength: 140 } } },
  },
};

function find(id: string): OperationView {
  const found = viewDocument(document).flatMap((group) => group.operations).find((operation) => operation.id === id);
  if (!found) throw new Error(`no ${id}`);
  return found;
}

describe("viewDocument", () => {
  it("groups by tag in the order of the document, drops empty groups and keeps what has no tag", () => {
    expect(viewDocument(document).map(({ name, operations }) => [name, operations.map(({ id }) => id)])).toEqual([
      ["Second", ["ask"]],
      ["First", ["getModel"]],
      ["Other", ["plain"]],
    ]);
  });

  it("tells every body field once, with its limits and what stands in for it", () => {
    const fields = find("ask").body?.fields.map(({ name, type, limits, fallback, text }) => [name, type, limits, fallback, text]);
    expect(fields).toEqual([
      ["input", "object", "", "", ""],
      ["input.tenure", "integer", "0 to 72", "12", "Months."],
      ["input.contract", "string", '"Monthly", "Two year"', "required", "How long."],
      ["input.image", "string or array of integer", "matches ^data:, or exactly 4 items", "", ""],
      ["inputs", "array of object", "at most 1,000 items", "", "Each as `input`."],
    ]);
  });

  it("links a code only where the answer's examples name it", () => {
    expect(find("ask").answers[1]?.lines).toEqual([
      { code: "invalid", text: "Some fields." },
      { code: undefined, text: "`other`: Not named in the examples." },
    ]);
  });

  it("shows what an answer looks like where the document does", () => {
    expect(find("ask").sample).toBe('{\n  "label": "No"\n}');
    expect(find("plain").sample).toBe("");
  });

  it("sketches the needed fields where the document has no example", () => {
    expect(find("plain").body?.examples).toEqual([{ title: "Example", json: '{\n  "contract": "Monthly"\n}' }]);
  });

  it("tells which calls may and which have to bring a key", () => {
    expect(["getModel", "ask", "plain"].map((id) => find(id).key)).toEqual(["none", "optional", "needed"]);
  });

  it("ends at a schema that holds itself", () => {
    const node = { type: "object", properties: { next: { $ref: "#/components/schemas/Node" } } };
    const body = { content: { "application/json": { schema: { properties: { node: { $ref: "#/components/schemas/Node" } } } } } };
    const looped = { paths: { "/": { post: { requestBody: body } } }, components: { schemas: { Node: node } } };
    expect(viewDocument(looped)[0]?.operations[0]?.body?.fields.map(({ name, text }) => [name, text])).toEqual([
      ["node", ""],
      ["node.next", "As `node`."],
    ]);
  });

  it("refuses a reference that leads nowhere", () => {
    const broken = { paths: { "/": { get: { parameters: [{ $ref: "#/components/parameters/Gone" }] } } } };
    expect(() => viewDocument(broken)).toThrow("#/components/parameters/Gone");
  });
});

describe("a call", () => {
  it("escapes the path, leaves empty parameters out and asks for what is needed", () => {
    const operation = find("getModel");
    expect(startForm(operation).values).toEqual({ model: "churn", task: "" });
    expect(buildCall(operation, { values: { model: "a/b", task: "a" }, body: "" }).target).toBe("/models/a%2Fb?task=a");
    expect(buildCall(operation, startForm(operation)).target).toBe("/models/churn");
    expect([...findFaults(operation, { values: { model: "" }, body: "" }).keys()]).toEqual(["model"]);
  });

  it("is not sent when its body is not JSON", () => {
    const operation = find("ask");
    expect(findFaults(operation, startForm(operation)).size).toBe(0);
    expect(findFaults(operation, { values: {}, body: '{"input": ' }).get("body")).toContain("not JSON");
  });

  it("reads as curl with the method where curl would not guess it, and quotes kept", () => {
    const text = writeCall(buildCall(find("plain"), { values: {}, body: '{"a": "it\'s"}' }), "http://x", { key: "none" });
    expect(text).toBe(`curl -s -X PUT 'http://x/rows' \\\n  -H 'Content-Type: application/json' \\\n  -d '{"a": "it'\\''s"}'`);
  });
});

describe("a call with a key", () => {
  const form = { values: { model: "churn" }, body: "{}" };

  it("brings it only where the address takes one, and without what a header cannot hold", () => {
    expect(buildCall(find("ask"), form, " vt_live_x…\n").headers.Authorization).toBe("Bearer vt_live_x");
    expect(buildCall(find("getModel"), form, "vt_live_x").headers).toEqual({});
    expect(buildCall(find("plain"), form, " ").headers).not.toHaveProperty("Authorization");
  });

  it("is copied as curl without the key itself", () => {
    const text = writeCall(buildCall(find("ask"), form, "vt_live_x"), "http://x", find("ask"));
    expect(text).toContain('-H "Authorization: Bearer ${VITRINE_KEY:?');
    expect(text).not.toContain("vt_live_x");
  });

  it("asks for the key in curl where the address needs one, also when the reader calls it by a session", () => {
    const copy = (id: string) => writeCall(buildCall(find(id), form), "http://x", find(id));
    expect(["plain", "ask", "getModel"].map((id) => copy(id).includes("Bearer ${VITRINE_KEY"))).toEqual([true, false, false]);
  });
});

describe("writeJson", () => {
  it("keeps lists of numbers on one line and gives back the same value", () => {
    const value = { image: [0, 255, 12], texts: ["1,2", "a"], deep: [{ a: [] }, {}], none: null };
    expect(JSON.parse(writeJson(value))).toEqual(value);
    expect(writeJson(value)).toContain('"image": [0, 255, 12]');
  });
});
