"use client";

import { useEffect, useState } from "react";
import type { UploadStep } from "@/components/admin/uploads/use-upload";
import { formatBytes, formatNumber } from "@/lib/format";
import { sayDuration } from "@/lib/refusal";

type Sending = Extract<UploadStep, { kind: "sending" }>;

interface SendingProps {
  step: Sending;
  onStop: () => void;
}

/** How much of the file is there, how fast it goes and how long it still takes. */
export function SendingProgress({ step: { file, sent, rate, left }, onStop }: SendingProps) {
  const share = file.size === 0 ? 1 : sent / file.size;
  const percent = Math.floor(share * 100);
  const amount = `${formatBytes(sent)} of ${formatBytes(file.size)}`;
  return (
    <div className="grid gap-3">
      <p role="status" className="font-[550] break-all">
        Uploading {file.name}
      </p>
      <div
        className="upload-bar"
        role="progressbar"
        aria-label="Upload"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
        aria-valuetext={`${percent} %, ${amount}`}
      >
        <span style={{ width: `${share * 100}%` }} />
      </div>
      <p className="tabular flex flex-wrap gap-x-4 gap-y-1 text-ink-2">
        <b className="font-[550] text-ink">{formatNumber(percent)} %</b>
        <span>{amount}</span>
        {rate !== null && <span>{formatBytes(Math.round(rate))} a second</span>}
        {left !== null && <span>{left < 1 ? "almost there" : `${sayDuration(Math.ceil(left))} left`}</span>}
      </p>
      <div>
        <button type="button" className="btn" onClick={onStop}>
          Cancel
        </button>
      </div>
    </div>
  );
}

function useSeconds(): number {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setSeconds((last) => last + 1), 1_000);
    return () => clearInterval(timer);
  }, []);
  return seconds;
}

/** The file is there and is being opened by the service. */
export function LookingInside({ filename }: { filename: string }) {
  const seconds = useSeconds();
  return (
    <div className="grid gap-3">
      <p role="status" className="font-[550] break-all">
        Looking inside {filename} …
      </p>
      <div className="upload-bar" data-endless="true" role="progressbar" aria-label="Looking inside">
        <span />
      </div>
      <p className="text-ink-2">
        A program of its own opens the file and asks it two rows, within limits of time and memory.{" "}
        <span className="tabular">{seconds} s</span>; it takes 15 seconds at most.
      </p>
    </div>
  );
}
