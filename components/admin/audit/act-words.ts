import type { AuditEntry } from "@/lib/contracts/audit.admin";
import type { IconName } from "@/components/ui/icon";

interface OutcomeLook {
  icon: IconName;
  tone: "ok" | "warn" | "bad";
  word: string;
}

/** How an act ended, by a sign and a word. */
export function lookOfOutcome({ outcome, code }: Pick<AuditEntry, "outcome" | "code">): OutcomeLook {
  if (outcome === "done") return { icon: "check", tone: "ok", word: "Done" };
  if (outcome === "refused") return { icon: "warn", tone: "warn", word: code === null ? "Refused" : `Refused: ${code}` };
  return { icon: "alert", tone: "bad", word: code === null ? "Unknown: cut off" : `Unknown: ${code}` };
}

const factOf = ({ before, after }: AuditEntry, name: string) => {
  const fact = after?.[name] ?? before?.[name];
  return typeof fact === "string" && fact !== "" ? fact : null;
};

/**
 * What an act was done to, as people know it: who did something to themselves by the address they sign in with, the team by their names,
 * drafts by their model; everything else by its id.
 * @param team names of operators by id
 */
export function nameTarget(entry: AuditEntry, team: ReadonlyMap<string, string>): string {
  const { target, operator } = entry;
  if (target.id === operator?.id) return operator.email;
  if (target.kind === "operator") return team.get(target.id) ?? factOf(entry, "email") ?? target.id;
  if (target.kind !== "draft" && target.kind !== "upload") return target.id;
  const of = factOf(entry, "slug") ?? factOf(entry, "file");
  return of === null ? target.id : `${of} (draft)`;
}

/** One fact of an entry, before and after. */
export interface FactChange {
  name: string;
  before: string | null;
  after: string | null;
  changed: boolean;
}

function show(value: unknown): string | null {
  if (value === undefined) return null;
  if (value === null || value === "") return "none";
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.map((one) => show(one) ?? "none").join(", ");
  if (typeof value !== "object") return String(value);
  return Object.entries(value).map(([name, one]) => `${name} ${show(one) ?? "none"}`).join(", ");
}

/** The facts of both sides by name, those that changed first, otherwise in the order in which they were written. */
export function compareFacts(before: AuditEntry["before"], after: AuditEntry["after"]): FactChange[] {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  const facts = names.map((name) => {
    const [was, is] = [show(before?.[name]), show(after?.[name])];
    return { name, before: was, after: is, changed: was !== is };
  });
  return facts.toSorted((one, other) => Number(other.changed) - Number(one.changed));
}
