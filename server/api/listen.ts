import "server-only";
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { handleExport } from "@/server/api/export";
import { handleLivez, handleReadyz } from "@/server/api/health";
import { boundRest, IncomingCall } from "@/server/api/incoming-call";
import { handleOpenApi } from "@/server/api/openapi";
import { answerRest } from "@/server/api/rest";
import { answerTrpc } from "@/server/api/trpc";
import { handleUnknown } from "@/server/api/unknown";
import { fixedHeaders, writeSoon } from "@/server/api/write-answers";
import { database } from "@/server/core/db";
import { addressOf } from "@/server/core/exchange";
import { findAddress } from "@/server/core/forwarded";
import { assertConfigured, startTelling } from "@/server/core/start";
import { prepareToPredict } from "@/server/modules/predict/service";

export { answerUnreadable } from "@/server/api/unreadable";

/** The API door on plain `node:http`: what the route files of `app/(api)` are for Next, in one process with it or without. */

type WebDoor = (request: Request, address: string) => Promise<Response>;

/** Loaded with the first call of it: next-auth is much, and most processes never need it. */
const signInDoor: WebDoor = async (request, address) => (await import("@/server/api/auth")).handleAuth(request, address);

const exact: Record<string, WebDoor> = {
  "/api/livez": handleLivez,
  "/api/readyz": handleReadyz,
  "/health": handleReadyz,
  "/api/openapi.json": handleOpenApi,
  "/api/account/export": handleExport,
};

/** The door of an address other than REST's; each address is one of a route file of `app/(api)`. */
function findDoor(pathname: string): WebDoor {
  const door = exact[pathname];
  if (door) return door;
  return pathname.startsWith("/api/auth/") ? signInDoor : handleUnknown;
}

async function* partsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

async function writeResponse(response: Response, outgoing: ServerResponse): Promise<void> {
  const fields = [...fixedHeaders];
  response.headers.forEach((value, name) => fields.push(name, value));
  outgoing.writeHead(response.status, fields);
  if (response.body) await pipeline(partsOf(response.body), outgoing);
  else outgoing.end();
}

function toRequest(call: IncomingCall): Request {
  const { method, url, incoming } = call;
  const headers = Object.entries(incoming.headers).flatMap(([name, value]) => [value ?? []].flat().map((each): [string, string] => [name, each]));
  if (method === "GET" || method === "HEAD") return new Request(url, { method, headers });
  const reader = call.body.getReader();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value } = await reader.read();
      if (value) controller.enqueue(value);
      else controller.close();
    },
    cancel: () => reader.cancel(),
  });
  // Node wants to be told that the body is sent before the answer is read; the browsers' types do not know of it.
  const init: RequestInit & { duplex: "half" } = { method, headers, body, duplex: "half" };
  return new Request(url, init);
}

/** Where an address leads that has slashes too many, or turned round; null for one as it should be. Next says so too, in these words. */
function straighten(url: string): string | null {
  if (!/\\|\/\//.test(url)) return null;
  const [path = "", ...query] = url.split("?");
  const straight = path.replaceAll("\\", "/").replace(/\/{2,}/g, "/");
  return straight === path ? null : [straight, ...query].join("?");
}

function writeRedirect(location: string, outgoing: ServerResponse): void {
  outgoing.writeHead(308, [...fixedHeaders, "location", location, "content-length", String(Buffer.byteLength(location))]);
  outgoing.end(location);
}

/** Whether an address is one of this door, as it was sent. */
export function isApiAddress({ url = "/" }: IncomingMessage): boolean {
  return /^\/(api(?=[/?#]|$)|health\/?(?=[?#]|$))/.test(url);
}

async function answerAt(call: IncomingCall, outgoing: ServerResponse): Promise<void> {
  const address = findAddress(call.headers);
  // With its dots resolved. Which door it is does not hang on a slash at the end, as with Next.
  const { pathname } = addressOf(call);
  const path = pathname.length > 1 && pathname.endsWith("/") ? pathname.slice(0, -1) : pathname;
  if (path === "/api/v1" || path.startsWith("/api/v1/")) return writeSoon(await answerRest(call, address), outgoing);
  if (/^\/api\/trpc\/[^/]+$/.test(path)) return writeSoon(await answerTrpc(call, address), outgoing);
  await writeResponse(await findDoor(path)(toRequest(call), address), outgoing);
}

/**
 * Answers one call. The host has written down beforehand who really called (`x-forwarded-for`), and that address, host and method can be read
 * (bin/support/host.mjs).
 */
export async function answerIncoming(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  try {
    const straight = straighten(incoming.url ?? "/");
    if (straight === null) await answerAt(new IncomingCall(incoming), outgoing);
    else writeRedirect(straight, outgoing);
  } catch {
    // A caller who went away, or a stream that broke off: half an answer must not look whole.
    outgoing.destroy();
  }
  boundRest(incoming);
}

/** To be called once in a process without Next, which does it by itself (instrumentation.ts). @throws {Error} one line on a variable that is wrong */
export function begin(): void {
  assertConfigured();
  startTelling();
  // The way to the database is found while the inference engine is loaded.
  database().catch(() => undefined);
  prepareToPredict();
}
