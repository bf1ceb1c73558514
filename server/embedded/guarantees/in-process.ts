import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { deserializeTyped, getField, serializeDocument, type Document } from "../bson";
import { Cursors } from "../cursors";
import { Dispatcher } from "../dispatch";
import { Engine } from "../engine";
import { encodeReply } from "../reply";
import { Sessions } from "../sessions";
import { toNumber } from "../values";

/** The server's commands without its process and sockets, for tests that send tens of thousands of them. */
export class InProcessServer {
  readonly engine: Engine;
  private readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), "embedded-in-process-"));
  private readonly dispatcher: Dispatcher;

  constructor() {
    this.engine = new Engine(this.folder);
    const server = {
      engine: this.engine,
      sessions: new Sessions(this.engine),
      cursors: new Cursors(),
      address: "in-process",
      startedAt: Date.now(),
      connectionCount: () => 1,
      requestStop: () => undefined,
    };
    this.dispatcher = new Dispatcher(server, null, (name, error) => {
      throw new Error(`fault in ${name}`, { cause: error });
    });
  }

  /** The reply to a command of database `test`, as it would go over the wire. */
  async send(command: Document): Promise<Document> {
    const arrived = deserializeTyped(serializeDocument({ ...command, $db: "test" }));
    const outcome = await this.dispatcher.run(arrived, { id: 1, appName: null });
    if ("drop" in outcome) throw new Error("the connection would have been dropped");
    return deserializeTyped(encodeReply(outcome.reply));
  }

  /** Like send, for commands that are expected to work. */
  async expectOk(command: Document): Promise<Document> {
    const reply = await this.send(command);
    const problem = getField(reply, "writeErrors") ?? (toNumber(reply.ok ?? 1) === 1 ? undefined : reply.errmsg);
    if (problem !== undefined) throw new Error(`${JSON.stringify(command)} failed: ${JSON.stringify(problem)}`);
    return reply;
  }

  /** All documents a find or aggregate answers with, over as many batches as it takes. */
  async readAll(command: Document): Promise<Document[]> {
    const documents: Document[] = [];
    const collection = command.find ?? command.aggregate;
    const { lsid, txnNumber, autocommit } = command;
    const transaction = txnNumber === undefined ? {} : { lsid, txnNumber, autocommit };
    for (let next = command; ; ) {
      const { cursor } = (await this.expectOk(next)) as { cursor: { id: bigint; firstBatch?: Document[]; nextBatch?: Document[] } };
      documents.push(...(cursor.firstBatch ?? cursor.nextBatch ?? []));
      if (String(cursor.id) === "0") return documents;
      next = { getMore: cursor.id, collection, batchSize: 1000, ...transaction };
    }
  }

  async close(): Promise<void> {
    await this.engine.close();
    fs.rmSync(this.folder, { recursive: true });
  }
}
