import type { Socket } from "node:net";
import { getField, type Document } from "./bson";
import type { ConnectionInfo } from "./commands/call";
import type { Dispatcher } from "./dispatch";
import { buildErrorReply } from "./error-reply";
import { buildClusterTime, CursorReply, encodeReply, type Reply } from "./reply";
import { encodeLegacyReply, encodeMessage, FrameSplitter, parseRequest, type Request } from "./wire";
import { isDocument } from "./values";

/** Requests read ahead of the one being answered before the client has to wait. */
const MAX_WAITING = 64;

/**
 * One client connection. Requests are answered in the order they came. A malformed frame closes this connection and
 * touches nothing else.
 */
export class Connection implements ConnectionInfo {
  appName: string | null = null;
  private readonly frames = new FrameSplitter();
  private tail: Promise<void> = Promise.resolve();
  private waiting = 0;

  constructor(
    readonly id: number,
    private readonly socket: Socket,
    private readonly dispatcher: Dispatcher,
  ) {
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk: Buffer) => this.receive(chunk));
  }

  /** Resolves when everything received so far has been answered. */
  async finish(): Promise<void> {
    await this.tail;
  }

  close(): void {
    this.socket.destroy();
  }

  private receive(chunk: Buffer): void {
    try {
      for (const frame of this.frames.push(chunk)) this.enqueue(frame);
    } catch {
      this.close();
    }
  }

  private enqueue(frame: Buffer): void {
    this.waiting += 1;
    if (this.waiting >= MAX_WAITING) this.socket.pause();
    this.tail = this.tail
      .then(() => this.answer(frame))
      .catch(() => this.close())
      .then(() => {
        this.waiting -= 1;
        if (this.waiting < MAX_WAITING && this.socket.isPaused()) this.socket.resume();
      });
  }

  private async answer(frame: Buffer): Promise<void> {
    if (this.socket.destroyed) return;
    const request = parseRequest(frame);
    this.appName ??= readAppName(request.command);
    const outcome = await this.dispatcher.run(request.command, this);
    if ("drop" in outcome) return this.close();
    if (!request.wantsReply || this.socket.destroyed) return;
    const bytes = this.encode(request, outcome.reply);
    if (!this.socket.write(bytes)) await this.drained();
  }

  private encode({ id, kind, command }: Request, reply: Reply): Buffer {
    try {
      if (kind === "legacy-query" && !(reply instanceof CursorReply)) return encodeLegacyReply(id, reply);
      return encodeMessage(id, encodeReply(reply, buildClusterTime()));
    } catch (error) {
      return encodeMessage(id, encodeReply(buildErrorReply(error, "", command), buildClusterTime()));
    }
  }

  /** A client that does not read must not make the server hold its replies. */
  private drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.socket.off("drain", done);
        this.socket.off("close", done);
        resolve();
      };
      this.socket.on("drain", done);
      this.socket.on("close", done);
    });
  }
}

function readAppName(command: Document): string | null {
  const client = getField(command, "client");
  const application = isDocument(client) ? client.application : undefined;
  return isDocument(application) && typeof application.name === "string" ? application.name : null;
}
