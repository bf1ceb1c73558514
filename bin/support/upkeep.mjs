import { randomBytes } from "node:crypto";

const PATH = "/admin/jobs/upkeep";
const FIRST_MS = 5_000;
const EVERY_MS = 30_000;

/** What this process proves itself with when it calls itself: as configured, else made up for as long as it runs. */
export function ensureCronSecret() {
  process.env.CRON_SECRET ||= randomBytes(32).toString("hex");
}

/** Addresses that stand for all of a machine's are none to call. */
function addressOf(host) {
  if (!host || host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}

/**
 * Calls the process's own upkeep now and then, as a platform's cron does elsewhere: the next call is due that long after the last one has
 * ended, so that there is never more than one. What the call does and whether it fails is the route's to write down.
 * @param {{ port: number, host?: string, firstMs?: number, everyMs?: number }} options
 * @returns {() => void} ends it, with the call that is under way
 */
export function keepUp({ port, host, firstMs = FIRST_MS, everyMs = EVERY_MS }) {
  const ended = new AbortController();
  const call = async () => {
    const headers = { authorization: `Bearer ${process.env.CRON_SECRET}` };
    try {
      const response = await fetch(`http://${addressOf(host)}:${port}${PATH}`, { method: "POST", headers, signal: ended.signal });
      await response.arrayBuffer();
    } catch {
      // The next call tries again; a server that does not answer shows in better places than this.
    }
    if (!ended.signal.aborted) wait(everyMs);
  };
  let timer;
  const wait = (milliseconds) => {
    timer = setTimeout(call, milliseconds).unref();
  };
  wait(firstMs);
  return () => {
    clearTimeout(timer);
    ended.abort();
  };
}
