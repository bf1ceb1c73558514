import { Icon, type IconName } from "@/components/ui/icon";

const classes: Record<number, { icon: IconName; tone: string; word: string }> = {
  2: { icon: "check", tone: "ok", word: "answered" },
  3: { icon: "arrow-right", tone: "off", word: "sent on" },
  4: { icon: "warn", tone: "warn", word: "refused" },
  5: { icon: "alert", tone: "bad", word: "failed" },
};
const unknown = { icon: "info", tone: "off", word: "other" } as const;

/** A status as icon and number; the word is for readers who do not see the icon. */
export function StatusMark({ status }: { status: number }) {
  const { icon, tone, word } = classes[Math.floor(status / 100)] ?? unknown;
  return (
    <span className="status status-code tabular" data-tone={tone}>
      <Icon name={icon} size={14} />
      {status}
      <span className="sr-only"> {word}</span>
    </span>
  );
}
