import { ConsolePage } from "@/components/admin/shell/console-page";

/** As many rows as a window shows. */
const ROWS = Array.from({ length: 16 }, (_unused, index) => `row ${index}`);

/** The room that the list takes, while it is read. */
export function RequestsSkeleton() {
  return (
    <ConsolePage title="Requests">
      <p className="sr-only" role="status">
        The requests are being read.
      </p>
      <div className="skeleton h-8" />
      <div className="skeleton h-12" />
      <div className="card grid gap-2 p-3.5">
        {ROWS.map((row) => (
          <div key={row} className="skeleton h-5" />
        ))}
      </div>
    </ConsolePage>
  );
}
