"use client";

import Link from "next/link";
import { useMemo } from "react";
import { Pixels } from "@/components/charts/pixels";
import { AnswerFigure } from "@/components/predict/answer-figure";
import { isShortChoice } from "@/components/predict/choice-field";
import { Field } from "@/components/predict/field";
import { useCase } from "@/components/predict/use-case";
import type { PredictionState, ShownAnswer } from "@/components/predict/use-prediction";
import { Icon } from "@/components/ui/icon";
import { viewAnswer } from "@/lib/answer-view";
import { type FormValues, toFormValues } from "@/lib/case-url";
import type { Example } from "@/lib/contracts/catalog";
import type { InputField } from "@/lib/contracts/model-schema";
import { formatMilliseconds } from "@/lib/format";
import type { ShownVersion } from "@/lib/shown-version";

/** A model with more fields than this starts from whole cases. */
const MANY_FIELDS = 20;
const EXCERPT = 150;

interface ModelPaneProps {
  slug: string;
  name: string;
  pitch: string;
  live: ShownVersion;
  /** Said beside the name; a paused model does not answer. */
  paused: boolean;
  /** A wide pane shows three controls beside the answer, a narrow one the first control above it. */
  wide: boolean;
}

/** The controls that a card has room for: the first ones that are moved rather than typed. */
function featuredFields(fields: InputField[], count: number): InputField[] {
  if (fields.length > MANY_FIELDS) return [];
  const isMovable = (field: InputField) => field.type === "integer" || field.type === "number" || (field.type === "category" && isShortChoice(field));
  const choices = fields.filter((field) => field.type === "category" && isMovable(field) && field.categories.length > 2);
  const numbers = fields.filter((field) => field.type !== "category" && isMovable(field));
  const picked = [...numbers.slice(0, count === 1 ? 1 : 2), ...choices.slice(0, count === 1 ? 0 : 1)];
  return picked.slice(0, count);
}

interface CaseSwitchProps {
  slug: string;
  examples: Example[];
  chosen: Example | undefined;
  onChoose: (example: Example) => void;
}

function CaseSwitch({ slug, examples, chosen, onChoose }: CaseSwitchProps) {
  return (
    <div className="field">
      <span className="field-label" id={`${slug}-cases`}>
        Start from a case
      </span>
      <div className="grid gap-1.5" role="radiogroup" aria-labelledby={`${slug}-cases`}>
        {examples.map((example) => (
          <label key={example.name} className="case">
            <input type="radio" name={`${slug}-case`} checked={chosen === example} onChange={() => onChoose(example)} />
            {example.name}
          </label>
        ))}
      </div>
    </div>
  );
}

function Preview({ fields, values }: { fields: InputField[]; values: FormValues }) {
  const [field] = fields;
  const value = field && values[field.name];
  if (field?.type === "image" && Array.isArray(value)) {
    return <Pixels ink={value} width={field.width} height={field.height} label="The picture of this case" size={96} />;
  }
  if (field?.type !== "text" || typeof value !== "string") return null;
  const excerpt = value.length > EXCERPT ? `${value.slice(0, EXCERPT).trimEnd()} …` : value;
  return <p className="rounded-md border border-line bg-surface p-3 text-[13px]">{excerpt}</p>;
}

function PanePlate({ slug, name, live }: Pick<ModelPaneProps, "slug" | "name" | "live">) {
  const open = "plate-end inline-flex min-h-6 items-center gap-1.5 text-[13px] font-semibold text-glass-ink";
  return (
    <footer className="plate">
      <span>
        version <b>{live.version}</b>
      </span>
      {live.record && <span>{live.record}</span>}
      <span>{formatMilliseconds(live.latency.p50_ms)}</span>
      <Link href={`/models/${slug}`} className={open} aria-label={`Open ${name}`} prefetch={false}>
        Open <Icon name="arrow-right" size={14} />
      </Link>
    </footer>
  );
}

function PaneAnswer({ live, state }: { live: ShownVersion; state: PredictionState }) {
  const [output] = live.schema.outputs;
  const view = (shown: ShownAnswer | null) => {
    const answer = output && shown?.output[output.name];
    return output && answer ? viewAnswer(output, answer, live.reference[output.name]) : null;
  };
  const now = view(state.answer);
  return (
    <div className="pane-answer">
      {state.failure && (
        <p className="field-error mb-2" role="alert">
          {state.failure}
        </p>
      )}
      {now && <AnswerFigure view={now} before={view(state.before)} since="" compact />}
    </div>
  );
}

/** A model as a working pane: it answers while a control moves. */
export function ModelPane({ slug, name, pitch, live, paused, wide }: ModelPaneProps) {
  const base = useMemo(() => toFormValues(live.examples[0]?.input ?? {}), [live]);
  const { values, was, state, chosen, change, choose } = useCase({ model: slug, live, start: base, base, inAddress: false });
  const featured = featuredFields(live.schema.inputs, wide ? 3 : 1);
  return (
    <article className="pane pane-card" aria-labelledby={`${slug}-name`}>
      <div className="pane-split" data-wide={wide || undefined}>
        <div className="pane-question grid content-start gap-4">
          <div>
            <h2 id={`${slug}-name`} className="!text-base">
              <Link href={`/models/${slug}`} className="hover:underline" prefetch={false}>
                {name}
              </Link>
              {paused && <span className="chip chip-warn ml-2">Paused</span>}
            </h2>
            <p className="text-ink-2">{pitch}</p>
          </div>
          {featured.length === 0 && <Preview fields={live.schema.inputs} values={values} />}
          {featured.length === 0 && <CaseSwitch slug={slug} examples={live.examples} chosen={chosen} onChoose={choose} />}
          {featured.map((field) => (
            <Field
              key={field.name}
              field={{ ...field, help: undefined }}
              scope={slug}
              value={values[field.name] ?? ""}
              was={was?.[field.name]}
              error={state.fieldErrors[field.name]}
              onChange={(value, settled) => change(field.name, value, settled)}
            />
          ))}
        </div>
        <PaneAnswer live={live} state={state} />
      </div>
      <PanePlate slug={slug} name={name} live={live} />
    </article>
  );
}
