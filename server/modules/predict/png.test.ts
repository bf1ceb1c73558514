import { describe, expect, it } from "vitest";
import { decodePng } from "@/server/modules/predict/png";
import { createChunk, createPng, type Picture, toDataUrl } from "@/server/modules/predict/test-support";

const SIZE = { width: 2, height: 2 };

/** Black, white and a dark grey. */
const palette = Uint8Array.of(0, 0, 0, 255, 255, 255, 8, 8, 8);
const notPlain = "Must be a PNG of 8 bits a channel without interlacing: save it so.";
const damaged = "Must be a whole PNG image: this one is damaged.";
const decode = (picture: Picture) => decodePng(toDataUrl(createPng(picture)), SIZE);

describe("a PNG", () => {
  it.each([
    ["grey", { colorType: 0, lines: [0, 1, 2, 0, 3, 255] }, [1, 2, 3, 255]],
    ["colour, by its brightness", { colorType: 2, lines: [0, 255, 255, 255, 255, 0, 0, 0, 0, 255, 0, 0, 0, 255] }, [255, 76, 150, 29]],
    ["grey, with transparency over black", { colorType: 4, lines: [0, 200, 255, 200, 0, 0, 100, 51, 9, 255] }, [200, 0, 20, 9]],
    [
      "colour, with transparency over black",
      { colorType: 6, lines: [0, 9, 9, 9, 255, 9, 9, 9, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255] },
      [9, 0, 0, 255],
    ],
    [
      "a palette",
      { colorType: 3, lines: [0, 0, 1, 0, 2, 2], extra: [createChunk("PLTE", palette), createChunk("tRNS", Uint8Array.of(255, 0))] },
      [0, 0, 8, 8],
    ],
  ])("is read: %s", (_what, picture, pixels) => {
    expect(decode(picture)).toEqual(pixels);
  });

  it.each([
    ["left", [1, 10, 5, 1, 20, 5], [10, 15, 20, 25]],
    ["above", [0, 10, 15, 2, 10, 250], [10, 15, 20, 9]],
    ["average", [0, 10, 20, 3, 5, 5], [10, 20, 10, 20]],
    ["Paeth", [0, 10, 20, 4, 5, 5], [10, 20, 15, 25]],
  ])("is read with the line filter %s", (_filter, lines, pixels) => {
    expect(decode({ colorType: 0, lines })).toEqual(pixels);
  });

  it.each([
    [
      "another size",
      { colorType: 0, lines: [0, 1, 2, 3], width: 3, height: 1 },
      "Must be exactly 2 × 2 pixels: resize the image before sending it.",
    ],
    ["16 bits a channel", { colorType: 0, lines: [], depth: 16 }, notPlain],
    ["interlacing", { colorType: 0, lines: [], interlaced: 1 }, notPlain],
    ["more data than its size holds", { colorType: 0, lines: Array.from({ length: 100_000 }, () => 0) }, damaged],
    ["less data than its size holds", { colorType: 0, lines: [0, 1] }, "Must be a whole PNG image: this one is cut off."],
    ["a filter that does not exist", { colorType: 0, lines: [9, 1, 2, 0, 3, 4] }, damaged],
    ["a palette that is too short", { colorType: 3, lines: [0, 0, 1, 0, 2, 2] }, "Must be a whole PNG image: its palette is too short."],
  ])("is refused with a remedy: %s", (_what, picture, sentence) => {
    expect(decode(picture)).toBe(sentence);
  });

  it("is refused wherever it is cut off, and never throws", () => {
    const png = createPng({ colorType: 0, lines: [0, 1, 2, 0, 3, 4] });
    for (let length = 0; length < png.length - 16; length++) {
      expect(decodePng(toDataUrl(png.subarray(0, length)), SIZE)).toMatch(/^Must be a /);
    }
  });

  it("has to come as a data URL", () => {
    const empty = toDataUrl(Buffer.alloc(0));
    for (const text of ["", "data:image/jpeg;base64,AAAA", "https://example.com/a.png", empty, `${empty}%%%`]) {
      expect(decodePng(text, SIZE)).toMatch(/^Must be /);
    }
  });
});
