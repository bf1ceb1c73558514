"use client";

import { type ChangeEvent, type PointerEvent, useEffect, useRef, useState } from "react";
import { Pixels } from "@/components/charts/pixels";
import type { ControlProps } from "@/components/predict/field";
import type { ImageField as ImageFieldSchema } from "@/lib/contracts/model-schema";
import { toDigitPixels, toInk } from "@/lib/digit-image";

/** The drawing surface in its own pixels; the pen is as thick as in the model's training data. */
const SURFACE = 280;
const PEN = 22;

type Props = ControlProps<ImageFieldSchema>;

function startStroke(context: CanvasRenderingContext2D): void {
  context.lineWidth = PEN;
  context.lineCap = "round";
  context.lineJoin = "round";
  context.strokeStyle = "#000";
  context.beginPath();
}

/** Where a pointer is on the surface, whatever size it is shown in. */
function placeOf(event: PointerEvent<HTMLCanvasElement>): [x: number, y: number] {
  const box = event.currentTarget.getBoundingClientRect();
  return [((event.clientX - box.left) / box.width) * SURFACE, ((event.clientY - box.top) / box.height) * SURFACE];
}

async function readPicture(file: File): Promise<number[] | null> {
  const bitmap = await createImageBitmap(file);
  const canvas = document.createElement("canvas");
  const scale = Math.min(1, SURFACE / Math.max(bitmap.width, bitmap.height));
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d");
  if (!context) return null;
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  return toDigitPixels(toInk(data, canvas.width, canvas.height));
}

/** Puts pixels on the surface as they are, dark on white. */
function paintPixels(canvas: HTMLCanvasElement, pixels: number[], width: number): void {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return;
  context.clearRect(0, 0, SURFACE, SURFACE);
  const size = SURFACE / width;
  pixels.forEach((ink, index) => {
    if (ink === 0) return;
    context.fillStyle = `rgb(0 0 0 / ${ink / 255})`;
    context.fillRect((index % width) * size, Math.floor(index / width) * size, size, size);
  });
}

interface DrawingSurfaceProps {
  label: string;
  describedBy: string | undefined;
  /** What to show until somebody draws: an example, or a picture taken from a file. */
  shown: number[];
  width: number;
  onDrawn: (pixels: number[] | null) => void;
}

/** The surface one draws on. The pixels that the model gets are made from it after every stroke. */
function DrawingSurface({ label, describedBy, shown, width, onDrawn }: DrawingSurfaceProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawing = useRef(false);
  /** The pixels that this surface's own strokes gave: those need not be painted back. */
  const own = useRef<number[] | null>(null);
  useEffect(() => {
    if (!canvas.current || shown === own.current) return;
    own.current = null;
    paintPixels(canvas.current, shown, width);
  }, [shown, width]);
  const start = (event: PointerEvent<HTMLCanvasElement>) => {
    const context = event.currentTarget.getContext("2d", { willReadFrequently: true });
    if (!context) return;
    if (own.current === null) context.clearRect(0, 0, SURFACE, SURFACE);
    event.currentTarget.setPointerCapture(event.pointerId);
    drawing.current = true;
    startStroke(context);
    context.moveTo(...placeOf(event));
    draw(event);
  };
  const draw = (event: PointerEvent<HTMLCanvasElement>) => {
    const context = event.currentTarget.getContext("2d", { willReadFrequently: true });
    if (!drawing.current || !context) return;
    context.lineTo(...placeOf(event));
    context.stroke();
  };
  const finish = (event: PointerEvent<HTMLCanvasElement>) => {
    const data = event.currentTarget.getContext("2d", { willReadFrequently: true })?.getImageData(0, 0, SURFACE, SURFACE).data;
    if (!drawing.current || !data) return;
    drawing.current = false;
    own.current = toDigitPixels(toInk(data, SURFACE, SURFACE));
    onDrawn(own.current);
  };
  return (
    <canvas
      ref={canvas}
      width={SURFACE}
      height={SURFACE}
      role="img"
      aria-label={label}
      aria-describedby={describedBy}
      className="drawing"
      onPointerDown={start}
      onPointerMove={draw}
      onPointerUp={finish}
      onPointerCancel={finish}
    />
  );
}

const NOTHING: number[] = [];

/** An image: draw it, or take a file. Beside the drawing stands what the model is shown. */
export function ImageField({ field, value, describedBy, onChange }: Props) {
  const [trouble, setTrouble] = useState<string | null>(null);
  const pixels = Array.isArray(value) ? value : NOTHING;
  const take = (picture: number[] | null, reason: string) => {
    setTrouble(picture ? null : reason);
    if (picture) onChange(picture);
  };
  const clear = () => {
    setTrouble(null);
    onChange("");
  };
  const onFile = async (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0];
    event.target.value = "";
    if (!file) return;
    const picture = await readPicture(file).catch(() => null);
    take(picture, "This file holds no picture with a digit in it. Try a PNG or a photo of one dark digit on paper.");
  };
  return (
    <div className="grid gap-4 min-[480px]:grid-cols-[minmax(0,280px)_1fr]">
      <DrawingSurface
        label={field.label}
        describedBy={describedBy}
        shown={pixels}
        width={field.width}
        onDrawn={(drawn) => take(drawn, "Nothing is drawn yet.")}
      />
      <div className="grid content-start justify-items-start gap-3">
        <div className="flex flex-wrap gap-2">
          <button type="button" className="btn" onClick={clear}>
            Clear
          </button>
          {field.capture.includes("upload") && (
            <label className="btn focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-focus">
              Take a file
              <input type="file" accept="image/*" className="sr-only" onChange={onFile} />
            </label>
          )}
        </div>
        <p className="help">What it is shown, {`${field.width} × ${field.height}`}:</p>
        <Pixels ink={pixels} width={field.width} height={field.height} label="The picture that the model is shown" size={112} />
        {trouble && (
          <p className="field-error" role="alert">
            {trouble}
          </p>
        )}
      </div>
    </div>
  );
}
