import { CopyButton } from "@/components/ui/copy-button";

interface CodeBlockProps {
  title: string;
  code: string;
}

/** Code to be taken away: a title, a copy button, and a scrollable block that the keyboard reaches. */
export function CodeBlock({ title, code }: CodeBlockProps) {
  return (
    <section className="pane" aria-label={title}>
      <header className="flex min-h-11 items-center justify-between gap-3 border-b border-line py-1 pr-2 pl-4">
        <p className="font-semibold">{title}</p>
        <CopyButton label="Copy" text={code} small />
      </header>
      {/* A region that scrolls must take focus, or the keyboard cannot read to its end (WCAG 2.1.1). */}
      <pre className="code-block" tabIndex={0} role="region" aria-label={`${title}: code`}>
        {code}
      </pre>
    </section>
  );
}
