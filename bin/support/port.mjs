import { createServer } from "node:net";
import { PlainError } from "./say.mjs";

/** @throws {PlainError} when the text is not a port; 0 asks for any free one */
export function parsePort(text, fallback) {
  if (text === undefined || text === "") return fallback;
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new PlainError(`PORT must be a number from 1 to 65535, not "${text}".`);
}

/** What to say when somebody else listens there. `command` is what the reader typed. */
export function takenPort(port, command) {
  return new PlainError(
    `Port ${port} is taken by another program. Choose another one: PORT=${port === 65_535 ? 3_000 : port + 1} ${command}`,
  );
}

/**
 * Listens for a moment, to learn whether the port is free before any work is done.
 * @returns {Promise<number>} the port; for 0 the free one that was found
 * @throws {PlainError} when it is taken or not allowed
 */
export function requireFreePort(port, host, command) {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", (error) => {
      if (error.code === "EADDRINUSE") return reject(takenPort(port, command));
      if (error.code === "EACCES")
        return reject(new PlainError(`Port ${port} needs more rights than this user has. Choose one above 1023.`));
      return reject(new PlainError(`Cannot listen on ${host ?? "this machine"}, port ${port}: ${error.message}`));
    });
    probe.listen(port, host, () => {
      const found = probe.address().port;
      probe.close(() => resolve(found));
    });
  });
}
