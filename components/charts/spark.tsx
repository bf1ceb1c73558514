interface SparkProps {
  /** Null where nothing was measured: drawn as zero. */
  values: readonly (number | null)[];
  /** A colour of the palette, as CSS. */
  colour: string;
}

/** The course of a figure that stands beside it in words: decoration, from zero to its own largest value. */
export function Spark({ values, colour }: SparkProps) {
  const top = Math.max(1e-9, ...values.map((value) => value ?? 0));
  const last = Math.max(1, values.length - 1);
  const line = values.map((value, at) => `${at === 0 ? "M" : "L"}${((at / last) * 100).toFixed(2)} ${(28 - ((value ?? 0) / top) * 26).toFixed(2)}`).join("");
  return (
    <svg className="spark" viewBox="0 0 100 28" preserveAspectRatio="none" aria-hidden="true">
      <path d={`${line}L100 28L0 28z`} style={{ fill: colour }} opacity="0.12" />
      <path d={line} fill="none" vectorEffect="non-scaling-stroke" strokeWidth="1.5" strokeLinejoin="round" style={{ stroke: colour }} />
    </svg>
  );
}
