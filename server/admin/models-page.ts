import "server-only";
import { TRPCError } from "@trpc/server";
import { notFound } from "next/navigation";
import { modelState } from "@/lib/contracts/releases.admin";
import type { ConsoleModel, ConsoleModelPage, ModelState } from "@/lib/contracts/releases.admin";
import type { ArmComparison } from "@/lib/contracts/traffic.admin";
import { consoleCaller, requireOperator } from "@/server/admin/session";

const HOUR_MS = 3_600_000;
/** How many versions can be counted together. */
const COUNTED = 10;
const LONGEST_SEARCH = 100;

export interface ModelsPage {
  page: ConsoleModelPage;
  q: string | undefined;
  state: ModelState | undefined;
  canAct: boolean;
}

/** The list of models as the address narrows it; a state that does not exist narrows nothing. */
export async function readModelsPage(query: Partial<Record<"q" | "state" | "after", string | undefined>>): Promise<ModelsPage> {
  const { operator } = await requireOperator("/admin/models");
  const q = query.q?.replaceAll("\0", "").trim().slice(0, LONGEST_SEARCH) || undefined;
  const { data: state } = modelState.safeParse(query.state);
  const page = await (await consoleCaller()).models.list({ q, state, cursor: query.after?.slice(0, 140) });
  return { page, q, state, canAct: operator.role !== "viewer" };
}

export interface ModelPage {
  model: ConsoleModel;
  /** Both arms since the candidate began; null while none runs. */
  comparison: ArmComparison | null;
  /** Calls of the last 24 hours, of all versions that are counted. */
  callsOfDay: number;
  /** Calls of both arms in an hour of the trial; null without one, or before it is old enough to say. */
  callsPerHour: number | null;
  canAct: boolean;
}

function countCalls({ arms }: ArmComparison): number {
  return arms.reduce((total, { calls }) => total + calls, 0);
}

/** A trial of a few minutes says nothing about an hour. */
const LEAST_MINUTES = 5;

function ratePerHour(comparison: ArmComparison | null): number | null {
  if (!comparison) return null;
  const hours = (Date.parse(comparison.to) - Date.parse(comparison.from)) / HOUR_MS;
  const calls = countCalls(comparison);
  return calls === 0 || hours * 60 < LEAST_MINUTES ? null : calls / hours;
}

/** Everything on one model's page. Ends in the 404 page when there is no such model. */
export async function readModelPage(slug: string): Promise<ModelPage> {
  const { operator } = await requireOperator(`/admin/models/${slug}`);
  const caller = await consoleCaller();
  const model = await caller.models.get({ slug }).catch((error: unknown) => {
    if (error instanceof TRPCError && (error.code === "NOT_FOUND" || error.code === "BAD_REQUEST")) notFound();
    throw error;
  });
  const { live, candidate, candidate_since: since } = model.release;
  const versions = model.versions.map(({ version }) => version).slice(0, COUNTED);
  const dayAgo = new Date(Date.now() - 24 * HOUR_MS).toISOString();
  const running = live !== null && candidate !== null && since !== null;
  const [comparison, day] = await Promise.all([
    running ? caller.models.compare({ model: slug, versions: [live, candidate], from: since }) : null,
    versions.length > 0 ? caller.models.compare({ model: slug, versions, from: dayAgo }) : null,
  ]);
  const counted = { callsOfDay: day ? countCalls(day) : 0, callsPerHour: ratePerHour(comparison) };
  return { model, comparison, ...counted, canAct: operator.role !== "viewer" };
}
