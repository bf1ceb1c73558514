import "server-only";
import { Connection } from "mongodb/lib/cmap/connection.js";

/** Next evaluates modules more than once; the driver is loaded once. */
const done: typeof globalThis & { vitrineMendedDriver?: true } = globalThis;

/**
 * Lets nobody wait for ever for a connection that is gone. The driver (7.8) writes a command and, where the socket takes it only in part,
 * waits for its `drain` or `error`; a socket that was closed, before or meanwhile, emits neither. Each such wait would also keep one of the
 * pool's connections. Here the end of the connection ends the wait. To be taken out when the driver does that itself.
 */
export function mendDriver(): void {
  if (done.vitrineMendedDriver) return;
  done.vitrineMendedDriver = true;
  const write = Connection.prototype.writeCommand;
  Connection.prototype.writeCommand = async function writeWhileOpen(...command) {
    let end = () => {};
    const ended = new Promise<never>((_resolve, reject) => {
      end = () => reject(this.error ?? new Error("The connection is closed."));
      if (this.closed) end();
      else this.once("close", end);
    });
    try {
      await Promise.race([write.apply(this, command), ended]);
    } finally {
      this.off("close", end);
    }
  };
}
