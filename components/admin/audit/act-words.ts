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

/** One fact of an entry, before and after. */
export interface FactChange {
  name: string;
  before: string | null;
  after: string | null;
  changed: boolean;
}

function show(value: unknown): string | null {
  if (value === undefined) return null;
  return typeof value === "string" ? value : JSON.stringify(value);
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
