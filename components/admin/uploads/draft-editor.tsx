"use client";

import { useRouter } from "next/navigation";
import { useMemo, useState } from "react";
import { ConsolePage } from "@/components/admin/shell/console-page";
import { CardPart } from "@/components/admin/uploads/card-part";
import { CasesEditor } from "@/components/admin/uploads/cases-editor";
import { DifferenceCard } from "@/components/admin/uploads/difference-card";
import { DraftActions } from "@/components/admin/uploads/draft-actions";
import type { DraftState, DraftStore } from "@/components/admin/uploads/draft-store";
import { InsideCard } from "@/components/admin/uploads/inside-card";
import { OutputsEditor } from "@/components/admin/uploads/outputs-editor";
import { ProblemsList } from "@/components/admin/uploads/problems-list";
import { PublishDialog } from "@/components/admin/uploads/publish-dialog";
import { PublishedCard } from "@/components/admin/uploads/published-card";
import { SchemaEditor } from "@/components/admin/uploads/schema-editor";
import { TrainingRows } from "@/components/admin/uploads/training-rows";
import { TryCard } from "@/components/admin/uploads/try-card";
import { useDraft } from "@/components/admin/uploads/use-draft";
import { type LiveSchema, useLive } from "@/components/admin/uploads/use-live";
import { usePlaces } from "@/components/admin/uploads/use-places";
import { type Published, usePublish } from "@/components/admin/uploads/use-publish";
import { readCase, useTry } from "@/components/admin/uploads/use-try";
import { VersionPart } from "@/components/admin/uploads/version-part";
import { Notice } from "@/components/ui/notice";
import type { Draft } from "@/lib/contracts/uploads.admin";
import { diffSchemas } from "@/lib/schema-diff";

interface DraftEditorProps {
  first: Draft;
  live: LiveSchema;
  /** The version that is on trial. */
  candidate: number | null;
  origin: string;
  /** Bytes of a file of training rows. */
  largestRows: number;
  /** Why this reader may change nothing, in words; null for those who may. */
  barred: string | null;
}

/** What a version that was published before this page was opened does, as far as the page knows. */
function firstPublished({ published_as: stored }: Draft, live: LiveSchema, candidate: number | null): Published | null {
  if (!stored || live?.version === stored.version) return stored && { ...stored, release: "live" };
  return { ...stored, release: candidate === stored.version ? "candidate" : "store" };
}

function Conflict({ store, message }: { store: DraftStore; message: string }) {
  const load = () => {
    store.abandon();
    window.location.reload();
  };
  return (
    <Notice tone="bad" title={message}>
      <button type="button" className="btn btn-small mt-2" onClick={load}>
        Load it again
      </button>
    </Notice>
  );
}

interface DraftBodyProps extends Omit<DraftState, "status"> {
  store: DraftStore;
  live: LiveSchema;
  trial: ReturnType<typeof useTry>;
  places: ReturnType<typeof usePlaces>;
  isFixed: boolean;
  isCompared: boolean;
  largestRows: number;
}

/** What is written on one side, how it will be on the other. */
function DraftBody({ store, draft, parts, problems, live, trial, places, isFixed, isCompared, largestRows }: DraftBodyProps) {
  const editor = { store, parts, problems };
  const { open, setOpen } = places;
  return (
    <div className="draft-page">
      <fieldset className="draft-column" disabled={isFixed} aria-label="The draft">
        <InsideCard filename={draft.file.filename} inspection={draft.inspection} />
        <SchemaEditor {...editor} open={open} setOpen={setOpen} onRename={trial.rename} aside="What customers fill in" />
        <OutputsEditor {...editor} />
        <CardPart {...editor} isLive={live !== null} />
        <VersionPart {...editor} />
      </fieldset>
      <fieldset className="draft-column" disabled={isFixed} aria-label="How it will be">
        <TryCard store={store} draft={draft} parts={parts} trial={trial} />
        <CasesEditor store={store} parts={parts} onShow={trial.show} />
        <TrainingRows store={store} parts={parts} largest={largestRows} disabled={isFixed} />
        {isCompared && <DifferenceCard live={live} schema={parts.schema} />}
      </fieldset>
    </div>
  );
}

const crumbs = [
  { href: "/admin/models", title: "Models" },
  { href: "/admin/models/upload", title: "Drafts" },
] as const;

/** A model on its way to customers: what the file holds, what is written about it, how it will look, and publishing. */
export function DraftEditor({ first, live: firstLive, candidate, origin, largestRows, barred }: DraftEditorProps) {
  const router = useRouter();
  const { store, draft, parts, status, problems } = useDraft(first);
  const live = useLive(draft.slug, firstLive);
  const trial = useTry(first, store);
  const places = usePlaces(store);
  const [asking, setAsking] = useState(false);
  const [published, setPublished] = useState(() => firstPublished(first, firstLive, candidate));
  const { busy, refusal, publish, dialog } = usePublish(store, (done) => {
    setAsking(false);
    setPublished(done);
    window.scrollTo({ top: 0 });
    router.refresh();
  });
  const isFixed = barred !== null || draft.published_as !== null;
  const isOther = live !== null && live.version !== draft.published_as?.version;
  const breaking = useMemo(
    () => (live && isOther ? diffSchemas(live.schema, draft.schema).filter((change) => change.breaking) : []),
    [live, isOther, draft.schema],
  );
  return (
    <ConsolePage
      title={parts.card.name || parts.slug}
      crumbs={crumbs}
      actions={
        <DraftActions
          {...{ store, draft, status, problems, barred }}
          onPublish={() => setAsking(true)}
          onDiscarded={() => router.push("/admin/models/upload")}
        />
      }
    >
      {published && <PublishedCard published={published} origin={origin} input={readCase(parts.schema, trial.values).row} />}
      {barred !== null && !published && <Notice tone="info">{barred}</Notice>}
      {status.kind === "conflict" && <Conflict store={store} message={status.message} />}
      {!isFixed && <ProblemsList problems={problems} onGo={places.go} />}
      <DraftBody {...{ store, draft, parts, problems, live, trial, places, isFixed, largestRows }} isCompared={!published || isOther} />
      <PublishDialog open={asking} {...{ draft, breaking, busy, refusal }} onPublish={publish} onClose={() => setAsking(false)} />
      {dialog}
    </ConsolePage>
  );
}
