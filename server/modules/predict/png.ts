import "server-only";
import { inflateSync } from "node:zlib";

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const PREFIX = "data:image/png;base64,";
/** Samples per pixel by colour type (PNG specification, third edition, table 9). */
const samplesByColorType: Partial<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

interface Header {
  width: number;
  height: number;
  colorType: number;
  samples: number;
}

interface Parts {
  header: Header;
  palette: Buffer;
  /** Opacity of the palette's entries, of chunk tRNS. */
  opacity: Buffer;
  data: Buffer;
}

/** What is wrong with an image, said to people. */
class PngRefusal extends Error {}

function readHeader(chunk: Buffer, width: number, height: number): Header {
  if (chunk.length !== 13) throw new PngRefusal("Must be a PNG image.");
  const samples = samplesByColorType[chunk.readUInt8(9)];
  if (chunk.readUInt32BE(0) !== width || chunk.readUInt32BE(4) !== height) {
    throw new PngRefusal(`Must be exactly ${width} × ${height} pixels: resize the image before sending it.`);
  }
  const isPlain = chunk.readUInt8(8) === 8 && chunk.readUInt8(12) === 0;
  if (!isPlain || samples === undefined) throw new PngRefusal("Must be a PNG of 8 bits a channel without interlacing: save it so.");
  return { width, height, colorType: chunk.readUInt8(9), samples };
}

function readParts(file: Buffer, width: number, height: number): Parts {
  if (!file.subarray(0, 8).equals(SIGNATURE)) throw new PngRefusal("Must be a PNG image.");
  let header: Header | null = null;
  let palette: Buffer = Buffer.alloc(0);
  let opacity: Buffer = Buffer.alloc(0);
  const data: Buffer[] = [];
  for (let position = 8; position + 12 <= file.length; ) {
    const length = file.readUInt32BE(position);
    const type = file.toString("latin1", position + 4, position + 8);
    if (length > file.length - position - 12) throw new PngRefusal("Must be a whole PNG image: this one is cut off.");
    const chunk = file.subarray(position + 8, position + 8 + length);
    if (type === "IHDR") header = readHeader(chunk, width, height);
    else if (type === "PLTE") palette = chunk;
    else if (type === "tRNS") opacity = chunk;
    else if (type === "IDAT") data.push(chunk);
    else if (type === "IEND") break;
    position += length + 12;
  }
  if (!header || data.length === 0) throw new PngRefusal("Must be a PNG image.");
  return { header, palette, opacity, data: Buffer.concat(data) };
}

/** The predictor of filter type 4 (section 9.4 of the specification). */
function paeth(left: number, above: number, corner: number): number {
  const guess = left + above - corner;
  const [byLeft, byAbove, byCorner] = [Math.abs(guess - left), Math.abs(guess - above), Math.abs(guess - corner)];
  if (byLeft <= byAbove && byLeft <= byCorner) return left;
  return byAbove <= byCorner ? above : corner;
}

function predictorOf(filter: number): (left: number, above: number, corner: number) => number {
  if (filter === 0) return () => 0;
  if (filter === 1) return (left) => left;
  if (filter === 2) return (_left, above) => above;
  if (filter === 3) return (left, above) => (left + above) >> 1;
  if (filter === 4) return paeth;
  throw new PngRefusal("Must be a whole PNG image: this one is damaged.");
}

/** Inflates and takes the line filters back; never unpacks more than the declared size holds. */
function readSamples({ header, data }: Parts): Uint8Array {
  const stride = header.width * header.samples;
  const size = (stride + 1) * header.height;
  let lines: Buffer;
  try {
    lines = inflateSync(data, { maxOutputLength: size });
  } catch {
    throw new PngRefusal("Must be a whole PNG image: this one is damaged.");
  }
  if (lines.length !== size) throw new PngRefusal("Must be a whole PNG image: this one is cut off.");
  const samples = new Uint8Array(stride * header.height);
  for (let y = 0; y < header.height; y++) {
    const predict = predictorOf(lines[y * (stride + 1)] ?? 0);
    for (let x = 0; x < stride; x++) {
      const at = y * stride + x;
      const left = x < header.samples ? 0 : (samples[at - header.samples] ?? 0);
      const above = y === 0 ? 0 : (samples[at - stride] ?? 0);
      const corner = x < header.samples || y === 0 ? 0 : (samples[at - stride - header.samples] ?? 0);
      samples[at] = (lines[y * (stride + 1) + 1 + x] ?? 0) + predict(left, above, corner);
    }
  }
  return samples;
}

/** ITU-R BT.601 luma over black: what is transparent is background. */
function toGrey(red: number, green: number, blue: number, alpha: number): number {
  return Math.round(((0.299 * red + 0.587 * green + 0.114 * blue) * alpha) / 255);
}

function toPixels(parts: Parts): number[] {
  const { header, palette, opacity } = parts;
  const samples = readSamples(parts);
  return Array.from({ length: header.width * header.height }, (_unused, index) => {
    const at = index * header.samples;
    const sample = (offset: number) => samples[at + offset] ?? 0;
    if (header.colorType === 0) return sample(0);
    if (header.colorType === 4) return toGrey(sample(0), sample(0), sample(0), sample(1));
    if (header.colorType === 2) return toGrey(sample(0), sample(1), sample(2), 255);
    if (header.colorType === 6) return toGrey(sample(0), sample(1), sample(2), sample(3));
    const entry = sample(0) * 3;
    if (entry + 3 > palette.length) throw new PngRefusal("Must be a whole PNG image: its palette is too short.");
    return toGrey(palette[entry] ?? 0, palette[entry + 1] ?? 0, palette[entry + 2] ?? 0, opacity[sample(0)] ?? 255);
  });
}

/**
 * The pixels of a PNG sent as a data URL: grey values 0 to 255, row by row.
 * @param image the size the picture must have
 * @returns the pixels, or a sentence that says what to send instead
 */
export function decodePng(text: string, image: { width: number; height: number }): number[] | string {
  if (!text.startsWith(PREFIX)) {
    return `Must be "${PREFIX}…", or a list of ${image.width * image.height} whole numbers from 0 to 255.`;
  }
  try {
    return toPixels(readParts(Buffer.from(text.slice(PREFIX.length), "base64"), image.width, image.height));
  } catch (error) {
    if (error instanceof PngRefusal) return error.message;
    throw error;
  }
}
