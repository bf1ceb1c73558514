import { describe, expect, test } from "vitest";
import { type Ink, toDigitPixels, toInk } from "@/lib/digit-image";

/** A filled rectangle of ink on an empty surface. */
function drawBar(size: number, left: number, top: number, width: number, height: number): Ink {
  const data = new Uint8Array(size * size);
  for (let y = top; y < top + height; y++) data.fill(255, y * size + left, y * size + left + width);
  return { data, width: size, height: size };
}

/** The colours of a picture that shows `ink` in one grey on another. */
function paint({ data, width, height }: Ink, paper: number, pen: number, alpha = 255): Uint8Array {
  return Uint8Array.from({ length: width * height * 4 }, (_unused, at) => (at % 4 === 3 ? alpha : data[Math.floor(at / 4)] ? pen : paper));
}

function findBox(pixels: number[]): { width: number; height: number } {
  const inked = pixels.flatMap((ink, index) => (ink > 0 ? [index] : []));
  const columns = inked.map((index) => index % 28);
  const rows = inked.map((index) => Math.floor(index / 28));
  return { width: Math.max(...columns) - Math.min(...columns) + 1, height: Math.max(...rows) - Math.min(...rows) + 1 };
}

function findCentre(pixels: number[]): { x: number; y: number } {
  const mass = pixels.reduce((sum, ink) => sum + ink, 0);
  const x = pixels.reduce((sum, ink, index) => sum + ink * ((index % 28) + 0.5), 0) / mass;
  const y = pixels.reduce((sum, ink, index) => sum + ink * (Math.floor(index / 28) + 0.5), 0) / mass;
  return { x, y };
}

describe("toDigitPixels", () => {
  test("nothing drawn is nothing to ask about", () => {
    expect(toDigitPixels({ data: new Uint8Array(280 * 280), width: 280, height: 280 })).toBeNull();
    expect(toDigitPixels({ data: new Uint8Array(100).fill(20), width: 10, height: 10 }), "a trace below the threshold").toBeNull();
  });

  test("gives 784 whole numbers from 0 to 255, the longer side 20 pixels, the mass in the middle, wherever it was drawn", () => {
    for (const [left, top] of [[0, 0], [120, 60], [249, 139]] as const) {
      const pixels = toDigitPixels(drawBar(280, left, top, 31, 141)) ?? [];
      expect(pixels).toHaveLength(784);
      expect(pixels.every((ink) => Number.isInteger(ink) && ink >= 0 && ink <= 255)).toBe(true);
      expect(findBox(pixels)).toEqual({ width: 4, height: 20 });
      expect(Math.abs(findCentre(pixels).x - 14)).toBeLessThanOrEqual(0.5);
      expect(Math.abs(findCentre(pixels).y - 14)).toBeLessThanOrEqual(0.5);
    }
  });

  test("shrinking keeps the share of ink: a half-inked area becomes half grey", () => {
    const data = Uint8Array.from({ length: 40 * 40 }, (_unused, index) => ((index % 40) + Math.floor(index / 40)) % 2 === 0 ? 255 : 0);
    const pixels = (toDigitPixels({ data, width: 40, height: 40 }) ?? []).filter((ink) => ink > 0);
    expect(new Set(pixels)).toEqual(new Set([128]));
  });

  test("a dot is scaled up, not lost", () => {
    expect(findBox(toDigitPixels(drawBar(28, 3, 3, 1, 1)) ?? [])).toEqual({ width: 20, height: 20 });
  });
});

describe("toInk", () => {
  const bar = drawBar(40, 18, 5, 5, 30);
  const expected = toDigitPixels(bar);

  test("dark on white, light on black and dark on nothing are the same drawing", () => {
    expect(toDigitPixels(toInk(paint(bar, 255, 0), 40, 40))).toEqual(expected);
    expect(toDigitPixels(toInk(paint(bar, 0, 255), 40, 40))).toEqual(expected);
    const onNothing = paint(bar, 0, 0).map((value, at) => (at % 4 === 3 && !bar.data[Math.floor(at / 4)] ? 0 : value));
    expect(toDigitPixels(toInk(onNothing, 40, 40))).toEqual(expected);
  });

  test("the grey of the paper in a photo is not ink, and a faint pen counts in full", () => {
    expect(toDigitPixels(toInk(paint(bar, 190, 60), 40, 40))).toEqual(expected);
    expect(toDigitPixels(toInk(paint(bar, 40, 210), 40, 40))).toEqual(expected);
  });

  test("an empty sheet, white, grey or with its grain, holds no ink", () => {
    const empty = drawBar(40, 0, 0, 0, 0);
    for (const paper of [255, 190, 0]) expect(toDigitPixels(toInk(paint(empty, paper, 0), 40, 40)), String(paper)).toBeNull();
    const grain = paint(empty, 200, 0).map((value, at) => (at % 4 === 3 ? value : value + (Math.floor(at / 4) % 7)));
    expect(toDigitPixels(toInk(grain, 40, 40))).toBeNull();
  });
});
