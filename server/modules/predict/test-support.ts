import "server-only";
import { deflateSync } from "node:zlib";

/** A chunk of a PNG; its checksum is left empty. */
export function createChunk(type: string, data: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  return Buffer.concat([length, Buffer.from(type, "latin1"), data, Buffer.alloc(4)]);
}

export interface Picture {
  colorType: number;
  /** Filter byte and samples of each line. */
  lines: number[];
  width?: number;
  height?: number;
  depth?: number;
  interlaced?: number;
  extra?: Buffer[];
}

/** A small PNG, with everything in it as a test wants it. */
export function createPng({ colorType, lines, width = 2, height = 2, depth = 8, interlaced = 0, extra = [] }: Picture): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colorType, 0, 0, interlaced], 8);
  const signature = Buffer.from("89504e470d0a1a0a", "hex");
  const data = createChunk("IDAT", deflateSync(Uint8Array.from(lines)));
  return Buffer.concat([signature, createChunk("IHDR", header), ...extra, data, createChunk("IEND", Buffer.alloc(0))]);
}

export const toDataUrl = (png: Uint8Array) => `data:image/png;base64,${Buffer.from(png).toString("base64")}`;
