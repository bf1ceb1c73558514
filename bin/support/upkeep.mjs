import { randomBytes } from "node:crypto";

const PATH = "/admin/jobs/upkeep";
/** Asked for once: the first page of a process takes half a second longer than all others, which no reader has to wait for. */
const FIRST_PAGE = "/admin/sign-in";
/** Soon, because the first call also reads what the first reader of the console would wait for. */
const FIRST_MS = 1_000;
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
 * @param {{ port: number, host?: string, firstPage?: boolean, firstMs?: number, everyMs?: number }} options `firstPage`: whether it asks
 *   for a page, too, which a server that compiles its pages one by one has no use for
 * @returns {() => void} ends it, with the call that is under way
 */
export function keepUp({ port, host, firstPage = true, firstMs = FIRST_MS, everyMs = EVERY_MS }) {
  const ended = new AbortController();
  const ask = async (path, options) => {
    try {
      const response = await fetch(`http://${addressOf(host)}:${port}${path}`, { ...options, signal: ended.signal });
      await response.arrayBuffer();
    } catch {
      // The next call tries again; a server that does not answer shows in better places than this.
    }
  };
  let isFirst = firstPage;
  const call = async () => {
    await ask(PATH, { method: "POST", headers: { authorization: `Bearer ${process.env.CRON_SECRET}` } });
    if (isFirst) await ask(FIRST_PAGE, {});
    isFirst = false;
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
