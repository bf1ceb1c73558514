import type { ReactNode } from "react";

interface CardProps {
  title: string;
  /** What stands across from the title, in small letters. */
  aside?: ReactNode;
  /** Tables reach the edges; everything else keeps its distance. */
  flush?: boolean;
  children: ReactNode;
}

/** A titled part of a page. */
export function Card({ title, aside, flush = false, children }: CardProps) {
  return (
    <section className="card" aria-label={title}>
      <header className="card-head">
        <h2>{title}</h2>
        {aside && <div className="help">{aside}</div>}
      </header>
      {flush ? children : <div className="card-body">{children}</div>}
    </section>
  );
}
