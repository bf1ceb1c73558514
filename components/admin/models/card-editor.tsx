"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { TextArea } from "@/components/admin/models/text-area";
import { Card } from "@/components/ui/card";
import { Markdown } from "@/components/ui/markdown";
import { Notice } from "@/components/ui/notice";
import { SubmitButton } from "@/components/ui/submit-button";
import { TextField } from "@/components/ui/text-field";
import { readText, useForm } from "@/components/ui/use-form";
import type { ModelCard } from "@/lib/contracts/catalog";
import { consoleApi } from "@/lib/trpc-client.admin";

interface CardEditorProps {
  slug: string;
  card: ModelCard;
  revision: number;
  canAct: boolean;
}

const labels = { name: "Name", pitch: "Pitch", description: "Description", limitations: "Limitations" };
const LONGEST_LIMITATION = 400;
const MOST_LIMITATIONS = 20;

const readLimitations = (text: string) => text.split("\n").map((line) => line.trim()).filter(Boolean);

function check(values: FormData): Partial<Record<keyof typeof labels, string>> {
  const limitations = readLimitations(readText(values, "limitations"));
  const tooMany = limitations.length > MOST_LIMITATIONS && `take at most ${MOST_LIMITATIONS} lines`;
  const tooLong = limitations.some((line) => line.length > LONGEST_LIMITATION) && `take at most ${LONGEST_LIMITATION} characters a line`;
  return {
    ...(readText(values, "name").trim() === "" && { name: "is missing" }),
    ...((tooMany || tooLong) && { limitations: tooMany || tooLong || "" }),
  };
}

function Preview({ name, pitch, description, limitations }: Record<keyof typeof labels, string>) {
  return (
    <section className="card-preview" aria-label="Preview">
      <p className="help">As customers see it</p>
      <p className="text-[18px]/6 font-semibold">{name}</p>
      <p className="text-ink-2">{pitch}</p>
      <Markdown text={description} className="text-ink-2" />
      <ul className="list-disc pl-5 text-ink-2">
        {[...new Set(readLimitations(limitations))].map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </section>
  );
}

interface FieldsProps {
  card: ModelCard;
  faults: Partial<Record<string, string | undefined>>;
  follow: (name: keyof typeof labels) => (value: string) => void;
}

function CardFields({ card, faults, follow }: FieldsProps) {
  const line = (name: "name" | "pitch") => ({ label: labels[name], name, defaultValue: card[name], error: faults[name], onInput: follow(name) });
  return (
    <>
      <TextField {...line("name")} scope="card" maxLength={80} />
      <TextField {...line("pitch")} scope="card" maxLength={200} />
      <TextArea
        label={labels.description}
        name="description"
        rows={8}
        maxLength={4000}
        defaultValue={card.description}
        error={faults["description"]}
        help="Markdown: **bold**, *italics*, `code`, lists, and [links](https://…)."
        onInput={follow("description")}
      />
      <TextArea
        label={labels.limitations}
        name="limitations"
        rows={4}
        maxLength={8000}
        defaultValue={card.limitations.join("\n")}
        error={faults["limitations"]}
        help="What the model is not for, one a line."
        onInput={follow("limitations")}
      />
    </>
  );
}

/** What the team says about a model, changed without a new version; the preview follows what is typed. */
export function CardEditor({ slug, card, revision, canAct }: CardEditorProps) {
  const router = useRouter();
  const { name, pitch, description, limitations } = card;
  const [shown, setShown] = useState({ name, pitch, description, limitations: limitations.join("\n") });
  const [saved, setSaved] = useState(false);
  // What was read when the editing began: a newer one on the page would let this save run over what somebody else wrote.
  const [edited, setEdited] = useState(revision);
  const send = async (values: FormData): Promise<"done"> => {
    setSaved(false);
    const text = (field: keyof typeof labels) => readText(values, field).trim();
    const written = { name: text("name"), pitch: text("pitch"), description: text("description") };
    const changed = { ...card, ...written, limitations: readLimitations(readText(values, "limitations")) };
    const result = await consoleApi.models.updateCard.mutate({ slug, revision: edited, card: changed });
    setEdited(result.card_revision);
    setSaved(true);
    router.refresh();
    return "done";
  };
  const { form, busy, submit, faults, failure } = useForm({ labels, check, send });
  const follow = (field: keyof typeof shown) => (value: string) => setShown((last) => ({ ...last, [field]: value }));
  return (
    <Card title="Card" aside="What customers read about this model">
      <form ref={form} onSubmit={submit} noValidate>
        <fieldset disabled={!canAct} className="card-edit">
          <legend className="sr-only">Card</legend>
          <div className="grid grid-cols-[minmax(0,1fr)] content-start gap-4">
            {failure && <Notice tone="bad">{failure}</Notice>}
            {saved && <Notice tone="ok">The card is saved; customers see it within five seconds.</Notice>}
            <CardFields card={card} faults={faults} follow={follow} />
            <div>
              <SubmitButton busy={busy}>Save card</SubmitButton>
            </div>
          </div>
          <Preview {...shown} />
        </fieldset>
      </form>
    </Card>
  );
}
