"use client";

import { useRouter } from "next/navigation";
import { CountStrip } from "@/components/charts/count-strip";
import type { RequestCounts } from "@/lib/contracts/traffic.admin";
import { formatNumber } from "@/lib/format";
import { formatShortDay } from "@/lib/moment";
import { formatClock } from "@/lib/overview-view.admin";
import { type RequestsAddress, requestsHref } from "@/lib/requests-address.admin";

interface RequestCountsProps {
  counts: RequestCounts;
  /** The filters that stay when a span is picked. */
  address: RequestsAddress;
}

const DAY_SECONDS = 86_400;
const TICKS = [0, 0.25, 0.5, 0.75, 1];

/** How many requests fit, over time; picking a column narrows the list to its span. */
export function RequestCountsStrip({ counts, address }: RequestCountsProps) {
  const router = useRouter();
  const { from, to, step_seconds: step, buckets, calls, failed } = counts;
  if (buckets.length === 0) return null;
  const [begin, end] = [Date.parse(from), Math.max(Date.parse(to), Date.parse(from) + buckets.length * step * 1_000)];
  const isLong = end - begin > DAY_SECONDS * 1_000 * 1.5;
  const name = (iso: string) => (isLong ? `${formatShortDay(iso)} ${formatClock(iso)}` : formatClock(iso));
  const pick = (index: number) => {
    const start = Date.parse(buckets[index]?.at ?? from);
    const { last: _last, ...rest } = address;
    router.push(requestsHref({ ...rest, from: new Date(start).toISOString(), to: new Date(start + step * 1_000).toISOString() }));
  };
  return (
    <CountStrip
      label={`${formatNumber(calls)} ${calls === 1 ? "request" : "requests"}, ${formatNumber(failed)} of them failed, from ${name(from)} to ${name(to)} UTC.`}
      buckets={buckets.map((bucket) => ({ ...bucket, name: `${name(bucket.at)} UTC` }))}
      ticks={TICKS.map((share) => {
        const index = Math.floor(share * buckets.length);
        const at = begin + index * step * 1_000;
        return { at: (at - begin) / (end - begin), text: name(new Date(Math.min(at, Date.parse(to))).toISOString()) };
      })}
      onPick={pick}
    />
  );
}
