import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { handleRest } from "@/server/api/rest";

/** What kill.test.ts kills: the REST door behind real HTTP, in a process of its own. */
const MOST_WAITING = 4_096;

async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(Buffer.from(part));
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value));
  const url = new URL(incoming.url ?? "/", "http://vitrine.test");
  const response = await handleRest(new Request(url, { method: "POST", headers, body: Buffer.concat(parts) }), "192.0.2.1");
  outgoing.writeHead(response.status, { "content-type": "application/json" });
  outgoing.end(await response.text());
}

const server = createServer((incoming, outgoing) => {
  answer(incoming, outgoing).catch(() => outgoing.destroy());
});

server.listen(0, "127.0.0.1", MOST_WAITING, () => {
  const address = server.address();
  if (typeof address === "object") process.send?.({ port: address?.port });
});
process.on("disconnect", () => process.exit());
