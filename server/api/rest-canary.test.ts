import { beforeAll, describe, expect, it } from "vitest";
import {
  createCustomer,
  createTestKey,
  loadDemoModels,
  post,
  readExampleInput,
  readProblem,
  useOwnDatabase,
} from "@/server/api/test-support";
import { getModelForConsole } from "@/server/modules/catalog/console.admin";
import { pauseModel, promote, resumeModel, startCandidate, stopCandidate } from "@/server/modules/catalog/releases.admin";

const SLUG = "customer-churn";
const PATH = `/api/v1/models/${SLUG}/predictions`;
const CUSTOMERS = 500;
/** Enough that a candidate at 50 % shows among them. */
const SOME = 20;
/** Fewer than the connections to the database: on a busy machine calls that wait for one are refused. */
const AT_ONCE = 8;

let input: Record<string, unknown>;
let bearers: { authorization: string }[] = [];

async function act() {
  const { revision } = (await getModelForConsole(SLUG)).release;
  return { slug: SLUG, expected: revision, reason: "A test.", accept_breaking: false };
}

/** The arm and the version that each of the first customers is answered by, as the headers and the body say. */
async function ask(customers: number, path = PATH): Promise<string[]> {
  const answers: string[] = [];
  const waiting = bearers.slice(0, customers).map((headers, index) => ({ headers, index }));
  const work = async () => {
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const response = await post(path, { input }, { headers: next.headers });
      const { arm, version, code } = (await response.json()) as { arm: string; version: number; code?: string };
      const told = [response.status, response.headers.get("model-arm"), response.headers.get("model-version")];
      expect(told, code).toEqual([200, arm, String(version)]);
      answers[next.index] = `${arm} ${version}`;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return answers;
}

const shareOf = (answers: string[]) => (answers.filter((answer) => answer === "candidate 2").length / CUSTOMERS) * 100;

/** Customers of ids that are the same in every run, so that always the same ones are drawn. */
async function createBearer(number: number): Promise<{ authorization: string }> {
  const { id } = await createCustomer({ _id: `cus_${String(number).padStart(26, "0")}` });
  return (await createTestKey(id)).bearer;
}

beforeAll(async () => {
  await useOwnDatabase("rest-canary", process.env.MONGODB_URI);
  await loadDemoModels();
  input = await readExampleInput(SLUG);
  while (bearers.length < CUSTOMERS) {
    const next = Array.from({ length: AT_ONCE }, (_unused, index) => createBearer(bearers.length + index));
    bearers = [...bearers, ...(await Promise.all(next))];
  }
}, 90_000);

describe("a candidate at 10 % of 500 customers", () => {
  it("answers 7 to 13 % of them, each always the same; promoted it answers all, taken away nobody", { timeout: 90_000 }, async () => {
    expect(new Set(await ask(SOME))).toEqual(new Set(["live 1"]));
    await startCandidate({ ...(await act()), version: 2, share: 10 }, "opr_ada");
    const first = await ask(CUSTOMERS);
    expect(new Set(first)).toEqual(new Set(["live 1", "candidate 2"]));
    expect(Math.abs(shareOf(first) - 10)).toBeLessThanOrEqual(3);
    expect(await ask(CUSTOMERS)).toEqual(first);
    expect(new Set(await ask(SOME, `/api/v1/models/${SLUG}@live/predictions`))).toEqual(new Set(["live 1"]));
    await promote(await act(), "opr_ada");
    expect(new Set(await ask(SOME))).toEqual(new Set(["live 2"]));
    await startCandidate({ ...(await act()), version: 1, share: 50 }, "opr_ada");
    await stopCandidate(await act(), "opr_ada");
    expect(new Set(await ask(SOME))).toEqual(new Set(["live 2"]));
  });
});

describe("a paused model", () => {
  it("answers 503 with the note and Retry-After, in every spelling of its name, and predicts again once it is resumed", async () => {
    await pauseModel({ slug: SLUG, note: "The data is being corrected." }, "opr_ada");
    const [headers = { authorization: "" }] = bearers;
    for (const path of [PATH, `/api/v1/models/${SLUG}@live/predictions`, `/api/v1/models/${SLUG}/versions/1/predictions`]) {
      const response = await post(path, { input }, { headers });
      expect([response.status, response.headers.get("retry-after")]).toEqual([503, "60"]);
      const problem = await readProblem(response);
      expect(problem).toMatchObject({ code: "model_unavailable", detail: "This model is paused: The data is being corrected." });
    }
    await resumeModel(SLUG, "opr_ada");
    expect((await post(PATH, { input }, { headers })).status).toBe(200);
  });
});
