"use client";

/** What a page of the console shows when it cannot be made, usually because the database does not answer. */
export default function ConsoleError() {
  return (
    <div className="console-body py-16" role="alert">
      <h1>This page cannot be shown right now</h1>
      <p className="max-w-[60ch] text-ink-2">
        The console does not reach its data. That says nothing about customers: <code>/api/readyz</code> tells whether they are served.
      </p>
      <p>
        <button type="button" className="btn btn-main" onClick={() => window.location.reload()}>
          Ask again
        </button>
      </p>
    </div>
  );
}
