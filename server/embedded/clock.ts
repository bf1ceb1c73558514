import { Timestamp } from "bson";

let last = new Timestamp({ t: 0, i: 0 });

/** The cluster time: seconds and a counter, greater with every call. */
export function nextTimestamp(): Timestamp {
  const seconds = Math.floor(Date.now() / 1000);
  // A clock that was set back must not set the cluster's time back.
  last = seconds > last.t ? new Timestamp({ t: seconds, i: 1 }) : new Timestamp({ t: last.t, i: last.i + 1 });
  return last;
}
