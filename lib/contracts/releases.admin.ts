/** How the team moves customers between versions of a model: what is asked of an act, and what the console sees of a model. */
import { z } from "zod";
import { aliasName, latency, modelCard, modelSlug, searchText, versionMetrics, versionNumber } from "@/lib/contracts/catalog";
import { modelTask } from "@/lib/contracts/model-schema";

/** Whole per cent of the customers. More than half is not a trial any more. */
export const candidateShare = z.int().min(1).max(50);
const reason = z.string().trim().max(300).default("");

/**
 * What every act on a model's releases says: `expected` is the `revision` the operator saw. When somebody else was faster the act is
 * refused (`conflict`) and nothing moves, so that nobody acts on a state they did not see.
 */
const act = z.strictObject({ slug: modelSlug, expected: z.int().min(0), reason });
/** A version that breaks what customers send or read takes an alias only when that is said. */
const movingAct = act.extend({ accept_breaking: z.boolean().default(false) });

export const startCandidateInput = movingAct.extend({ version: versionNumber, share: candidateShare });
export const setShareInput = act.extend({ share: candidateShare });
export const promoteInput = movingAct;
export const stopCandidateInput = act;
export const rollBackInput = movingAct;
export const setLiveInput = movingAct.extend({ version: versionNumber });
export const unpublishInput = act;
/** The note is read by customers, in the refusal of a call and on the model's page. */
export const pauseInput = z.strictObject({ slug: modelSlug, note: z.string().trim().min(1).max(300) });
export const resumeInput = z.strictObject({ slug: modelSlug });
/** What the console's card editor may write: no limitation without words. */
export const editableCard = modelCard.extend({ limitations: z.array(z.string().trim().min(1).max(400)).max(20) });
/** `revision` is the `card_revision` the operator edited from; another one is refused (`conflict`). */
export const updateCardInput = z.strictObject({ slug: modelSlug, revision: z.int().min(0), card: editableCard });

/** One difference between the schemas of two versions, as customers meet it. `pointer` is a JSON pointer into the schema by names. */
export const schemaChange = z.object({ pointer: z.string(), kind: z.string(), words: z.string(), breaking: z.boolean() });

export const moveAct = z.enum(["publish", "start_candidate", "set_share", "promote", "stop_candidate", "roll_back", "unpublish"]);

/** One alias pointed somewhere else. `to` is null when it was taken away; `share` is the candidate's, in per cent. */
export const aliasMove = z.object({
  alias: aliasName,
  from: versionNumber.nullable(),
  to: versionNumber.nullable(),
  act: moveAct,
  share: z.int().nullable(),
  at: z.iso.datetime(),
  by: z.string(),
  why: z.string(),
});

export const pausedState = z.object({ note: z.string(), since: z.iso.datetime(), by: z.string() });

/** Who answers now. */
export const releaseState = z.object({
  slug: modelSlug,
  /** Grows by every move; what acts send back as `expected`. */
  revision: z.int(),
  live: versionNumber.nullable(),
  candidate: versionNumber.nullable(),
  /** Per cent of the customers that the candidate answers; null without one, and for one that answers only those who ask for it. */
  share: z.int().nullable(),
  /** When the candidate began, null without one. */
  candidate_since: z.iso.datetime().nullable(),
  /** The version a roll back leads to, null when there was none before. */
  roll_back_to: versionNumber.nullable(),
  paused: pausedState.nullable(),
});

export const consoleModelSummary = z.object({
  slug: modelSlug,
  name: z.string(),
  pitch: z.string(),
  /** Of the live version, or of the one that was live last; null before the first. */
  task: modelTask.nullable(),
  release: releaseState,
  versions: z.int(),
  /** Of the newest move or version, whichever is later. */
  updated_at: z.iso.datetime(),
});

export const modelState = z.enum(["live", "canary", "paused", "unpublished"]);
export const listConsoleModelsInput = z.strictObject({
  q: searchText.optional(),
  state: modelState.optional(),
  cursor: z.string().max(140).optional(),
  limit: z.int().min(1).max(100).default(50),
});
export const consoleModelPage = z.object({ items: z.array(consoleModelSummary), next_cursor: z.string().nullable(), total: z.int() });

export const consoleVersion = z.object({
  version: versionNumber,
  algorithm: z.string(),
  trained_on: z.string(),
  release_notes: z.string(),
  metrics: versionMetrics,
  latency,
  bytes: z.int(),
  /** Of the file that runs, and of the one that was uploaded: they differ when the file was repaired on the way in. */
  sha256: z.string(),
  uploaded_sha256: z.string(),
  /** Of the default operator domain, where it was noted. */
  opset: z.int().nullable(),
  inputs: z.int(),
  outputs: z.array(z.object({ name: z.string(), label: z.string() })),
  created_at: z.iso.datetime(),
  created_by: z.string(),
  /** Against `compared_to` of the model; none for that version itself, null when there is nothing to compare with. */
  changes: z.array(schemaChange).nullable(),
});

export const consoleModel = z.object({
  slug: modelSlug,
  card: modelCard,
  card_revision: z.int(),
  task: modelTask.nullable(),
  created_at: z.iso.datetime(),
  release: releaseState,
  /** The version that customers wrote their calls for: the live one, or the one that was live last. */
  compared_to: versionNumber.nullable(),
  /** Newest first. */
  versions: z.array(consoleVersion),
  /** Newest first, at most a hundred. */
  moves: z.array(aliasMove),
});
export const getConsoleModelInput = z.strictObject({ slug: modelSlug });

/** One move of any model, for the marks in charts. */
export const releaseEvent = aliasMove.extend({ slug: modelSlug });

export type MoveAct = z.infer<typeof moveAct>;
export type AliasMoveView = z.infer<typeof aliasMove>;
export type ReleaseState = z.infer<typeof releaseState>;
export type ReleaseEvent = z.infer<typeof releaseEvent>;
export type ModelState = z.infer<typeof modelState>;
export type ConsoleModelSummary = z.infer<typeof consoleModelSummary>;
export type ConsoleModelPage = z.infer<typeof consoleModelPage>;
export type ListConsoleModels = z.infer<typeof listConsoleModelsInput>;
export type ConsoleVersion = z.infer<typeof consoleVersion>;
export type ConsoleModel = z.infer<typeof consoleModel>;
export type StartCandidate = z.infer<typeof startCandidateInput>;
export type SetShare = z.infer<typeof setShareInput>;
export type Promote = z.infer<typeof promoteInput>;
export type StopCandidate = z.infer<typeof stopCandidateInput>;
export type RollBack = z.infer<typeof rollBackInput>;
export type SetLive = z.infer<typeof setLiveInput>;
export type Unpublish = z.infer<typeof unpublishInput>;
export type PauseModel = z.infer<typeof pauseInput>;
export type UpdateCard = z.infer<typeof updateCardInput>;
