import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, it } from "vitest";
import { answerUnreadable } from "@/server/api/unreadable";
import { problem } from "@/lib/contracts/problem";

let server: Server;

beforeAll(async () => {
  server = createServer({ requestTimeout: 50, connectionsCheckingInterval: 20 }, (_request, response) => response.end());
  server.on("clientError", (error, socket) => void answerUnreadable(error, socket)).listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(() => server.close());

const LONG = "x".repeat(17_000);

it.each([
  ["no HTTP at all", "hello\r\n\r\n", 400, "malformed_request"],
  ["a header without a name", "GET / HTTP/1.1\r\nHost: here\r\n: x\r\n\r\n", 400, "malformed_request"],
  ["two lengths of one body", "POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400, "malformed_request"],
  ["headers without end", `GET / HTTP/1.1\r\nHost: here\r\nCookie: ${LONG}\r\n\r\n`, 431, "headers_too_large"],
  ["half of a call, and then nothing", "GET / HTTP/1.1\r\nHost: here\r\n", 408, "request_timeout"],
])("is answered like every other refusal, and its connection ends: %s", async (_what, sent, status, code) => {
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, "127.0.0.1");
  socket.write(sent);
  const [head = "", body = ""] = (await text(socket)).split("\r\n\r\n");
  expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [A-Z]`));
  expect(head).toMatch(/\r\nrequest-id: req_\w{26}(\r\n|$)/);
  expect(head).toContain(`\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`);
  expect(head).toContain("\r\ncontent-type: application/problem+json");
  const told = problem.parse(JSON.parse(body));
  expect(told).toMatchObject({ status, code, type: `http://localhost:${port}/docs/errors/${code}` });
  expect(body).not.toContain(sent.slice(0, 5));
});
