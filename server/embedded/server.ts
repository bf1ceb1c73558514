import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import type { ServerState } from "./commands/call";
import { Connection } from "./connection";
import { Cursors } from "./cursors";
import type { CountedState } from "./data-pages";
import { Dispatcher } from "./dispatch";
import { Engine } from "./engine";
import { FailPoints } from "./fail-points";
import { startMaintenance } from "./maintenance";
import { Sessions } from "./sessions";

export interface ServerOptions {
  dataFolder: string;
  /** How many documents checkPages counted, when it did. */
  counted?: CountedState | null;
  /** A socket path, or null for a free port of 127.0.0.1. */
  socketPath: string | null;
  /** The server ends when nobody has been connected for so long. */
  graceMs: number;
  /** Offer configureFailPoint. */
  testCommands: boolean;
  onStop: () => void;
}

const FINISH_MS = 5000;

/** The listening server over one data folder. */
export class EmbeddedServer {
  private readonly engine: Engine;
  private readonly listener: net.Server;
  private readonly connections = new Set<Connection>();
  private readonly state: ServerState;
  private readonly dispatcher: Dispatcher;
  private readonly stopMaintenance: () => void;
  private nextConnectionId = 1;
  private graceTimer: NodeJS.Timeout | null = null;
  private stopping: Promise<void> | null = null;

  /** @throws Error with one line when the data cannot be opened */
  constructor(private readonly options: ServerOptions) {
    this.engine = new Engine(options.dataFolder, options.counted);
    const report = (name: string, error: unknown) => this.reportFault(name, error);
    const sessions = new Sessions(this.engine);
    const cursors = new Cursors();
    this.state = {
      engine: this.engine,
      sessions,
      cursors,
      address: options.socketPath ?? "",
      startedAt: Date.now(),
      connectionCount: () => this.connections.size,
      requestStop: () => setTimeout(() => void this.stop(), 20),
    };
    this.dispatcher = new Dispatcher(this.state, options.testCommands ? new FailPoints() : null, report);
    this.stopMaintenance = startMaintenance(this.engine, sessions, cursors, report);
    this.listener = net.createServer((socket) => this.accept(socket));
  }

  /** Resolves with the address clients use: the socket path, or "127.0.0.1:port". */
  async listen(): Promise<string> {
    const { socketPath } = this.options;
    await new Promise<void>((resolve, reject) => {
      this.listener.once("error", reject);
      if (socketPath) this.listener.listen({ path: socketPath }, resolve);
      else this.listener.listen({ host: "127.0.0.1", port: 0 }, resolve);
    });
    if (socketPath) fs.chmodSync(socketPath, 0o600);
    const bound = this.listener.address();
    if (bound !== null && typeof bound === "object") this.state.address = `127.0.0.1:${bound.port}`;
    this.waitForUsers();
    return this.state.address;
  }

  private accept(socket: net.Socket): void {
    if (this.graceTimer) clearTimeout(this.graceTimer);
    this.graceTimer = null;
    const connection = new Connection(this.nextConnectionId, socket, this.dispatcher);
    this.nextConnectionId += 1;
    this.connections.add(connection);
    socket.on("close", () => {
      this.connections.delete(connection);
      if (this.connections.size === 0) this.waitForUsers();
    });
  }

  private waitForUsers(): void {
    if (this.stopping || this.graceTimer) return;
    this.graceTimer = setTimeout(() => void this.stop(), this.options.graceMs);
  }

  /** Answers what was asked, writes everything to the disk, and lets go of the folder. */
  stop(): Promise<void> {
    this.stopping ??= this.shutDown();
    return this.stopping;
  }

  private async shutDown(): Promise<void> {
    if (this.graceTimer) clearTimeout(this.graceTimer);
    this.stopMaintenance();
    this.listener.close();
    this.engine.changes.wakeAll();
    const finished = Promise.all([...this.connections].map((connection) => connection.finish()));
    await Promise.race([finished, new Promise((resolve) => setTimeout(resolve, FINISH_MS).unref())]);
    for (const connection of this.connections) connection.close();
    this.state.sessions.abortAll();
    await this.engine.close();
    this.options.onStop();
  }

  /** A fault of this server, not of the client: kept in a file, since nobody watches a detached process. */
  reportFault(name: string, error: unknown): void {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    try {
      fs.appendFileSync(path.join(this.options.dataFolder, "server.log"), `${new Date().toISOString()} ${name}: ${detail}\n`);
    } catch {
      // With a full disk the client's error reply has to do.
    }
  }
}
