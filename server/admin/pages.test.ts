import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..");
const FOLDER = join(ROOT, "app", "(admin)");
/** What is shown before somebody signed in. Each asks whether its reader's network may see the console. */
const OPEN: Record<string, string> = {
  "admin/sign-in/page.tsx": "readSignInPage",
  "admin/sign-in/code/page.tsx": "readSignInPage",
  "admin/password/page.tsx": "readPasswordPage",
};
/** The doors behind the console's addresses that are no pages; each is tested by name. */
const ROUTES: Record<string, string> = {
  "admin/auth/[...step]/route.ts": "@/server/admin/auth",
  "admin/trpc/[trpc]/route.ts": "@/server/admin/trpc",
  "admin/audit-export/route.ts": "@/server/admin/audit-export",
  "admin/uploads/[id]/[n]/route.ts": "@/server/admin/upload-chunks",
  "admin/uploads/[id]/rows/route.ts": "@/server/admin/upload-chunks",
  "admin/uploads/trpc/[trpc]/route.ts": "@/server/admin/trpc",
  "admin/jobs/upkeep/route.ts": "@/server/admin/jobs",
  "admin/(console)/requests/export/route.ts": "@/server/admin/requests-export",
  "admin/livez/route.ts": "@/server/admin/health",
  "admin/readyz/route.ts": "@/server/admin/health",
  "admin/metrics/route.ts": "@/server/admin/metrics",
};

const files = readdirSync(FOLDER, { recursive: true, encoding: "utf8" });
const read = (file: string) => readFileSync(join(FOLDER, file), "utf8");
const pages = files.filter((file) => file.endsWith("page.tsx"));
const guarded = pages.filter((file) => OPEN[file] === undefined);

/** The awaits of a function, in their order. */
function awaitsOf(source: string, beginning: string): string[] {
  const start = source.indexOf(beginning);
  if (start === -1) throw new Error(`There is no ${beginning}`);
  return [...source.slice(start).matchAll(/await ([\w.]+)/g)].map(([, name]) => name ?? "").filter((name) => !/^(params|searchParams)$/.test(name));
}

const firstAwaitOf = (source: string) => awaitsOf(source, "export default async function")[0] ?? "";

/** What a function of the console's door, which the page imports, awaits first. */
function firstAwaitBehind(source: string, name: string): string {
  const imports = [...source.matchAll(/import \{([^}]+)\} from "@\/(server\/admin\/[\w-]+)"/g)];
  const found = imports.find(([, names = ""]) => names.split(",").some((each) => each.trim() === name));
  if (!found) return "";
  const text = readFileSync(join(ROOT, `${found[2]}.ts`), "utf8");
  return awaitsOf(text, `export async function ${name}(`)[0] ?? "";
}

describe("a page of the console", () => {
  it.each(guarded)("%s asks who is signed in before it reads anything", (file) => {
    const source = read(file);
    const first = firstAwaitOf(source);
    expect(first === "requireOperator" ? first : firstAwaitBehind(source, first)).toBe("requireOperator");
  });

  it.each(Object.entries(OPEN))("%s is open, and asks by %s whether its reader's network is allowed", (file, reader) => {
    expect(firstAwaitOf(read(file))).toBe(reader);
    expect(firstAwaitBehind(read(file), reader)).toMatch(/^(assertAllowedReader|requireOperator)$/);
  });

  it.each(pages)("%s uses no Server Action", (file) => {
    expect(read(file)).not.toContain("use server");
  });

  it("the list of open pages names pages that exist", () => {
    expect(pages).toEqual(expect.arrayContaining(Object.keys(OPEN)));
  });
});

it("every route of the console leads to a door that is tested", () => {
  const routes = files.filter((file) => /(^|\/)route\.tsx?$/.test(file));
  expect(routes.toSorted()).toEqual(Object.keys(ROUTES).toSorted());
  for (const [file, door] of Object.entries(ROUTES)) expect(read(file)).toContain(`from "${door}"`);
});
