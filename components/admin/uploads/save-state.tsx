"use client";

import type { SaveStatus } from "@/components/admin/uploads/draft-store";
import { Icon, type IconName } from "@/components/ui/icon";

const looks: Record<SaveStatus["kind"], { tone: string; icon: IconName; words: string }> = {
  saved: { tone: "ok", icon: "done", words: "Saved" },
  saving: { tone: "off", icon: "clock", words: "Saving …" },
  refused: { tone: "bad", icon: "alert", words: "Not saved" },
  waiting: { tone: "warn", icon: "warn", words: "Not saved" },
  conflict: { tone: "bad", icon: "alert", words: "Not saved" },
};

/** Whether what is on the page is in the service, and why not. */
export function SaveState({ status }: { status: SaveStatus }) {
  const { tone, icon, words } = looks[status.kind];
  const why = status.kind === "refused" ? `: ${status.message}` : status.kind === "waiting" ? ": will be tried again" : "";
  return (
    <p className="status" data-tone={tone} role="status">
      <Icon name={icon} size={14} />
      {words}
      {why}
    </p>
  );
}
