"use client";

import { useEffect, useRef } from "react";

interface PixelsProps {
  /** Ink per pixel, 0 (paper) to 255, row by row. */
  ink: number[];
  width: number;
  height: number;
  label: string;
  /** Shown size in CSS pixels. */
  size: number;
}

/** An image field's pixels, dark on white. */
export function Pixels({ ink, width, height, label, size }: PixelsProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    const image = context.createImageData(width, height);
    image.data.fill(255);
    ink.forEach((value, index) => {
      const paper = 255 - value;
      image.data.set([paper, paper, paper, 255], index * 4);
    });
    context.putImageData(image, 0, 0);
  }, [ink, width, height]);
  return <canvas ref={canvas} className="pixels" width={width} height={height} role="img" aria-label={label} style={{ width: size, height: size }} />;
}
