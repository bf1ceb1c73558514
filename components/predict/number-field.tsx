import type { KeyboardEvent } from "react";
import type { ControlProps } from "@/components/predict/field";
import type { IntegerField, NumberField as NumberFieldSchema } from "@/lib/contracts/model-schema";

/** Up to this span whole numbers are stepped through; a wider span gets a slider. */
const STEPPER_SPAN = 10;
/** From this ratio of the largest to the usual value a slider moves by factors, not by steps. */
const SKEWED = 15;
/** Arrow keys with Shift move this many steps. */
const BIG_STEP = 10;
const TRACK_POSITIONS = 1_000;

type Numeric = IntegerField | NumberFieldSchema;
type Props = ControlProps<Numeric>;

function stepOf(field: Numeric): number {
  return field.sliderStep ?? field.step ?? (field.type === "integer" ? 1 : ((field.max ?? 1) - (field.min ?? 0)) / 100);
}

function round(value: number, step: number): string {
  const decimals = Math.max(0, Math.ceil(-Math.log10(step)));
  return String(Number((Math.round(value / step) * step).toFixed(decimals + 1)));
}

function clamp(value: number, { min, max }: Numeric): number {
  return Math.min(max ?? Infinity, Math.max(min ?? -Infinity, value));
}

/** Between a place on the track (0 to 1) and a value; logarithmic for fields like lot size, where most cases crowd at one end. */
function trackOf(field: Numeric): { toValue: (place: number) => number; toPlace: (value: number) => number } {
  const low = field.min ?? 0;
  const high = field.max ?? 1;
  if (low > 0 && field.default !== undefined && high / field.default > SKEWED) {
    const ratio = Math.log(high / low);
    return { toValue: (place) => low * Math.exp(place * ratio), toPlace: (value) => Math.log(Math.max(value, low) / low) / ratio };
  }
  return { toValue: (place) => low + place * (high - low), toPlace: (value) => (value - low) / (high - low) };
}

/** Arrow keys change a typed number the way they would move its slider. */
function stepByKey(event: KeyboardEvent, field: Numeric, value: string, onChange: (value: string) => void): void {
  const direction = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
  if (direction === 0 || !Number.isFinite(Number(value))) return;
  event.preventDefault();
  const step = stepOf(field);
  onChange(round(clamp(Number(value) + direction * step * (event.shiftKey ? BIG_STEP : 1), field), step));
}

interface TypedInputProps extends Props {
  mode: "decimal" | "numeric";
}

/** The number as text, so that whatever is typed stays as it is until it is right. */
function TypedInput({ field, id, name, value, invalid, describedBy, onChange, mode }: TypedInputProps) {
  return (
    <input
      id={id}
      name={name}
      inputMode={mode}
      autoComplete="off"
      value={String(value)}
      aria-invalid={invalid}
      aria-describedby={describedBy}
      onChange={(event) => onChange(event.target.value, false)}
      onKeyDown={(event) => stepByKey(event, field, String(value), onChange)}
    />
  );
}

function Typed(props: Props) {
  const { unit } = props.field;
  const isMoney = unit === "$";
  return (
    <div className="input" data-invalid={props.invalid}>
      {isMoney && <span className="unit">$</span>}
      <TypedInput {...props} mode="decimal" />
      {unit && !isMoney && <span className="unit">{unit}</span>}
    </div>
  );
}

function Stepper(props: Props) {
  const { field, value, onChange } = props;
  const number = Number(value);
  const move = (by: number) => onChange(String(clamp((Number.isFinite(number) ? number : 0) + by, field)));
  return (
    <div className="stepper">
      <button type="button" aria-label={`Less, ${field.label}`} disabled={number <= (field.min ?? -Infinity)} onClick={() => move(-1)}>
        &minus;
      </button>
      <TypedInput {...props} mode="numeric" />
      <button type="button" aria-label={`More, ${field.label}`} disabled={number >= (field.max ?? Infinity)} onClick={() => move(1)}>
        +
      </button>
    </div>
  );
}

function Slider({ field, value, was, onChange }: Props) {
  const track = trackOf(field);
  const place = (at: Props["was"]) => Math.min(1, Math.max(0, track.toPlace(Number(at))));
  const share = Number.isFinite(Number(value)) ? place(value) : 0;
  const step = stepOf(field);
  const wasPlace = was !== undefined && was !== value && Number.isFinite(Number(was)) ? place(was) : null;
  const move = (position: number) => onChange(round(clamp(track.toValue(position / TRACK_POSITIONS), field), step), false);
  const onKeyDown = (event: KeyboardEvent) => {
    const direction = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (direction === undefined) return;
    event.preventDefault();
    const from = Number.isFinite(Number(value)) ? Number(value) : (field.min ?? 0);
    onChange(round(clamp(from + direction * step * (event.shiftKey ? BIG_STEP : 1), field), step));
  };
  return (
    <div className="slider" style={{ ["--share" as string]: `${share * 100}%` }}>
      <input
        type="range"
        aria-label="Slider"
        aria-valuetext={`${String(value)} ${field.unit ?? ""}`.trim()}
        min={0}
        max={TRACK_POSITIONS}
        value={Math.round(share * TRACK_POSITIONS)}
        onChange={(event) => move(Number(event.target.value))}
        onKeyDown={onKeyDown}
      />
      {wasPlace !== null && <span className="was" style={{ left: `calc(5px + (100% - 10px) * ${wasPlace})` }} />}
    </div>
  );
}

/** A number: a stepper for a few whole numbers, a slider beside the typed value for a range, the typed value alone otherwise. */
export function NumberField(props: Props) {
  const { min, max, type, label } = props.field;
  if (min === undefined || max === undefined) return <Typed {...props} />;
  if (type === "integer" && max - min <= STEPPER_SPAN) return <Stepper {...props} />;
  return (
    <fieldset className="number-pair">
      <legend className="sr-only">{label}</legend>
      <Slider {...props} />
      <Typed {...props} />
    </fieldset>
  );
}
