"use client";

/** What a reader sees when a page cannot be made, usually because the database does not answer. */
export default function SiteError() {
  return (
    <div className="py-16" role="alert">
      <p className="text-ink-3">503</p>
      <h1 className="mt-1">This page cannot be shown right now</h1>
      <p className="mt-2 max-w-[56ch] text-ink-2">The service does not reach its data. Nothing of yours is lost; it usually passes within a minute.</p>
      <p className="mt-5">
        <button type="button" className="btn btn-main" onClick={() => window.location.reload()}>
          Ask again
        </button>
      </p>
    </div>
  );
}
