import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const OPTIONS = ["--conditions=react-server", "--import", "tsx", "--input-type=module", "--eval"];
const PROJECT = new URL("../..", import.meta.url);

/** What a process of its own writes to standard error. */
async function runProcess(code: string, env: Record<string, string>): Promise<string[]> {
  const script = `const { log } = await import("@/server/core/log"); ${code}`;
  const own: NodeJS.ProcessEnv = { ...process.env, NODE_ENV: "production", VITRINE_BUILD: "build-7", ROLE: "admin", ...env };
  const options = { cwd: PROJECT, env: own, maxBuffer: 50_000_000 };
  const { stderr } = await promisify(execFile)(process.execPath, [...OPTIONS, script], options);
  return stderr.split("\n").filter(Boolean);
}

describe("the log", () => {
  it("loses no line of a process that ends at once, and each says when, how grave, what, and by which build and role", async () => {
    const lines = await runProcess('for (let n = 0; n < 5000; n++) log("warn", "counted", { n, gone: undefined }); process.exit(0);', {
      LOG_LEVEL: "",
    });
    expect(lines).toHaveLength(5_000);
    const last = JSON.parse(lines.at(-1) ?? "") as Record<string, unknown>;
    expect(last).toEqual({ level: "warn", time: expect.any(String), role: "admin", build: "build-7", n: 4_999, event: "counted" });
    expect(new Date(String(last["time"])).toISOString()).toBe(last["time"]);
  });

  it("holds what is as grave as asked for, and without being asked not what only a developer wants", async () => {
    const all = 'for (const level of ["debug", "info", "warn", "error"]) log(level, level);';
    const events = async (level: string) => (await runProcess(all, { LOG_LEVEL: level })).map((line) => (JSON.parse(line) as { event: string }).event);
    expect(await Promise.all(["", "error", "silent"].map(events))).toEqual([["info", "warn", "error"], ["error"], []]);
  });
});
