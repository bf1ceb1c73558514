"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { jobWords, sayOutcome } from "@/components/admin/operations/job-words";
import { Card } from "@/components/ui/card";
import { Icon } from "@/components/ui/icon";
import { LocalTime } from "@/components/ui/local-time";
import { Notice } from "@/components/ui/notice";
import { ScrollRegion } from "@/components/ui/scroll-region";
import { useChange } from "@/components/ui/use-change";
import type { JobName, JobOutcome, JobRun, JobState } from "@/lib/contracts/operations.admin";
import { formatMilliseconds } from "@/lib/format";
import { consoleApi } from "@/lib/trpc-client.admin";

function Outcome({ run }: { run: JobRun | undefined }) {
  if (!run) return <span className="text-ink-3">Has not run yet</span>;
  const failed = run.outcome === "failed";
  return (
    <div>
      <span className="status" data-tone={failed ? "bad" : "ok"}>
        <Icon name={failed ? "alert" : "check"} size={14} />
        {failed ? `Failed: ${run.detail}` : run.detail}
      </span>
    </div>
  );
}

function sayEvery(seconds: number): string {
  if (seconds < 60) return "twice a minute";
  return seconds < 120 ? "every minute" : `every ${Math.round(seconds / 60)} minutes`;
}

interface RowProps {
  job: JobState;
  barredBy: string | undefined;
  busy: boolean;
  onRun: (job: JobName) => void;
}

function RunButton({ job, barredBy, busy, onRun }: RowProps) {
  return (
    <button
      type="button"
      className="btn btn-small"
      disabled={barredBy !== undefined}
      aria-describedby={barredBy}
      aria-disabled={busy}
      onClick={() => onRun(job.name)}
    >
      Run now<span className="sr-only"> {jobWords[job.name].title}</span>
    </button>
  );
}

function JobRow(props: RowProps) {
  const { job } = props;
  const { title, what } = jobWords[job.name];
  const [last] = job.runs;
  const failed = job.runs.filter(({ outcome }) => outcome === "failed").length;
  return (
    <tr>
      <th scope="row">
        {title}
        <span className="help block font-normal">
          {what}, {sayEvery(job.every_seconds)}
        </span>
      </th>
      <td data-label="Last run">{last ? <LocalTime iso={last.started_at} /> : "never"}</td>
      <td data-label="Outcome">
        <Outcome run={last} />
      </td>
      <td data-label="Took" className="number">
        {last ? formatMilliseconds(last.milliseconds) : "–"}
      </td>
      <td data-label="Failed" className="number">
        {failed} of {job.runs.length}
      </td>
      <td>
        <div className="row-actions">
          <RunButton {...props} />
        </div>
      </td>
    </tr>
  );
}

function RunList({ jobs }: { jobs: JobState[] }) {
  const runs = jobs.flatMap((job) => job.runs).sort((one, other) => (one.id < other.id ? 1 : -1));
  if (runs.length === 0) return null;
  return (
    <details className="fold border-t border-line">
      <summary>
        <Icon name="chevron-right" />
        All {runs.length} runs that are kept
      </summary>
      <ScrollRegion label="Table of runs" className="max-h-96 overflow-y-auto">
        <table className="table list-table keys-table">
          <thead>
            <tr>
              <th scope="col">Job</th>
              <th scope="col">Began</th>
              <th scope="col">Outcome</th>
              <th scope="col" className="number">
                Took
              </th>
              <th scope="col">Asked for by</th>
            </tr>
          </thead>
          <tbody>
            {runs.map((run) => (
              <tr key={run.id}>
                <th scope="row">{jobWords[run.job].title}</th>
                <td data-label="Began">
                  <LocalTime iso={run.started_at} />
                </td>
                <td data-label="Outcome">
                  <Outcome run={run} />
                </td>
                <td data-label="Took" className="number">
                  {formatMilliseconds(run.milliseconds)}
                </td>
                <td data-label="Asked for by">{run.by ?? "Scheduler"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
    </details>
  );
}

const headings = ["Job", "Last run", "Outcome", "Took", "Failed"] as const;
const numbers: readonly string[] = ["Took", "Failed"];

function JobsTable({ jobs, ...rest }: Omit<RowProps, "job"> & { jobs: JobState[] }) {
  return (
    <ScrollRegion label="Table of jobs">
      <table className="table list-table keys-table">
        <thead>
          <tr>
            {headings.map((heading) => (
              <th key={heading} scope="col" className={numbers.includes(heading) ? "number" : undefined}>
                {heading}
              </th>
            ))}
            <th scope="col">
              <span className="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {jobs.map((job) => (
            <JobRow key={job.name} job={job} {...rest} />
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

interface JobsCardProps {
  jobs: JobState[];
  /** The id of the words that say why nothing can be changed; undefined where it can. */
  barredBy: string | undefined;
}

/** What is done now and then, how it went, and a way to have it done now. */
export function JobsCard({ jobs, barredBy }: JobsCardProps) {
  const router = useRouter();
  const { busy, refusal, run } = useChange();
  const [ended, setEnded] = useState<JobOutcome | null>(null);
  const start = (job: JobName) => {
    setEnded(null);
    void run(
      () => consoleApi.operations.runJob.mutate({ job }),
      (outcome) => {
        setEnded(outcome);
        router.refresh();
      },
    );
  };
  return (
    <Card title="Jobs" flush aside="Each by one process at a time">
      {ended && (
        <Notice tone={ended.outcome === "done" ? "ok" : "warn"} onClose={() => setEnded(null)}>
          {sayOutcome(ended)}
        </Notice>
      )}
      {refusal && <Notice tone="bad">{refusal.message}</Notice>}
      <JobsTable jobs={jobs} barredBy={barredBy} busy={busy} onRun={start} />
      <RunList jobs={jobs} />
    </Card>
  );
}
