import { Notice } from "@/components/ui/notice";

/** Says on a model's page that it does not answer at the moment, and why, in the team's words. */
export function PausedNotice({ note }: { note: string }) {
  return (
    <div className="mt-4">
      <Notice tone="warn" title="This model is paused">
        <p>{note}</p>
        <p>Until it runs again, new values are not answered; answers to the examples were given before.</p>
      </Notice>
    </div>
  );
}
