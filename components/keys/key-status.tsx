import { Icon, type IconName } from "@/components/ui/icon";
import type { ApiKey } from "@/lib/contracts/keys";
import { formatUntil } from "@/lib/moment";
import { formatDay } from "@/lib/format";

type Tone = "ok" | "off" | "warn" | "bad";

const looks: Record<ApiKey["status"], { icon: IconName; tone: Tone; word: string }> = {
  active: { icon: "check", tone: "ok", word: "Works" },
  disabled: { icon: "pause", tone: "off", word: "Switched off" },
  ending: { icon: "clock", tone: "warn", word: "Replaced" },
  expired: { icon: "clock", tone: "off", word: "Expired" },
  revoked: { icon: "alert", tone: "bad", word: "Revoked" },
};

/** When a key ends or ended by itself, in a few words. */
function sayEnd({ status, expires_at: end }: ApiKey, now: number): string {
  if (end === null || status === "revoked") return "";
  if (status === "ending") return `taken for ${formatUntil(end, now)} more`;
  return status === "expired" ? `on ${formatDay(end)}` : `until ${formatDay(end)}`;
}

/** What a key can do, by a sign and a word, never by colour alone. */
export function KeyStatus({ apiKey, now }: { apiKey: ApiKey; now: number }) {
  const { icon, tone, word } = looks[apiKey.status];
  const end = sayEnd(apiKey, now);
  return (
    <div>
      <span className="status" data-tone={tone}>
        <Icon name={icon} size={14} />
        {word}
      </span>
      {end && <span className="help block">{end}</span>}
    </div>
  );
}
