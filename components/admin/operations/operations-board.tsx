import { EnvironmentCard, WarningsCard } from "@/components/admin/operations/environment-card";
import { JobsCard } from "@/components/admin/operations/jobs-card";
import { NoticeCard } from "@/components/admin/operations/notice-card";
import { ProcessesCard } from "@/components/admin/operations/processes-card";
import { SessionsCard } from "@/components/admin/operations/sessions-card";
import type { EnvironmentReport, JobState, NoticeState } from "@/lib/contracts/operations.admin";
import type { ProcessReport } from "@/lib/contracts/traffic.admin";

interface OperationsBoardProps {
  notice: NoticeState | null;
  environment: EnvironmentReport & { processes: ProcessReport[] };
  jobs: JobState[];
  role: "viewer" | "operator" | "owner";
}

const BARRED = "operations-barred";

/** Everything about the service as a whole: what customers are told, what can be done at once, what runs and how it is set up. */
export function OperationsBoard({ notice, environment, jobs, role }: OperationsBoardProps) {
  const barredBy = role === "viewer" ? BARRED : undefined;
  return (
    <>
      {barredBy && (
        <p id={barredBy} className="help">
          The notice and the jobs take the role operator; yours is viewer.
        </p>
      )}
      <div className="ops-split">
        <NoticeCard notice={notice} barredBy={barredBy} />
        <SessionsCard role={role} />
      </div>
      <JobsCard jobs={jobs} barredBy={barredBy} />
      <ProcessesCard processes={environment.processes} />
      <div className="ops-split">
        <EnvironmentCard environment={environment} />
        <WarningsCard warnings={environment.warnings} />
      </div>
    </>
  );
}
