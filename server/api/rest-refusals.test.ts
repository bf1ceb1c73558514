import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { handleRest } from "@/server/api/rest";
import {
  loadDemoModels,
  newAddress,
  ORIGIN,
  post,
  readExampleInput,
  readProblem,
  remaining,
  useOwnDatabase,
} from "@/server/api/test-support";

const CHURN = "/api/v1/models/customer-churn/predictions";
let churn: Record<string, unknown>;

beforeAll(async () => {
  await useOwnDatabase("refusals", process.env.MONGODB_URI);
  await loadDemoModels();
  churn = await readExampleInput("customer-churn");
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterAll(() => vi.useRealTimers());

/** Must never come back in an answer. */
const SECRET = "S3CRET-INPUT";
const lists = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;
const objects = (levels: number) => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
const withFields = (fields: Record<string, unknown>) => ({ input: { ...churn, ...fields } });

const INVALID = "422 invalid_input";
const MALFORMED = "400 malformed_body";

/** What is sent, what is answered, and where the errors point (undefined: not looked at). */
const refusals: [name: string, body: () => unknown, answer: string, pointers?: string[]][] = [
  ["a category the model does not know", () => withFields({ contract: SECRET }), INVALID, ["#/input/contract"]],
  ["text in a number field", () => withFields({ tenure: SECRET }), INVALID, ["#/input/tenure"]],
  ["null in a number field", () => withFields({ tenure: null }), INVALID, ["#/input/tenure"]],
  ["an unknown field", () => withFields({ extra: SECRET }), INVALID, ["#/input/extra"]],
  [
    "several bad cells, all at once",
    () => ({ inputs: [churn, { ...churn, tenure: SECRET, contract: 1 }, { ...churn, extra: 1 }] }),
    INVALID,
    ["#/inputs/1/tenure", "#/inputs/1/contract", "#/inputs/2/extra"],
  ],
  ["$where as a field", () => withFields({ $where: SECRET }), INVALID, ["#/input/%24where"]],
  [
    "__proto__ as a field",
    () => `{"input":{"__proto__":{"x":"${SECRET}"},${JSON.stringify(churn).slice(1)}}`,
    INVALID,
    ["#/input/__proto__"],
  ],
  ["a deeply nested value", () => `{"input":{"tenure":${lists(100_000)}}}`, INVALID, ["#/input/tenure"]],
  ["a deeply nested unknown field", () => `{"input":{"deep":${objects(50_000)}}}`, INVALID, ["#/input/deep"]],
  ["deep nesting in place of the envelope", () => lists(100_000), MALFORMED, ["#"]],
  ["nesting that never ends", () => "[".repeat(100_000), MALFORMED],
  ["a body that is not JSON", () => `{"input": ${SECRET}`, MALFORMED],
  ["an empty body", () => "", MALFORMED],
  ["a list", () => [churn], MALFORMED, ["#"]],
  ["an empty object", () => ({}), MALFORMED, ["#"]],
  ["input and inputs together", () => ({ input: churn, inputs: [churn] }), MALFORMED, ["#"]],
  ["another key in the envelope", () => ({ input: churn, [SECRET]: 1 }), MALFORMED, ["#"]],
  ["__proto__ in the envelope", () => '{"__proto__":{"input":{}}}', MALFORMED, ["#"]],
  ["input that is no object", () => ({ input: SECRET }), MALFORMED, ["#/input"]],
  ["a row that is no object", () => ({ inputs: [churn, [SECRET]] }), MALFORMED, ["#/inputs/1"]],
  ["no rows", () => ({ inputs: [] }), MALFORMED, ["#/inputs"]],
  ["1,001 rows", () => ({ inputs: Array.from({ length: 1_001 }, () => ({ tenure: SECRET })) }), MALFORMED, ["#/inputs"]],
  ["a body of 2 MB", () => withFields({ text: SECRET.repeat(170_000) }), "413 body_too_large"],
];

describe("refusing a prediction", () => {
  it.each(refusals)("%s: without repeating the input or counting the call", async (_name, body, answer, pointers) => {
    const address = newAddress();
    expect(remaining(await post(CHURN, { input: churn }, { address }))).toBe('"minute";r=59, "rows";r=1999');
    const response = await post(CHURN, body(), { address });
    const problem = await readProblem(response);
    expect(`${response.status} ${problem.code}`).toBe(answer);
    expect(problem.instance).toBe(CHURN);
    expect(JSON.stringify(problem)).not.toContain(SECRET);
    if (pointers) expect(problem.errors?.map(({ pointer }) => pointer).sort()).toEqual([...pointers].sort());
    expect(remaining(await post(CHURN, { input: churn }, { address }))).toBe('"minute";r=58, "rows";r=1998');
  });

  it("names a field that is missing and has no default", async () => {
    const problem = await readProblem(await post("/api/v1/models/handwritten-digits/predictions", { input: {} }));
    expect(problem.code).toBe("invalid_input");
    expect(problem.errors).toEqual([{ pointer: "#/input/image", detail: "Is missing." }]);
  });

  it("stops reading a body that is larger than it said", async () => {
    let pulled = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1;
        controller.enqueue(new Uint8Array(64 * 1024));
      },
    });
    const init = { method: "POST", headers: { "content-type": "application/json" }, body, duplex: "half" };
    const response = await handleRest(new Request(`${ORIGIN}${CHURN}`, init as RequestInit), newAddress());
    expect((await readProblem(response)).code).toBe("body_too_large");
    expect(pulled).toBeLessThan(20);
  });

  it("refuses by the announced length without reading", async () => {
    const response = await post(CHURN, "{}", { headers: { "content-length": "1048577" } });
    expect(response.status).toBe(413);
  });

  it("refuses bytes that are not UTF-8", async () => {
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: new Uint8Array([0x7b, 0xff, 0x7d]) };
    const response = await handleRest(new Request(`${ORIGIN}${CHURN}`, init), newAddress());
    expect((await readProblem(response)).code).toBe("malformed_body");
  });
});
