const rows = ["a", "b", "c", "d", "e", "f", "g", "h"];

/** What is coming, in grey: a title's bar, filters, and rows as high as those of a table. */
export default function ConsoleLoading() {
  return (
    <>
      <div className="console-top">
        <p className="sr-only" role="status">
          Loading
        </p>
        <div className="skeleton h-5 w-40" aria-hidden="true" />
      </div>
      <div className="console-body" aria-hidden="true">
        <div className="skeleton h-8" />
        <div className="card grid gap-2 p-3.5">
          {rows.map((row) => (
            <div key={row} className="skeleton h-6" />
          ))}
        </div>
      </div>
    </>
  );
}
