"use client";

import { useState } from "react";
import { AreaInput, NameInput, TextInput } from "@/components/admin/uploads/controls";
import type { DraftParts } from "@/components/admin/uploads/draft-parts";
import { faultOfSlug, type Problem } from "@/components/admin/uploads/draft-problems";
import type { DraftStore } from "@/components/admin/uploads/draft-store";
import { Card } from "@/components/ui/card";
import { Markdown } from "@/components/ui/markdown";
import type { ModelCard } from "@/lib/contracts/catalog";

interface CardPartProps {
  store: DraftStore;
  parts: DraftParts;
  problems: readonly Problem[];
  /** Whether the model has a live version, whose card stays until it is changed on its own page. */
  isLive: boolean;
}

const orNothing = (text: string) => (text === "" ? undefined : text);

function Preview({ card }: { card: ModelCard }) {
  return (
    <section className="card-preview" aria-label="Preview of the card">
      <p className="help">As customers see it</p>
      <p className="text-[18px]/6 font-semibold">{card.name}</p>
      <p className="text-ink-2">{card.pitch}</p>
      <Markdown text={card.description} className="text-ink-2" />
      <ul className="list-disc pl-5 text-ink-2">
        {[...new Set(card.limitations)].map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </section>
  );
}

interface LimitationsProps {
  lines: string[];
  error: string | undefined;
  onChange: (lines: string[]) => void;
}

/** A list that is written as lines; empty ones are only on their way to a next one. */
function Limitations({ lines, error, onChange }: LimitationsProps) {
  const [text, setText] = useState(() => lines.join("\n"));
  const change = (typed: string) => {
    setText(typed);
    onChange(typed.split("\n").map((line) => line.trim()).filter((line) => line !== ""));
  };
  return (
    <AreaInput
      label="Limitations"
      place="card/limitations"
      rows={3}
      maxLength={8_000}
      value={text}
      error={error}
      help="What the model is not for, one a line."
      onChange={change}
    />
  );
}

interface TitleFieldsProps {
  card: ModelCard;
  error: string | undefined;
  onChange: (changed: Partial<ModelCard>) => void;
}

/** What the model is called, and what it is for. */
function TitleFields({ card, error, onChange }: TitleFieldsProps) {
  return (
    <>
      <TextInput
        label="Model name"
        place="card/name"
        value={card.name}
        maxLength={80}
        wide
        error={error}
        onChange={(name) => onChange({ name })}
      />
      <TextInput
        label="Pitch"
        place="card/pitch"
        value={card.pitch}
        maxLength={200}
        wide
        help="One sentence."
        onChange={(pitch) => onChange({ pitch })}
      />
    </>
  );
}

interface DataFieldsProps {
  data: ModelCard["data"];
  onChange: (changed: Partial<ModelCard["data"]>) => void;
}

/** Where the training data come from. */
function DataFields({ data, onChange }: DataFieldsProps) {
  return (
    <>
      <TextInput
        label="Data"
        place="card/data/title"
        value={data.title}
        maxLength={200}
        help="What it was trained on."
        onChange={(title) => onChange({ title })}
      />
      <TextInput
        label="Licence of the data"
        place="card/data/licence"
        value={data.licence}
        maxLength={200}
        onChange={(licence) => onChange({ licence })}
      />
      <TextInput
        label="Source of the data"
        place="card/data/source"
        value={data.source ?? ""}
        maxLength={400}
        wide
        onChange={(source) => onChange({ source: orNothing(source) })}
      />
    </>
  );
}

/** What customers read about the model. */
export function CardPart({ store, parts: { slug, card }, problems, isLive }: CardPartProps) {
  const write = (changed: Partial<ModelCard>) => store.change((parts) => ({ card: { ...parts.card, ...changed } }));
  const writeData = (changed: Partial<ModelCard["data"]>) =>
    store.change((parts) => ({ card: { ...parts.card, data: { ...parts.card.data, ...changed } } }));
  const faultAt = (place: string) => problems.find((problem) => problem.place === place)?.words;
  return (
    <Card title="Card" aside={isLive ? "Publishing a version writes this card" : "What customers read about this model"}>
      <div className="card-edit">
        <div className="draft-fields !p-0">
          <NameInput
            label="Address"
            place="slug"
            value={slug}
            maxLength={64}
            wide
            help={`The page is /models/${slug}. An address that exists makes this a new version of that model.`}
            check={faultOfSlug}
            onChange={(changed) => store.change(() => ({ slug: changed }))}
          />
          <TitleFields card={card} error={faultAt("card/name")} onChange={write} />
          <AreaInput
            label="Description"
            place="card/description"
            rows={6}
            maxLength={4_000}
            value={card.description}
            error={faultAt("card/description")}
            help="Markdown: **bold**, *italics*, `code`, lists, and [links](https://…)."
            onChange={(description) => write({ description })}
          />
          <Limitations lines={card.limitations} error={faultAt("card/limitations")} onChange={(limitations) => write({ limitations })} />
          <DataFields data={card.data} onChange={writeData} />
        </div>
        <Preview card={card} />
      </div>
    </Card>
  );
}
