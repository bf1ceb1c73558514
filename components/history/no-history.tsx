import Link from "next/link";

/** What stands in place of the list when there is nothing in it. */
export function NoHistory({ filtered }: { filtered: boolean }) {
  return (
    <section className="pane grid gap-2 p-8" aria-label="Nothing to list">
      <h2>{filtered ? "No prediction fits" : "No predictions yet"}</h2>
      <p className="max-w-[60ch] text-ink-2">
        {filtered
          ? "Other days or another model may find more. Predictions go by themselves after the time that your plan keeps them."
          : "Every answer a model gives you while you are signed in, and every call with one of your keys, is kept here: " +
            "with its input, its version and its request id."}
      </p>
      <p className="mt-2 flex flex-wrap gap-2">
        {filtered ? (
          <Link href="/history" className="btn" prefetch={false}>
            Show all predictions
          </Link>
        ) : (
          <>
            <Link href="/" className="btn btn-main" prefetch={false}>
              Try a model
            </Link>
            <Link href="/keys" className="btn" prefetch={false}>
              Create a key
            </Link>
          </>
        )}
      </p>
    </section>
  );
}
