import type { JobName, JobOutcome } from "@/lib/contracts/operations.admin";

/** What each job is for. */
export const jobWords: Record<JobName, { title: string; what: string }> = {
  alerts: { title: "Alerts", what: "Looks at every rule, opens alerts and closes those whose value is back" },
  alert_mail: { title: "Alert mails", what: "Sends what is to be told about alerts, and tries again what failed" },
  audit: { title: "Audit", what: "Writes down edits that are over, and acts that were cut off by a crash" },
  deletions: { title: "Deletions", what: "Finishes the deletion of accounts that a process did not live to finish" },
};

/** How a run that somebody asked for ended, as a sentence. */
export function sayOutcome({ job, outcome, detail }: JobOutcome): string {
  const { title } = jobWords[job];
  if (outcome === "skipped") return `${title}: another process is at it.`;
  return outcome === "failed" ? `${title} failed: ${detail}.` : `${title}: ${detail}.`;
}
