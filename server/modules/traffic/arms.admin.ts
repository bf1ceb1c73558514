import "server-only";
import type { AnswerSpread, ArmComparison, ArmTraffic } from "@/lib/contracts/traffic.admin";
import type { AnswerBucket, Arm, CallBucket } from "@/server/modules/traffic/collection";
import { type CallSum, sumBy } from "@/server/modules/traffic/figures.admin";
import { findAnswersAcrossCustomers, findCallsAcrossCustomers } from "@/server/modules/traffic/repository";
import { coverSpan } from "@/server/modules/traffic/spans";

const arms: Arm[] = ["live", "candidate", "pinned"];

const nameArm = ({ version, arm }: { version: number | null; arm: Arm | null }) => `${version ?? 0} ${arm ?? "live"}`;

/** Counts by place, from fields named by a letter and the place. */
function countsAt(places: number, found: (Record<string, number> | undefined)[], letter: string): number[] {
  return Array.from({ length: places }, (_, place) => found.reduce((sum, counts) => sum + (counts?.[`${letter}${place}`] ?? 0), 0));
}

/** What several spans of time counted for one output of one version. */
function spreadOf(output: string, buckets: AnswerBucket[]): AnswerSpread {
  const [first] = buckets;
  const { labels = [], edges = [] } = first ?? {};
  const sum = (name: "rows" | "sum") => buckets.reduce((total, bucket) => total + bucket[name], 0);
  const classes = countsAt(labels.length, buckets.map((bucket) => bucket.classes), "c");
  const counts = countsAt(Math.max(0, edges.length - 1), buckets.map((bucket) => bucket.bins), "b");
  const shown = counts.reduce((total, count) => total + count, 0);
  return {
    output,
    rows: sum("rows"),
    classes: labels.length === 0 ? null : labels.map((label, place) => ({ label, count: classes[place] ?? 0 })),
    histogram: edges.length < 2 ? null : { edges, counts },
    mean: shown === 0 ? null : sum("sum") / shown,
  };
}

function toArm(version: number, arm: Arm, calls: CallSum, answers: AnswerBucket[]): ArmTraffic {
  const outputs = [...new Set(answers.map(({ output }) => output))].sort();
  const spreads = outputs.map((output) => spreadOf(output, answers.filter((bucket) => bucket.output === output)));
  return { version, arm, rows: calls.rows, ...calls.figures(), outputs: spreads };
}

/** Versions of a model side by side, by the role they were asked in. */
export async function readArms(model: string, versions: number[], from: number, to: number, now: number): Promise<ArmComparison> {
  const end = Math.min(to, now);
  // A span that has not begun is empty, and may begin in a year that no date can be written in.
  const begin = Math.min(from, end);
  const spans = coverSpan(begin, end, now);
  const [calls, answers] = await Promise.all([
    findCallsAcrossCustomers({ scope: "arm", surface: "api", model, versions }, spans),
    findAnswersAcrossCustomers(model, versions, spans),
  ]);
  const sums = sumBy<string>(calls, (bucket: CallBucket) => nameArm(bucket));
  const found = [...new Set(versions)].sort((a, b) => a - b).flatMap((version) =>
    arms.flatMap((arm) => {
      const name = nameArm({ version, arm });
      const sum = sums.get(name);
      return sum ? [toArm(version, arm, sum, answers.filter((bucket) => nameArm(bucket) === name))] : [];
    }),
  );
  return { from: new Date(spans[0]?.from ?? begin).toISOString(), to: new Date(end).toISOString(), arms: found };
}
