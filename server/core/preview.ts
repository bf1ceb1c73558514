import "server-only";
import { createHash } from "node:crypto";

const PREFIX = "vitrine-preview-";
/** Atlas takes no longer names on its shared clusters; MongoDB itself takes 63 bytes. */
const MOST_CHARACTERS = 38;
const MARK_CHARACTERS = 6;

/**
 * The database of a branch's preview deployments: one a branch, so that no branch sees the data of another one or of production. What of
 * the branch's name a database's name cannot hold is stood for by a mark, the start of the name's SHA-256.
 * @param branch empty for a deployment that came from no branch
 */
export function namePreviewDatabase(branch: string): string {
  const words = branch.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
  if (words !== "" && words === branch && PREFIX.length + words.length <= MOST_CHARACTERS) return PREFIX + words;
  const mark = createHash("sha256").update(branch).digest("hex").slice(0, MARK_CHARACTERS);
  const start = words.slice(0, MOST_CHARACTERS - PREFIX.length - MARK_CHARACTERS - 1).replace(/-$/, "");
  return PREFIX + (start === "" ? mark : `${start}-${mark}`);
}
