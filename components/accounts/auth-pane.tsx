import type { ReactNode } from "react";

interface AuthPaneProps {
  /** What is asked, on the shaded side. */
  question: ReactNode;
  /** What comes of it, on the lit side. */
  answer: ReactNode;
  /** Facts on the plate under both. */
  plate?: readonly string[];
}

/** The pane around signing up, signing in and mailed links. */
export function AuthPane({ question, answer, plate = [] }: AuthPaneProps) {
  return (
    <div className="auth">
      <div className="pane">
        <div className="pane-split" data-wide="true">
          <div className="pane-question">{question}</div>
          <div className="pane-answer">{answer}</div>
        </div>
        {plate.length > 0 && (
          <footer className="plate">
            {plate.map((fact) => (
              <span key={fact}>{fact}</span>
            ))}
          </footer>
        )}
      </div>
    </div>
  );
}
