/** Whether this container's process answers: `/admin/livez` in the console's role, `/api/livez` in every other. Exits with 0 or 1. */
const { ROLE, PORT } = process.env;
const path = ROLE === "admin" ? "/admin/livez" : "/api/livez";

try {
  const { ok } = await fetch(`http://127.0.0.1:${PORT || 3_000}${path}`, { signal: AbortSignal.timeout(3_000) });
  process.exitCode = ok ? 0 : 1;
} catch {
  process.exitCode = 1;
}
