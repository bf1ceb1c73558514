/**
 * Turns a drawing into the pixels the digit model was trained on, by the steps of its training data: crop to the ink, scale the longer
 * side to 20 pixels by area averaging, paste into 28 × 28 with the centre of mass in the middle (LeCun et al., MNIST).
 */

/** Ink below this does not count as drawn. */
const THRESHOLD = 20;
const INNER = 20;
const OUTER = 28;

/** Greyscale ink, 0 (nothing) to 255, row by row. */
export interface Ink {
  data: ArrayLike<number>;
  width: number;
  height: number;
}

interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

function findInk({ data, width, height }: Ink): Box | null {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if ((data[y * width + x] ?? 0) <= THRESHOLD) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = y;
    }
  }
  return right < 0 ? null : { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/** The mean ink of a rectangle whose edges may lie inside pixels. */
function averageInk({ data, width, height }: Ink, { left, top, width: across, height: down }: Box): number {
  let sum = 0;
  let area = 0;
  for (let y = Math.floor(top); y < Math.ceil(top + down); y++) {
    for (let x = Math.floor(left); x < Math.ceil(left + across); x++) {
      const covered = (Math.min(x + 1, left + across) - Math.max(x, left)) * (Math.min(y + 1, top + down) - Math.max(y, top));
      sum += covered * (data[Math.min(height - 1, y) * width + Math.min(width - 1, x)] ?? 0);
      area += covered;
    }
  }
  return sum / area;
}

function scaleDown(ink: Ink, box: Box): Ink {
  const scale = INNER / Math.max(box.width, box.height);
  const width = Math.max(1, Math.round(box.width * scale));
  const height = Math.max(1, Math.round(box.height * scale));
  const data = new Float64Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const part = { width: box.width / width, height: box.height / height };
      data[y * width + x] = averageInk(ink, { left: box.left + x * part.width, top: box.top + y * part.height, ...part });
    }
  }
  return { data, width, height };
}

/** How far to shift a row of ink so that its mean lies in the middle, without leaving the picture. */
function offset(moment: number, mass: number, size: number): number {
  return Math.min(OUTER - size, Math.max(0, Math.round(OUTER / 2 - (moment / mass + 0.5))));
}

/** @returns 784 whole numbers from 0 to 255, or null when nothing is drawn */
export function toDigitPixels(ink: Ink): number[] | null {
  const box = findInk(ink);
  if (!box) return null;
  const small = scaleDown(ink, box);
  let [mass, across, down] = [0, 0, 0];
  for (let index = 0; index < small.data.length; index++) {
    const value = small.data[index] ?? 0;
    mass += value;
    across += value * (index % small.width);
    down += value * Math.floor(index / small.width);
  }
  const left = offset(across, mass, small.width);
  const top = offset(down, mass, small.height);
  const pixels = Array.from({ length: OUTER * OUTER }, () => 0);
  for (let index = 0; index < small.data.length; index++) {
    const at = (top + Math.floor(index / small.width)) * OUTER + left + (index % small.width);
    pixels[at] = Math.round(small.data[index] ?? 0);
  }
  return pixels;
}

/** A picture in which ink and paper are closer than this, of 255, holds nothing but its own grain. */
const LEAST_CONTRAST = 40;
/** Of the way from paper to pen: what is nearer to the paper is shadow or grain. */
const GRAIN = 0.2;

/** Greys of a picture, 0 to 255; what is transparent counts as white paper. */
function toGreys(rgba: ArrayLike<number>, size: number): Uint8ClampedArray {
  const greys = new Uint8ClampedArray(size);
  for (let index = 0; index < size; index++) {
    const at = index * 4;
    const alpha = (rgba[at + 3] ?? 0) / 255;
    const grey = 0.299 * (rgba[at] ?? 0) + 0.587 * (rgba[at + 1] ?? 0) + 0.114 * (rgba[at + 2] ?? 0);
    greys[index] = Math.round(grey * alpha + 255 * (1 - alpha));
  }
  return greys;
}

/**
 * Ink from the colours of a picture. Most of a picture is paper, so its middle grey is the paper's; whichever end of the scale lies
 * farther from it is the pen's. Ink is measured from paper to pen: a photo on grey paper reads like a drawing on white.
 * @param rgba four bytes a pixel, as a canvas gives them; transparent counts as paper
 */
export function toInk(rgba: ArrayLike<number>, width: number, height: number): Ink {
  const greys = toGreys(rgba, width * height);
  const sorted = greys.toSorted();
  const paper = sorted[Math.floor(sorted.length / 2)] ?? 255;
  const [darkest, lightest] = [sorted[0] ?? paper, sorted.at(-1) ?? paper];
  const pen = paper - darkest >= lightest - paper ? darkest : lightest;
  const contrast = pen - paper;
  if (Math.abs(contrast) < LEAST_CONTRAST) return { data: new Uint8ClampedArray(greys.length), width, height };
  const isClean = paper === 255 || paper === 0;
  const data = greys.map((grey) => {
    const share = (grey - paper) / contrast;
    return !isClean && share < GRAIN ? 0 : Math.round(share * 255);
  });
  return { data, width, height };
}
