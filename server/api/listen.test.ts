import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answerIncoming, isApiAddress } from "@/server/api/listen";
import { publishDemoModel, readExampleInput, useOwnDatabase } from "@/server/api/test-support";

await useOwnDatabase("api-listen", process.env["MONGODB_URI"]);

const PATH = "/api/v1/models/customer-churn/predictions";
const MEBIBYTE = 1024 * 1024;
let server: Server;
let port: number;
let input: Record<string, unknown>;

beforeAll(async () => {
  await publishDemoModel("customer-churn");
  input = await readExampleInput("customer-churn");
  server = createServer((incoming, outgoing) => void answerIncoming(incoming, outgoing)).listen(0, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

interface Told {
  status: number | undefined;
  body: string;
}

async function read(response: IncomingMessage): Promise<Told> {
  let body = "";
  for await (const part of response.setEncoding("utf8")) body += String(part);
  return { status: response.statusCode, body };
}

describe("a body on plain node:http", () => {
  it("is read as a whole in however many pieces it comes, cut in the middle of a character", async () => {
    const body = Buffer.from(JSON.stringify({ input: { ...input, contract: "Zwei Jahre – é" } }));
    for (const size of [1, 7, body.length]) {
      const sent = request({ port, host: "127.0.0.1", method: "POST", path: PATH, headers: { "content-type": "application/json" } });
      for (let at = 0; at < body.length; at += size) sent.write(body.subarray(at, at + size));
      sent.end();
      const [response] = (await once(sent, "response")) as [IncomingMessage];
      const { status, body: told } = await read(response);
      expect([status, told.includes("#/input/contract")], `pieces of ${size}`).toEqual([422, true]);
    }
  });

  it("that is refused for its size is answered, and what is sent on after that is cut off", async () => {
    const socket = connect(port, "127.0.0.1");
    const gone = new Promise<void>((resolve) => socket.once("error", () => resolve()).once("close", () => resolve()));
    const length = 512 * MEBIBYTE;
    socket.write(`POST ${PATH} HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`);
    const [head] = (await once(socket, "data")) as [Buffer];
    expect(head.toString()).toMatch(/^HTTP\/1\.1 413 /);
    const part = Buffer.alloc(MEBIBYTE, " ");
    let sent = 0;
    const send = () => {
      while (!socket.destroyed && socket.write(part)) sent += 1;
      sent += 1;
      if (sent < 100) socket.once("drain", send);
    };
    send();
    await gone;
    expect(sent).toBeLessThan(100);
  });
});

describe("the addresses of this host", () => {
  it("are those of the API and its health, as they were sent", () => {
    const own = ["/api", "/api/", "/api?x", "/api/v1", "/health", "/health/", "/health?x"];
    const others = ["/", "/apiary", "/api.txt", "/healthy", "/health/x", "/x/api/v1", "//api/v1", "/API/v1", "/admin/api/v1"];
    const of = (urls: string[]) => urls.filter((url) => isApiAddress({ url } as IncomingMessage));
    expect([of(own), of(others)]).toEqual([own, []]);
  });
});
