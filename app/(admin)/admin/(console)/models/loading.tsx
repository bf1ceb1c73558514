import { ConsolePage } from "@/components/admin/shell/console-page";

/** What is coming, in grey: the list, or one model's page. */
export default function Loading() {
  return (
    <ConsolePage title="Models">
      <p className="sr-only" role="status">
        Loading
      </p>
      <div className="skeleton h-40" aria-hidden="true" />
      <div className="skeleton h-80" aria-hidden="true" />
    </ConsolePage>
  );
}
