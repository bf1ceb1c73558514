import Link from "next/link";

interface KeyAdviceProps {
  signedIn: boolean;
  /** Beginning and end of the reader's key for this model; null where there is none. */
  hint: string | null;
}

/** Whether the code beside it needs a key, which one it takes, and how to get one. */
export function KeyAdvice({ signedIn, hint }: KeyAdviceProps) {
  if (hint !== null) {
    return (
      <p className="max-w-[60ch] text-ink-2">
        The examples call with your key <code>{hint}</code>: set <code>VITRINE_KEY</code> to the whole of it once. It was shown when you made
        it; if it is lost, <Link href="/keys" className="link" prefetch={false}>give it a new secret</Link>. Every call is then in your{" "}
        <Link href="/history" className="link" prefetch={false}>history</Link>.
      </p>
    );
  }
  const kept = "and every call is kept in your history, with its request id.";
  return (
    <p className="max-w-[60ch] text-ink-2">
      The examples run as they are, without a key.{" "}
      {signedIn ? (
        <>
          <Link href="/keys" className="link" prefetch={false}>Create a key</Link> for your programs, {kept}
        </>
      ) : (
        <>
          <Link href="/sign-up" className="link" prefetch={false}>Sign up</Link> for a key: it may call more often, {kept}
        </>
      )}
    </p>
  );
}
