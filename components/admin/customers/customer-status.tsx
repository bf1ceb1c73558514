import { Icon, type IconName } from "@/components/ui/icon";
import type { CustomerStatus as Status } from "@/lib/contracts/customers.admin";

const looks: Record<Status, { icon: IconName; tone: "ok" | "warn" | "bad"; word: string }> = {
  active: { icon: "check", tone: "ok", word: "Active" },
  suspended: { icon: "pause", tone: "bad", word: "Suspended" },
  leaving: { icon: "trash", tone: "warn", word: "Deleting" },
};

/** Whether a customer may call, by a sign and a word. */
export function CustomerStatus({ status }: { status: Status }) {
  const { icon, tone, word } = looks[status];
  return (
    <span className="status" data-tone={tone}>
      <Icon name={icon} size={14} />
      {word}
    </span>
  );
}
