import "server-only";
import type { AuthOptions } from "next-auth";
import { tellAuthWhoKnowsTheOrigin } from "@/server/core/env";

/** A request as next-auth's plain Node handler reads it, which is the one of its entrances that needs no Next around it. */
export interface AuthRequest {
  method: string;
  /** What follows `/api/auth/`. */
  path: string[];
  query: Record<string, string>;
  body: Record<string, string>;
  cookies: Record<string, string>;
  /** Where we are reached, without a trailing slash. */
  origin: string;
}

/** What next-auth answered. */
export interface AuthAnswer {
  status: number;
  cookies: string[];
  /** Where it sends the browser, absolute; null when it answers with `body`. */
  location: string | null;
  body: unknown;
}

class Recorder {
  readonly answer: AuthAnswer = { status: 200, cookies: [], location: null, body: null };

  status(code: number): this {
    this.answer.status = code;
    return this;
  }

  getHeader(name: string): string[] | undefined {
    return name === "Set-Cookie" ? [...this.answer.cookies] : undefined;
  }

  setHeader(name: string, value: string | string[]): void {
    if (name === "Set-Cookie") this.answer.cookies = [value].flat();
    if (name === "Location") this.answer.location = String(value);
  }

  json(body: unknown): void {
    this.answer.body = body;
  }

  send(body: unknown): void {
    this.answer.body = body;
  }

  end(): void {}
}

type Handler = (request: object, response: Recorder, options: AuthOptions) => Promise<unknown>;

function isHandler(value: unknown): value is Handler {
  return typeof value === "function";
}

/** The package's default export, which Node and bundlers hand out under one `default` or two. */
function findHandler(module: unknown): Handler {
  if (isHandler(module)) return module;
  if (typeof module === "object" && module !== null && "default" in module) return findHandler(module.default);
  throw new Error("next-auth has no handler.");
}

/** Asks next-auth. @throws {Error} when it calls itself misconfigured */
export async function askNextAuth({ method, path, query, body, cookies, origin }: AuthRequest, options: AuthOptions): Promise<AuthAnswer> {
  tellAuthWhoKnowsTheOrigin();
  const { host, protocol } = new URL(origin);
  const headers = { "x-forwarded-host": host, "x-forwarded-proto": protocol.slice(0, -1) };
  const recorder = new Recorder();
  await findHandler(await import("next-auth"))({ method, query: { ...query, nextauth: path }, body, cookies, headers }, recorder, options);
  if (recorder.answer.status >= 500) throw new Error("next-auth could not handle the call.");
  return recorder.answer;
}
