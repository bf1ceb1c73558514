import { createHash } from "node:crypto";
import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import path from "node:path";
import { describeFileProblem } from "./command";

const CHUNK_BYTES = 1024 * 1024;

/** A file that is being written, in pieces of a megabyte and hashed on the way. Failures name the folder that was asked for. */
export class LineFile {
  private readonly hash = createHash("sha256");
  private readonly descriptor: number;
  private waiting: string[] = [];
  private waitingLength = 0;

  constructor(
    folder: string,
    name: string,
    private readonly target: string,
  ) {
    this.descriptor = this.guard(() => openSync(path.join(folder, name), "wx"));
  }

  add(text: string): void {
    this.waiting.push(text);
    this.waitingLength += text.length;
    if (this.waitingLength >= CHUNK_BYTES) this.flush();
  }

  private flush(): void {
    const bytes = Buffer.from(this.waiting.join(""));
    this.waiting = [];
    this.waitingLength = 0;
    this.hash.update(bytes);
    let written = 0;
    while (written < bytes.length) written += this.guard(() => writeSync(this.descriptor, bytes, written));
  }

  /** Everything is on the disk. @returns the SHA-256 of the file */
  finish(): string {
    this.flush();
    this.guard(() => fsyncSync(this.descriptor));
    return this.hash.digest("hex");
  }

  close(): void {
    closeSync(this.descriptor);
  }

  private guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw describeFileProblem(error, this.target);
    }
  }
}
