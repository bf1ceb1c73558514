"use client";

import { useId } from "react";

export const LARGEST_SHARE = 50;
const TICKS = [1, 10, 25, 50];

/** Whole per cent from 1 to 50, or null for anything else. */
export function readShare(text: string): number | null {
  const value = Number(text);
  return /^\d{1,2}$/.test(text.trim()) && value >= 1 && value <= LARGEST_SHARE ? value : null;
}

interface ShareControlProps {
  label: string;
  value: string;
  /** What holds now, marked on the scale. */
  was: number | null;
  disabled: boolean;
  onChange: (value: string) => void;
}

const placeOf = (share: number) => (share - 1) / (LARGEST_SHARE - 1);

const at = (place: number) => `calc(5px + (100% - 10px) * ${place})`;

function ShareSlider({ label, value, was, disabled, onChange }: ShareControlProps) {
  const share = readShare(value);
  return (
    <div>
      <div className="slider" style={{ ["--share" as string]: `${placeOf(share ?? 1) * 100}%` }}>
        <input
          type="range"
          aria-label={`Slider: ${label}`}
          aria-valuetext={`${share ?? 1} %`}
          min={1}
          max={LARGEST_SHARE}
          value={share ?? 1}
          disabled={disabled}
          onChange={(event) => onChange(event.target.value)}
        />
        {was !== null && was !== share && <span className="was" style={{ left: at(placeOf(was)) }} />}
      </div>
      <div className="share-ticks" aria-hidden="true">
        {TICKS.map((tick) => (
          <span key={tick} style={{ left: at(placeOf(tick)) }}>
            {tick === LARGEST_SHARE ? `${tick} %` : tick}
          </span>
        ))}
      </div>
    </div>
  );
}

/** A share of the customers: a slider, and the number beside it. */
export function ShareControl(props: ShareControlProps) {
  const { label, value, disabled, onChange } = props;
  const id = useId();
  const isWrong = readShare(value) === null;
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      <div className="share-control">
        <ShareSlider {...props} />
        <div className="input" data-invalid={isWrong}>
          <input
            id={id}
            inputMode="numeric"
            autoComplete="off"
            value={value}
            disabled={disabled}
            aria-invalid={isWrong}
            aria-describedby={isWrong ? `${id}-error` : undefined}
            onChange={(event) => onChange(event.target.value)}
          />
          <span className="unit">%</span>
        </div>
      </div>
      {isWrong && (
        <p className="field-error" id={`${id}-error`}>
          Share takes whole per cent from 1 to {LARGEST_SHARE}.
        </p>
      )}
    </div>
  );
}
