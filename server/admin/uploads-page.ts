import "server-only";
import { TRPCError } from "@trpc/server";
import { headers } from "next/headers";
import { notFound } from "next/navigation";
import { cache } from "react";
import { consoleCaller } from "@/server/admin/session";
import { findOrigin } from "@/server/core/forwarded";

/** How many models the list of "for which model" offers. */
const OFFERED_MODELS = 100;

/** The models a file can be a new version of, and what is being worked on. */
export async function readUploadPage() {
  const caller = await consoleCaller();
  const [models, drafts] = await Promise.all([caller.models.list({ limit: OFFERED_MODELS }), caller.uploads.drafts({})]);
  return { models: models.items.map(({ slug, name }) => ({ slug, name })), drafts: drafts.items };
}

/** A draft, read once a request however many parts of the page ask for it; ends in the 404 page when it is gone. */
export const readDraft = cache(async (id: string) => {
  try {
    return await (await consoleCaller()).uploads.draft({ id });
  } catch (error) {
    if (error instanceof TRPCError && (error.code === "NOT_FOUND" || error.code === "BAD_REQUEST")) notFound();
    throw error;
  }
});

/** A draft, what its model answers with now, the version on trial, and where customers reach the service. */
export async function readDraftPage(id: string) {
  const draft = await readDraft(id);
  const [{ live, release }, given] = await Promise.all([(await consoleCaller()).uploads.live({ slug: draft.slug }), headers()]);
  return { draft, live, candidate: release?.candidate ?? null, origin: findOrigin(given, "http://localhost:3000") };
}
