import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { SERVE } from "./support/project.mjs";

async function start(env, ...args) {
  const child = spawn(process.execPath, ["bin/serve.mjs", ...args], { env: { ...process.env, MONGODB_URI: "", VITRINE_EMBEDDED: "", ...env } });
  let stderr = "";
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  const [code] = await once(child, "close");
  return { code, stderr };
}

describe("npm start", () => {
  it.each([
    [{ MONGODB_URI: "foo" }, /MONGODB_URI /],
    [{ VITRINE_URL: "foo", MONGODB_URI: "mongodb://localhost/x" }, /VITRINE_URL /],
    [{}, /MONGODB_URI is not set; VITRINE_EMBEDDED=1 allows/],
  ])("stops with one line that names the variable: %j", async (env, line) => {
    const { code, stderr } = await start(env);
    expect(code).toBe(1);
    expect(stderr).toMatch(line);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).not.toContain("foo");
  });

  it.each([["--processes", "-1"], ["--processes"], ["--processes", "1e1"], ["--processes", "0"], ["--workers", "2"]])(
    "stops with one line where it does not understand %s %s",
    async (...args) => {
      const { code, stderr } = await start({ ROLE: "api", MONGODB_URI: "mongodb://localhost/x" }, ...args);
      expect([code, stderr.trim().split("\n").length]).toEqual([1, 1]);
      expect(stderr).toMatch(/--processes|--workers/);
    },
  );

  it("bounds the young generation alike by hand, in the image and in a job", () => {
    const read = (file) => readFileSync(new URL(`../${file}`, import.meta.url), "utf8");
    expect(JSON.parse(read("package.json")).scripts.start).toBe(["node", ...SERVE].join(" "));
    const words = JSON.stringify(["node", ...SERVE]).slice(1).replaceAll(",", ", ");
    for (const file of ["deploy/Dockerfile", "deploy/kubernetes/upkeep.yaml"]) expect(read(file)).toContain(words);
  });
});
