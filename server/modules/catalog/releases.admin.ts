import "server-only";
import type {
  PauseModel,
  Promote,
  ReleaseState,
  RollBack,
  SetLive,
  SetShare,
  StartCandidate,
  StopCandidate,
  Unpublish,
} from "@/lib/contracts/releases.admin";
import { diffSchemas } from "@/lib/schema-diff";
import { DomainError } from "@/server/core/errors";
import type { Changed } from "@/server/core/operator.admin";
import type { AliasMove, ModelRecord, MoveAct } from "@/server/modules/catalog/collection";
import { forgetModel } from "@/server/modules/catalog/known";
import { type AliasChange, findModel, findVersion, moveAliases, writePause } from "@/server/modules/catalog/repository";
import { findKnownVersion, findRollBackTarget, toReleaseState } from "@/server/modules/catalog/release-state.admin";

type Acted = Changed<ReleaseState>;

interface ActInput {
  slug: string;
  expected: number;
  reason: string;
}

/** What an act wants: which version each alias names from now on, null for none; an alias that is left out stays. */
interface Wanted {
  act: MoveAct;
  live?: number | null;
  candidate?: number | null;
  /** Per cent, for the candidate there is afterwards. */
  share?: number;
  acceptBreaking?: boolean;
}

const conflict = (detail: string) => new DomainError("conflict", detail);
const notFound = () => new DomainError("not_found", "There is no such model.");

/** The part of a model that acts change, for the audit. */
function factsOf({ aliases, share }: ModelRecord) {
  return { live: aliases.live ?? null, candidate: aliases.candidate ?? null, share: share ?? null };
}

/** @throws {DomainError} `not_found`; `conflict`, when the model has moved since the operator saw it */
async function readExpected({ slug, expected }: ActInput): Promise<ModelRecord> {
  const model = await findModel(slug);
  if (!model) throw notFound();
  if (model.moves.length === expected) return model;
  throw conflict("This model's versions were moved meanwhile. Load the page again to see who answers now.");
}

/**
 * What lists know of a version that takes an alias, after a look at what it would break.
 * @throws {DomainError} `not_found` for an unknown version; `breaking_change`, naming each change, unless that was accepted
 */
async function admit(model: ModelRecord, version: number, acceptBreaking: boolean): Promise<NonNullable<AliasChange["live"]>> {
  const known = findKnownVersion(model);
  const [target, current] = await Promise.all([findVersion(model.slug, version), known === null ? null : findVersion(model.slug, known)]);
  if (!target) throw new DomainError("not_found", "There is no such version.");
  const breaking = current ? diffSchemas(current.modelSchema, target.modelSchema).filter((change) => change.breaking) : [];
  if (breaking.length > 0 && !acceptBreaking) {
    const errors = breaking.map(({ pointer, words }) => ({ pointer, detail: words }));
    const count = breaking.length === 1 ? "one change that breaks" : `${breaking.length} changes that break`;
    throw new DomainError("breaking_change", `Version ${version} has ${count} what customers send or read.`, { errors });
  }
  const { task, inputs } = target.modelSchema;
  return { task, labels: inputs.flatMap(({ name, label }) => [label, name]) };
}

/** Aliases and share after an act, and the moves that tell of it: one for each alias that changes, or whose share does. */
function planChange(model: ModelRecord, wanted: Wanted, told: Pick<AliasMove, "at" | "by" | "why">): AliasChange {
  const { act, share: wantedShare } = wanted;
  const share = wantedShare ?? null;
  const moves = (["live", "candidate"] as const).flatMap((alias): AliasMove[] => {
    const to = wanted[alias];
    const from = model.aliases[alias] ?? null;
    const sameShare = alias === "live" || share === (model.share ?? null);
    if (to === undefined || (to === from && sameShare)) return [];
    return [{ alias, from, to, act, ...(alias === "candidate" && to !== null && share !== null && { share }), ...told }];
  });
  return { aliases: Object.fromEntries(moves.map(({ alias, to }) => [alias, to])), share, moves };
}

function applyChange(model: ModelRecord, { aliases, share, moves }: AliasChange): ModelRecord {
  const { live = model.aliases.live ?? null, candidate = model.aliases.candidate ?? null } = aliases;
  const { share: _before, ...rest } = model;
  const named = { ...(live !== null && { live }), ...(candidate !== null && { candidate }) };
  return { ...rest, aliases: named, moves: [...model.moves, ...moves], ...(share !== null && { share }) };
}

/** Makes an act: one write that changes aliases and history, or nothing. An act that changes nothing writes nothing. */
async function move(model: ModelRecord, wanted: Wanted, input: ActInput, by: string): Promise<Acted> {
  const { live, candidate, acceptBreaking = false } = wanted;
  const target = typeof live === "number" ? live : candidate;
  const listed = typeof target === "number" ? await admit(model, target, acceptBreaking) : undefined;
  const change = planChange(model, wanted, { at: new Date(), by, why: input.reason });
  if (change.moves.length === 0) return { before: factsOf(model), after: factsOf(model), result: toReleaseState(model) };
  const written = { ...change, live: typeof live === "number" ? listed : undefined };
  if (!(await moveAliases(model.slug, model.moves.length, written))) {
    throw conflict("Somebody else moved this model's versions at the same moment.");
  }
  forgetModel(model.slug);
  const now = applyChange(model, change);
  return { before: factsOf(model), after: factsOf(now), result: toReleaseState(now) };
}

/** @throws {DomainError} `conflict`, when no candidate runs */
function candidateOf({ aliases }: ModelRecord): number {
  if (aliases.candidate !== undefined) return aliases.candidate;
  throw conflict("No candidate is running.");
}

function refuseWhileCandidateRuns({ aliases }: ModelRecord): void {
  if (aliases.candidate === undefined) return;
  throw conflict(`Version ${aliases.candidate} is a candidate at the moment: promote it or take it away first.`);
}

/**
 * Gives a share of the customers to a version as candidate, each always the same way; a candidate that runs already is replaced.
 * @throws {DomainError} `not_found`, `conflict`, `breaking_change`
 */
export async function startCandidate(input: StartCandidate, by: string): Promise<Acted> {
  const model = await readExpected(input);
  if (model.aliases.live === undefined) throw conflict("Nothing answers yet: publish a version first.");
  if (model.aliases.live === input.version) throw conflict(`Version ${input.version} answers everybody already.`);
  const act = model.aliases.candidate === input.version ? "set_share" : "start_candidate";
  return move(model, { act, candidate: input.version, share: input.share, acceptBreaking: input.accept_breaking }, input, by);
}

/** Changes the candidate's share; who is in stays in while it grows. @throws {DomainError} `not_found`, `conflict` */
export async function setShare(input: SetShare, by: string): Promise<Acted> {
  const model = await readExpected(input);
  return move(model, { act: "set_share", candidate: candidateOf(model), share: input.share, acceptBreaking: true }, input, by);
}

/** The candidate answers everybody. @throws {DomainError} `not_found`, `conflict`, `breaking_change` */
export async function promote(input: Promote, by: string): Promise<Acted> {
  const model = await readExpected(input);
  const wanted = { act: "promote", live: candidateOf(model), candidate: null, acceptBreaking: input.accept_breaking } as const;
  return move(model, wanted, input, by);
}

/** Rolls a trial back: the live version answers everybody. @throws {DomainError} `not_found`, `conflict` */
export async function stopCandidate(input: StopCandidate, by: string): Promise<Acted> {
  const model = await readExpected(input);
  candidateOf(model);
  return move(model, { act: "stop_candidate", candidate: null }, input, by);
}

/**
 * The version that was live before answers again. Rolling back again leads further back, never forward.
 * @throws {DomainError} `not_found`; `conflict`, also while a candidate runs or when no version was live before; `breaking_change`
 */
export async function rollBack(input: RollBack, by: string): Promise<Acted> {
  const model = await readExpected(input);
  refuseWhileCandidateRuns(model);
  const live = findRollBackTarget(model);
  if (live === null) throw conflict("No version was live before this one.");
  return move(model, { act: "roll_back", live, acceptBreaking: input.accept_breaking }, input, by);
}

/**
 * Puts a version live, the first one or any other.
 * @throws {DomainError} `not_found`; `conflict`, also while another version is a candidate; `breaking_change`
 */
export async function setLive(input: SetLive, by: string): Promise<Acted> {
  const model = await readExpected(input);
  if (model.aliases.candidate === input.version) return promote(input, by);
  refuseWhileCandidateRuns(model);
  return move(model, { act: "publish", live: input.version, acceptBreaking: input.accept_breaking }, input, by);
}

/** Takes the model off the shelf: customers no longer find it. @throws {DomainError} `not_found`, `conflict` */
export async function unpublish(input: Unpublish, by: string): Promise<Acted> {
  const model = await readExpected(input);
  if (model.aliases.live === undefined) throw conflict("This model is not published.");
  return move(model, { act: "unpublish", live: null, candidate: null }, input, by);
}

async function setPaused(slug: string, note: string | null, by: string): Promise<Acted> {
  const model = await findModel(slug);
  const paused = note === null ? null : { note, at: new Date(), by };
  if (!model || !(await writePause(slug, paused))) throw notFound();
  forgetModel(slug);
  const { paused: before, ...rest } = model;
  const result = toReleaseState({ ...rest, ...(paused && { paused }) });
  return { before: { paused: before?.note ?? null }, after: { paused: note }, result };
}

/** Every prediction is refused with this note from now on; the pages stay and say so. @throws {DomainError} `not_found` */
export async function pauseModel({ slug, note }: PauseModel, by: string): Promise<Acted> {
  return setPaused(slug, note, by);
}

/** The model answers again. @throws {DomainError} `not_found` */
export async function resumeModel(slug: string, by: string): Promise<Acted> {
  return setPaused(slug, null, by);
}
