import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { type Call, writeCurl, writePython, writeTypeScript } from "@/lib/snippets";

/** Everything that a shell, Python or JavaScript could read as its own. */
const NASTY = "it's \"quoted\" \\ back\\slash \\n not a newline,\na newline, a tab\t, $HOME `id` $(id) !x %s #{x} é 😀 \u2028 end'";
const call: Call = { origin: "http://localhost:3000", model: "spam-filter", input: { text: NASTY, count: 2, small: 1e-7, pixels: [0, 255, 7] } };

/** Runs a snippet of shell with `curl` replaced by a function that prints the arguments it got, each ended by a NUL. */
function readShellArguments(snippet: string): string[] {
  const printed = execFileSync("sh", ["-c", `curl() { printf '%s\\0' "$@"; }\n${snippet}`], { encoding: "utf8" });
  return printed.split("\0").slice(0, -1);
}

describe("curl", () => {
  test("a shell hands on exactly the body that was meant, whatever the text holds", () => {
    const words = readShellArguments(writeCurl(call));
    expect(words).toContain("http://localhost:3000/api/v1/models/spam-filter/predictions");
    expect(words).toContain("Content-Type: application/json");
    expect(JSON.parse(words[words.indexOf("-d") + 1] ?? "")).toEqual({ input: call.input });
  });

  test("the body is never taken for a file name, as curl does with a leading @", () => {
    const words = readShellArguments(writeCurl({ ...call, input: { text: "@/etc/hostname" } }));
    expect(words[words.indexOf("-d") + 1]).toMatch(/^\{/);
  });
});

describe("Python", () => {
  test("sends exactly the row that was meant, with the standard library alone", () => {
    const python = writePython(call);
    const spy = [
      "import io, urllib.request",
      "def spy(request):",
      "    import sys",
      "    sys.stderr.buffer.write(request.full_url.encode() + b'\\n' + request.data)",
      "    return io.BytesIO(b'{\"output\": {}}')",
      "urllib.request.urlopen = spy",
    ].join("\n");
    const both = execFileSync("sh", ["-c", "exec python3 - 2>&1 >/dev/null"], { encoding: "utf8", input: `${spy}\n${python}` });
    const [address, ...body] = both.split("\n");
    expect(address).toBe("http://localhost:3000/api/v1/models/spam-filter/predictions");
    expect(JSON.parse(body.join("\n"))).toEqual({ input: call.input });
  });
});

describe("TypeScript", () => {
  test("is valid code that sends exactly the row that was meant", async () => {
    const sent: { address: string; body: unknown }[] = [];
    const answerWith = (address: string, init: { body: string }) => {
      sent.push({ address, body: JSON.parse(init.body) });
      return Promise.resolve({ ok: true, json: () => Promise.resolve({ output: {} }) });
    };
    const runSnippet = new Function("fetch", "console", `return (async () => {${writeTypeScript(call)}})()`);
    await runSnippet(answerWith, { log: () => undefined });
    expect(sent).toEqual([{ address: "http://localhost:3000/api/v1/models/spam-filter/predictions", body: { input: call.input } }]);
  });
});
