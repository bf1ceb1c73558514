import "server-only";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, vi } from "vitest";
import type { Problem } from "@/lib/contracts/problem";
import { handleRest } from "@/server/api/rest";
import { closeDatabase, database } from "@/server/core/db";

export const ORIGIN = "http://vitrine.test";

/** The project's root, seen from this file. */
const ROOT = join(import.meta.dirname, "..", "..");

/**
 * Gives a test file a database of its own, which goes when its tests are over: one of that name on the given server, else an
 * embedded one in a new folder. Must run before anything reads the environment.
 * @param serverUri a MongoDB to use, as `MONGODB_URI`
 */
export async function useOwnDatabase(name: string, serverUri: string | undefined): Promise<void> {
  vi.stubEnv("LOG_LEVEL", "silent");
  const folder = await mkdtemp(join(tmpdir(), "vitrine-"));
  if (serverUri === undefined || serverUri === "") {
    vi.stubEnv("VITRINE_DATA", folder);
  } else {
    const uri = new URL(serverUri);
    uri.pathname = `/${name}-${process.pid}`;
    vi.stubEnv("MONGODB_URI", uri.href);
  }
  afterAll(async () => {
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
