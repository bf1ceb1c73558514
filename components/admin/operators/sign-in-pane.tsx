import Link from "next/link";
import type { ReactNode } from "react";
import { Logo } from "@/components/shell/logo";
import { Icon } from "@/components/ui/icon";

interface SignInPaneProps {
  /** What is asked, on the shaded side. */
  question: ReactNode;
  /** How the service does, on the lit side. */
  facts: readonly { name: string; words: string; good: boolean }[];
  /** When the facts were looked at, where that matters. */
  at?: string;
}

/** The pane around every step of signing in to the console. */
export function SignInPane({ question, facts, at }: SignInPaneProps) {
  return (
    <main id="content" className="console-door">
      <div className="w-full max-w-[760px]">
        <p className="console-brand !px-0">
          <Logo />
          Vitrine
          <span className="chip">Team</span>
        </p>
        <div className="pane">
          <div className="pane-split" data-wide="true">
            <div className="pane-question">{question}</div>
            <div className="pane-answer">
              <h2 className="auth-side-title">Right now</h2>
              <ul className="mt-2">
                {facts.map(({ name, words, good }) => (
                  <li key={name} className="flex items-center gap-2 border-b border-line py-2 last:border-0">
                    <span className={good ? "text-ok" : "text-warn"}>
                      <Icon name={good ? "done" : "warn"} />
                    </span>
                    <span className="flex-1">{name}</span>
                    <span className="text-ink-3">{words}</span>
                  </li>
                ))}
              </ul>
            </div>
          </div>
          <footer className="plate">
            <span>A session ends after 30 minutes without use, or after 8 hours</span>
            <span>Every act is written to the audit</span>
            {at && <span className="plate-end">{at.slice(11, 16)} UTC</span>}
          </footer>
        </div>
        <p className="mt-4 text-center text-ink-3">
          Not on the team?{" "}
          <Link href="/" className="link">
            Go to the models
          </Link>
        </p>
      </div>
    </main>
  );
}
