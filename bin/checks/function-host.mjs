/**
 * Serves one function of a deployment the way its platform does: loads the launcher of the folder it was laid out in and hands it every
 * request. `PORT=… node function-host.mjs FOLDER HANDLER ADDRESS`.
 */
import { createServer } from "node:http";
import { createRequire } from "node:module";
import path from "node:path";

/** What the platform lends to every request: work that goes on after the answer. */
const context = { waitUntil: (work) => void Promise.resolve(work).catch((error) => process.stderr.write(`${error}\n`)) };
globalThis[Symbol.for("@vercel/request-context")] = { get: () => context };

const [folder, handler, address] = process.argv.slice(2);
process.chdir(folder);
const handle = createRequire(path.join(folder, "/"))(path.join(folder, handler));
const server = createServer((request, response) => {
  // The platform says which of the function's routes an address leads to.
  request.headers["x-matched-path"] = address;
  void handle(request, response);
});
server.listen(Number(process.env.PORT), "127.0.0.1");
