import { Card } from "@/components/ui/card";
import { Icon, type IconName } from "@/components/ui/icon";
import { LocalTime } from "@/components/ui/local-time";
import { ScrollRegion } from "@/components/ui/scroll-region";
import type { SignInEntry } from "@/lib/contracts/account";

const ways: Record<SignInEntry["how"], string> = { password: "Password", github: "GitHub", google: "Google" };
const outcomes: Record<SignInEntry["outcome"], { icon: IconName; tone: "ok" | "warn" | "bad"; word: string }> = {
  done: { icon: "check", tone: "ok", word: "Signed in" },
  wrong_password: { icon: "warn", tone: "warn", word: "Wrong password" },
  suspended: { icon: "pause", tone: "bad", word: "Suspended" },
};
const NAMED = 6;

function Entry({ entry: { at, how, outcome, network } }: { entry: SignInEntry }) {
  const { icon, tone, word } = outcomes[outcome];
  return (
    <tr>
      <td>
        <LocalTime iso={at} />
      </td>
      <td>
        <span className="status" data-tone={tone}>
          <Icon name={icon} size={14} />
          {word}
        </span>
      </td>
      <td>{ways[how]}</td>
      <td>
        <code className="text-ink-2">{network.slice(0, NAMED)}</code>
      </td>
    </tr>
  );
}

/** The latest sign-ins and attempts. Networks have made-up names: the same name is the same network. */
export function SignInList({ entries }: { entries: readonly SignInEntry[] }) {
  return (
    <Card title="Sign-ins" aside="Last 90 days, 20 at most" flush>
      {entries.length === 0 ? (
        <p className="p-4 text-ink-2">Nobody signed in to this account in the last 90 days.</p>
      ) : (
        <ScrollRegion label="Sign-ins">
          <table className="table list-table">
            <thead>
              <tr>
                <th scope="col">When</th>
                <th scope="col">What</th>
                <th scope="col">With</th>
                <th scope="col">Network</th>
              </tr>
            </thead>
            <tbody>
              {entries.map((entry) => (
                <Entry key={`${entry.at} ${entry.network} ${entry.outcome}`} entry={entry} />
              ))}
            </tbody>
          </table>
        </ScrollRegion>
      )}
    </Card>
  );
}
