"use client";

import { type ChangeEvent, type PointerEvent, useRef, useState } from "react";
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

/** The surface one draws on. The pixels that the model gets are made from it after every stroke. */
function DrawingSurface({ label, describedBy, onDrawn }: { label: string; describedBy: string | undefined; onDrawn: (canvas: HTMLCanvasElement) => void }) {
  const drawing = useRef(false);
  const draw = (event: PointerEvent<HTMLCanvasElement>) => {
    const context = event.currentTarget.getContext("2d");
    if (!drawing.current || !context) return;
    context.lineTo(...placeOf(event));
    context.stroke();
  };
  const start = (event: PointerEvent<HTMLCanvasElement>) => {
    const context = event.currentTarget.getContext("2d", { willReadFrequently: true });
    if (!context) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    drawing.current = true;
    startStroke(context);
    context.moveTo(...placeOf(event));
    draw(event);
  };
  const finish = (event: PointerEvent<HTMLCanvasElement>) => {
    if (!drawing.current) return;
    drawing.current = false;
    onDrawn(event.currentTarget);
  };
  return (
    <canvas
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

/** An image: draw it, or take a file. Beside the drawing stands what the model is shown. */
export function ImageField({ field, value, describedBy, onChange }: Props) {
  const [surface, setSurface] = useState(0);
  const [trouble, setTrouble] = useState<string | null>(null);
  const pixels = Array.isArray(value) ? value : [];
  const take = (drawn: number[] | null, reason: string) => {
    setTrouble(drawn ? null : reason);
    if (drawn) onChange(drawn);
  };
  const onDrawn = (canvas: HTMLCanvasElement) => {
    const data = canvas.getContext("2d")?.getImageData(0, 0, SURFACE, SURFACE).data;
    if (data) take(toDigitPixels(toInk(data, SURFACE, SURFACE)), "Nothing is drawn yet.");
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
      <DrawingSurface key={surface} label={field.label} describedBy={describedBy} onDrawn={onDrawn} />
      <div className="grid content-start justify-items-start gap-3">
        <div className="flex flex-wrap gap-2">
          <button type="button" className="btn" onClick={() => setSurface((count) => count + 1)}>
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
