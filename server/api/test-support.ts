import "server-only";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, vi } from "vitest";
import { modelSchema } from "@/lib/contracts/model-schema";
import type { Problem } from "@/lib/contracts/problem";
import { handleRest } from "@/server/api/rest";
import { handleTrpc } from "@/server/api/trpc";
import { closeDatabase, database } from "@/server/core/db";
import { env } from "@/server/core/env";
import { createId } from "@/server/core/ids";
import { type AccountRecord, insertAccount } from "@/server/modules/accounts/repository";
import { sealSession, sessionCookieName } from "@/server/modules/accounts/session";
import { addVersion, prepareCatalog, setAlias } from "@/server/modules/catalog/service.admin";
import { createVersion } from "@/server/modules/catalog/test-support";
import { createKey } from "@/server/modules/keys/service";
import { endTraffic } from "@/server/modules/traffic/service";

export const ORIGIN = "http://vitrine.test";

/** The project's root, seen from this file. */
const ROOT = join(import.meta.dirname, "..", "..");

/**
 * Gives a test file a database of its own, which goes when its tests are over: one of that name on the given server, else an
 * embedded one in a new folder. Must run before anything reads the environment.
 * @param serverUri a MongoDB to use, as `MONGODB_URI`
 */
export async function useOwnDatabase(name: string, serverUri: string | undefined, logLevel = "silent"): Promise<void> {
  vi.stubEnv("LOG_LEVEL", logLevel);
  const folder = await mkdtemp(join(tmpdir(), "vitrine-"));
  if (serverUri === undefined || serverUri === "") {
    vi.stubEnv("VITRINE_DATA", folder);
  } else {
    const uri = new URL(serverUri);
    uri.pathname = `/${name}-${process.pid}`;
    vi.stubEnv("MONGODB_URI", uri.href);
  }
  // What was parsed before would be used for the tests, and dropped after them.
  const { dataFolder, uri } = env().database;
  if (uri === null ? dataFolder !== folder : uri !== process.env["MONGODB_URI"]) throw new Error("The environment was read too early.");
  afterAll(async () => {
    await endTraffic();
    await (await database()).dropDatabase();
    await closeDatabase();
    await rm(folder, { recursive: true, force: true });
  });
}

/** Loads the demo models with the command that customers of the project use. */
export async function loadDemoModels(): Promise<void> {
  const options = ["--conditions=react-server", "--import", "tsx", "bin/load-demo.ts"];
  await promisify(execFile)(process.execPath, options, { cwd: ROOT });
}

/** Publishes the first version of one demo model, without the inspection that takes seconds. */
export async function publishDemoModel(slug: string): Promise<void> {
  const file = await readFile(join(ROOT, "demo", slug, "model.onnx"));
  const schema = modelSchema.parse(JSON.parse(await readFile(join(ROOT, "demo", slug, "schema.json"), "utf8")));
  await prepareCatalog();
  await addVersion(createVersion(slug, file, { schema, examples: [] }));
  await setAlias(slug, "live", 1, "ada");
}

/** The input of a demo model's first example. */
export async function readExampleInput(slug: string): Promise<Record<string, unknown>> {
  const [first] = JSON.parse(await readFile(join(ROOT, "demo", slug, "examples.json"), "utf8")) as { inputs: Record<string, unknown> }[];
  if (!first) throw new Error(`${slug} has no example.`);
  return first.inputs;
}

let callers = 0;

/** An address nobody else in this file has, so that tests do not share limits. */
export function newAddress(): string {
  callers += 1;
  return `192.0.2.${callers}`;
}

/** What is left of the limits of the call that gave this answer. */
export function remaining(response: Response): string {
  return response.headers.get("RateLimit")?.replaceAll(/;t=\d+/g, "") ?? "";
}

interface Call {
  method?: string;
  headers?: Record<string, string>;
  body?: unknown;
  address?: string;
}

/** Calls the REST door; `body` is sent as JSON unless it is text already. */
export async function send(path: string, { method = "GET", headers = {}, body, address = newAddress() }: Call = {}): Promise<Response> {
  const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  const type: Record<string, string> = text === undefined ? {} : { "content-type": "application/json" };
  const init = { method, headers: { ...type, ...headers }, ...(text !== undefined && { body: text }) };
  return handleRest(new Request(`${ORIGIN}${path}`, init), address);
}

export async function post(path: string, body: unknown, call: Call = {}): Promise<Response> {
  return send(path, { method: "POST", body, ...call });
}

/** The body of a refusal, after a look at what all of them have in common. */
export async function readProblem(response: Response): Promise<Problem> {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(response.headers.get("cache-control")).toBe("no-store");
  const problem = (await response.json()) as Problem;
  const { status } = response;
  expect(problem).toMatchObject({ status, type: `${ORIGIN}/docs/errors/${problem.code}`, request_id: response.headers.get("request-id") });
  return problem;
}

type Words = Record<string, string>;

/** Asks one procedure by the tRPC door, the way its kind is asked. */
export async function ask(kind: "query" | "mutation", path: string, input: unknown, headers: Words = {}): Promise<Response> {
  const text = JSON.stringify(input);
  const address = `${ORIGIN}/api/trpc/${path}`;
  const asked = `${address}?${new URLSearchParams({ input: text })}`;
  const told = { method: "POST", headers: { "content-type": "application/json", ...headers }, body: text };
  return handleTrpc(kind === "query" ? new Request(asked, { headers }) : new Request(address, told), newAddress());
}

export interface TestCustomer extends Pick<AccountRecord, "email" | "name"> {
  id: string;
  /** What stands in the session's cookie. */
  session: string;
  /** The headers of a page of ours that calls for this customer. */
  page: { cookie: string; origin: string };
}

let customers = 0;

/** A customer who is signed in, in the database of this file. */
export async function createCustomer(change: Partial<AccountRecord> = {}): Promise<TestCustomer> {
  customers += 1;
  const none = { passwordHash: null, identities: [], suspendedAt: null, deletingAt: null, lastSignInAt: null };
  const email = `customer-${customers}@example.com`;
  const named = { _id: createId("customer"), email, emailKey: email, name: `Customer ${customers}` };
  const record: AccountRecord = { ...named, ...none, plan: "team", sessionVersion: 1, createdAt: new Date(), ...change };
  if (!(await insertAccount(record))) throw new Error("There is such a customer.");
  const session = await sealSession({ customerId: record._id, sessionVersion: record.sessionVersion });
  const page = { cookie: `${sessionCookieName()}=${session}`, origin: ORIGIN };
  return { id: record._id, email: record.email, name: record.name, session, page };
}

/** A key of a customer, and the header that brings it. */
export async function createTestKey(customerId: string, models: string[] | null = null, expires_in_days: number | null = null) {
  const { id, hint, secret } = await createKey(customerId, { name: "Test", models, expires_in_days });
  return { id, hint, secret, bearer: { authorization: `Bearer ${secret}` } };
}
