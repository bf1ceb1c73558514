"use client";

/** What the console shows when not even its frame can be made, because nobody can be asked who is signed in. */
export default function ConsoleDoorError() {
  return (
    <main id="content" className="console-door">
      <div className="max-w-[520px]" role="alert">
        <h1>The console cannot be shown right now</h1>
        <p className="mt-2 text-ink-2">
          The database does not answer, so nobody can be let in. <code>/api/readyz</code> tells whether customers are served.
        </p>
        <p className="mt-5">
          <button type="button" className="btn btn-main" onClick={() => window.location.reload()}>
            Ask again
          </button>
        </p>
      </div>
    </main>
  );
}
