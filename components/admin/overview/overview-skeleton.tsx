import { ConsolePage } from "@/components/admin/shell/console-page";

/** The room that the overview takes, while it is read. */
export function OverviewSkeleton() {
  return (
    <ConsolePage title="Overview">
      <p className="sr-only" role="status">
        The overview is being read.
      </p>
      <div className="skeleton h-16" />
      <div className="skeleton h-44" />
      <div className="board-halves">
        <div className="skeleton h-72" />
        <div className="skeleton h-72" />
      </div>
      <div className="skeleton h-60" />
    </ConsolePage>
  );
}
