import { existsSync, statSync } from "node:fs";
import path from "node:path";
import { checkStore, type CheckResult } from "@/server/embedded/check";
import { checkPages } from "@/server/embedded/data-pages";
import { acquireLock, releaseLock } from "@/server/embedded/lock-file";
import { Store } from "@/server/embedded/store";
import { describeFileProblem, describeReason, PlainFailure } from "./command";

/**
 * Reads everything in a data folder and changes nothing.
 * @throws PlainFailure with one line when there is nothing to read, a server has it, or it is damaged
 */
export async function checkFolder(folder: string): Promise<CheckResult> {
  const file = path.join(folder, "data.mdb");
  if (!existsSync(file)) throw new PlainFailure(`There is nothing to check: ${file} does not exist`);
  if (statSync(file).size === 0) throw new PlainFailure(`There is nothing to check: ${file} is empty, which a server never leaves it`);
  const holder = await acquireLock(folder).catch((error: unknown) => {
    throw describeFileProblem(error, `${folder} is locked while it is checked, but it`);
  });
  if (holder) throw new PlainFailure(`${folder} is in use by the server with process id ${holder.pid}; end what uses it and try again`);
  try {
    // Without LMDB first: it ends the process when it meets a torn page.
    checkPages(file);
    const store = Store.open(folder);
    const result = checkStore(store);
    await store.abandon();
    return result;
  } catch (error) {
    throw new PlainFailure(describeReason(error));
  } finally {
    releaseLock(folder);
  }
}
