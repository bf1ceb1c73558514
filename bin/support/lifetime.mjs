/** Some shells and npm both pass one Ctrl-C on: a signal so soon after the first is the same one. */
const SAME_SIGNAL_MS = 1_000;

/**
 * Ends the process when it is asked to: `close` runs once, then the exit code is 0. A second Ctrl-C does not wait.
 * @param {() => Promise<void>} close
 */
export function endOnSignal(close) {
  let since = 0;
  const end = async () => {
    const now = performance.now();
    if (since > 0) {
      if (now - since > SAME_SIGNAL_MS) process.exit(1);
      return;
    }
    since = now;
    await close();
    process.exit(0);
  };
  process.on("SIGINT", end);
  process.on("SIGTERM", end);
}
