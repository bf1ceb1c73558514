/**
 * The least a Node server can do: reads a call whole and answers the bytes and headers it was given, the same each time.
 * `node bench/bare.mjs PORT ANSWER.json`, where ANSWER.json holds `{ headers: string[], body: string }`, headers as `rawHeaders` has them.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const [port, file] = process.argv.slice(2);
const { headers, body } = JSON.parse(readFileSync(file, "utf8"));
const bytes = Buffer.from(body);

const server = createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    Buffer.concat(parts);
    response.writeHead(200, headers);
    response.end(bytes);
  });
});
server.listen(Number(port), "127.0.0.1");
