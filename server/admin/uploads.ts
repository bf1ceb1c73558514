import "server-only";
import { z } from "zod";
import { modelSchema } from "@/lib/contracts/model-schema";
import { noInput } from "@/lib/contracts/no-input";
import { getConsoleModelInput, releaseState } from "@/lib/contracts/releases.admin";
import {
  draft,
  type Draft,
  draftInput,
  draftList,
  finishUploadInput,
  publishDraftInput,
  publishDraftOutput,
  readTrainingRowsInput,
  readTrainingRowsOutput,
  startUploadInput,
  tryDraftInput,
  tryDraftOutput,
  updateDraftInput,
  uploadInput,
  uploadState,
} from "@/lib/contracts/uploads.admin";
import { createConsoleRouter, operatorProcedure, viewerProcedure } from "@/server/admin/procedures";
import { toDomainError } from "@/server/core/errors";
import { getModelForConsole } from "@/server/modules/catalog/console.admin";
import { getModel } from "@/server/modules/catalog/service";
import { listOperators } from "@/server/modules/operators/service.admin";
import {
  discardDraft,
  finishUpload,
  getDraft,
  listDrafts,
  publishDraft,
  readTrainingRows,
  readUpload,
  startUpload,
  storeChunk,
  tryDraft,
  updateDraft,
} from "@/server/modules/uploads/service.admin";

const draftTarget = (id: string) => ({ kind: "draft", id });

/** What is answered by the door of parts alone: bytes do not come as JSON. */
const storeChunkInput = z.strictObject({
  id: uploadInput.shape.id,
  n: z.int().min(0),
  bytes: z.custom<Uint8Array>((value) => value instanceof Uint8Array),
});
const discarded = z.object({ discarded: z.literal(true) });
/** The model that a draft is for. */
const standing = z.object({
  /** What customers write their calls for now; null while nothing is live. */
  live: z.object({ version: z.int(), schema: modelSchema }).nullable(),
  /** Who answers now; null where there is no such model yet. */
  release: releaseState.nullable(),
});

/** Operators by their names; who is gone keeps the id. */
async function nameOperators<Item extends Pick<Draft, "by">>(items: Item[]): Promise<Item[]> {
  const names = new Map((await listOperators()).map(({ id, name }) => [id, name]));
  return items.map((item) => ({ ...item, by: names.get(item.by) ?? item.by }));
}

async function nameOperator(one: Draft): Promise<Draft> {
  const [named] = await nameOperators([one]);
  return named ?? one;
}

/** What `work` finds, or null where it is refused with `not_found`. */
async function findOrNull<Found>(work: () => Promise<Found>): Promise<Found | null> {
  try {
    return await work();
  } catch (thrown) {
    if (toDomainError(thrown).code === "not_found") return null;
    throw thrown;
  }
}

async function readStanding(slug: string): Promise<z.infer<typeof standing>> {
  const [detail, known] = await Promise.all([findOrNull(() => getModel(slug)), findOrNull(() => getModelForConsole(slug))]);
  return { live: detail && { version: detail.live.version, schema: detail.live.schema }, release: known && known.release };
}

/** From a model file to a version: its upload in parts, the draft that is made from it, publishing. */
export const uploadsRouter = createConsoleRouter({
  start: operatorProcedure.input(startUploadInput).output(uploadState).mutation(({ ctx, input }) => startUpload(input, ctx.operator.id)),
  state: operatorProcedure.input(uploadInput).output(uploadState).query(({ input }) => readUpload(input.id)),
  storeChunk: operatorProcedure
    .input(storeChunkInput)
    .output(uploadState)
    .mutation(({ ctx, input }) => storeChunk(input.id, input.n, input.bytes, ctx.operator.id)),
  finish: operatorProcedure.input(finishUploadInput).output(draft).mutation(async ({ ctx, input }) =>
    nameOperator(
      await ctx.act({ action: "draft.create", target: { kind: "upload", id: input.id } }, () =>
        finishUpload(input.id, ctx.operator.id, { slug: input.slug }),
      ),
    ),
  ),
  drafts: viewerProcedure.input(noInput).output(draftList).query(async () => ({ items: await nameOperators((await listDrafts()).items) })),
  draft: viewerProcedure.input(draftInput).output(draft).query(async ({ input }) => nameOperator(await getDraft(input.id))),
  live: viewerProcedure.input(getConsoleModelInput).output(standing).query(({ input }) => readStanding(input.slug)),
  change: operatorProcedure.input(updateDraftInput).output(draft).mutation(async ({ ctx, input }) =>
    nameOperator(
      await ctx.actInStretch({ action: "draft.change", target: draftTarget(input.id) }, () => updateDraft(input.id, input.revision, input.changes)),
    ),
  ),
  try: operatorProcedure.input(tryDraftInput).output(tryDraftOutput).mutation(async ({ input }) => {
    const tried = await tryDraft(input.id, input.input);
    return { ...tried, draft: await nameOperator(tried.draft) };
  }),
  readRows: operatorProcedure.input(readTrainingRowsInput).output(readTrainingRowsOutput).mutation(({ input }) =>
    readTrainingRows(input.id, input.revision, input.csv),
  ),
  discard: operatorProcedure.input(draftInput).output(discarded).mutation(({ ctx, input }) =>
    ctx.act({ action: "draft.discard", target: draftTarget(input.id) }, () => discardDraft(input.id)),
  ),
  publish: operatorProcedure.input(publishDraftInput).output(publishDraftOutput).mutation(async ({ ctx, input }) => {
    // Found in the audit by its model, beside whatever else was done to that; behind whatever was written in the draft.
    const target = { kind: "model", id: (await getDraft(input.id)).slug };
    const act = { action: "version.add", target, behind: draftTarget(input.id) };
    return ctx.act(act, () => publishDraft(input.id, input.revision, ctx.operator.id));
  }),
});
