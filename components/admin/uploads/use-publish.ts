"use client";

import { useEffect, useState } from "react";
import { useConfirmedChange } from "@/components/admin/shell/use-confirmed-change";
import type { DraftStore } from "@/components/admin/uploads/draft-store";
import type { ReleaseState } from "@/lib/contracts/releases.admin";
import { readRefusal, RefusedError } from "@/lib/refusal";
import { consoleApi } from "@/lib/trpc-client.admin";

/** What becomes of a version once it is stored. */
export type Release = "store" | "candidate" | "live";

export interface PublishOrder {
  release: Release;
  /** Per cent of the customers, for a candidate. */
  share: number;
  reason: string;
  acceptBreaking: boolean;
  /** Whether the customers' page opens with the case that was tried. */
  keepCase: boolean;
}

export interface Published {
  slug: string;
  version: number;
  release: Release;
}

const findRelease = async (slug: string): Promise<ReleaseState | null> => (await consoleApi.uploads.live.query({ slug })).release;

/** Who answers for the model a draft is for: undefined while nobody knows, null when there is no such model. */
export function useRelease(slug: string): { known: ReleaseState | null | undefined; failure: string | null } {
  const [known, setKnown] = useState<ReleaseState | null>();
  const [failure, setFailure] = useState<string | null>(null);
  useEffect(() => {
    let isGone = false;
    findRelease(slug).then(
      (found) => isGone || setKnown(found),
      (error: unknown) => isGone || setFailure(readRefusal(error).message),
    );
    return () => {
      isGone = true;
    };
  }, [slug]);
  return { known, failure };
}

/** Stores the draft as a version; a draft that is stored already is left as it is. */
async function storeVersion(store: DraftStore, keepCase: boolean): Promise<{ slug: string; version: number }> {
  const { draft } = store.read();
  if (draft.published_as) return draft.published_as;
  if (keepCase && draft.tried && draft.examples.length === 0) {
    const { input } = draft.tried;
    store.change(() => ({ examples: [{ name: "A first case", description: "", input }] }));
  }
  if (!(await store.flush())) {
    const message = "What is written is not saved. Close this window and correct what is marked.";
    throw new RefusedError({ code: "invalid_input", message, fields: {} });
  }
  const { id, revision } = store.read().draft;
  const published = await consoleApi.uploads.publish.mutate({ id, revision });
  store.take(await consoleApi.uploads.draft.query({ id }));
  return published;
}

/** @param seen who answered when the operator looked: when that moved since, nothing is moved */
async function release(order: PublishOrder, { slug, version }: Omit<Published, "release">, seen: ReleaseState | null): Promise<void> {
  if (order.release === "store") return;
  const expected = (seen ?? (await findRelease(slug)))?.revision ?? 0;
  const act = { slug, version, expected, reason: order.reason, accept_breaking: order.acceptBreaking };
  if (order.release === "live") await consoleApi.models.setLive.mutate(act);
  else await consoleApi.models.startCandidate.mutate({ ...act, share: order.share });
}

/** Publishes a draft: stores its version, then gives it to customers as ordered. Trying again goes on where it stopped. */
export function usePublish(store: DraftStore, onPublished: (published: Published) => void) {
  const { busy, refusal, run, dialog } = useConfirmedChange();
  const publish = (order: PublishOrder, seen: ReleaseState | null) =>
    void run(
      async () => {
        const stored = await storeVersion(store, order.keepCase);
        await release(order, stored, seen);
        return { ...stored, release: order.release };
      },
      onPublished,
    );
  return { busy, refusal, publish, dialog };
}
