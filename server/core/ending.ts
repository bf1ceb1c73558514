import "server-only";

/** Set by whoever hosts the routes (bin/support/host.mjs) once the process was asked to end. */
const holder: typeof globalThis & { vitrineEnding?: boolean } = globalThis;

/** For readiness: a process that is about to end wants no new calls, though it still answers them. @throws {Error} when it ends */
export async function assertStaying(): Promise<void> {
  if (holder.vitrineEnding) throw new Error("This process is about to end.");
}
