import { sentenceOf, TYPESCRIPT } from "./database.mjs";
import { run } from "./process.mjs";
import { PlainError } from "./say.mjs";

/**
 * A wrong variable stops the start; found later, it would be told to every visitor as a failure.
 * @param {Record<string, string>} env what differs from this process's own variables
 * @throws {PlainError} one line that names the variable
 */
export async function checkEnvironment(env = {}) {
  const { code, stderr } = await run(process.execPath, [...TYPESCRIPT, "bin/check-environment.ts"], { env });
  if (code !== 0) throw new PlainError(sentenceOf(stderr));
}
