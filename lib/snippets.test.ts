import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { type Call, writeCurl, writePython, writeTypeScript } from "@/lib/snippets";

/** Everything that a shell, Python or JavaScript could read as its own. */
const NASTY = "it's \"quoted\" \\ back\\slash \\n not a newline,\na newline, a tab\t, $HOME `id` $(id) !x %s #{x} é 😀 \u2028 end'";
const call: Call = { origin: "http://localhost:3000", model: "spam-filter", input: { text: NASTY, count: 2, small: 1e-7, pixels: [0, 255, 7] } };

const HINT = "vt_live_7Kq2…Gy0A";
const SECRET = "vt_live_7Kq2xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxGy0A";
/** What a hint must not be able to say, should one ever come from somewhere else. */
const BROKEN_HINT = "}\"; id; \n`id` $(id)'*/ \\";

/** Runs a snippet of shell with `curl` replaced by a function that prints the arguments it got, each ended by a NUL. */
function readShellArguments(snippet: string, environment: Record<string, string> = {}): string[] {
  const env = { ...process.env, ...environment };
  const printed = execFileSync("sh", ["-c", `curl() { printf '%s\\0' "$@"; }\n${snippet}`], { encoding: "utf8", stdio: "pipe", env });
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

describe("curl with a key", () => {
  test("runs as pasted once VITRINE_KEY is set, and holds the hint but no key", () => {
    const snippet = writeCurl({ ...call, keyHint: HINT });
    expect(snippet).toContain(HINT);
    const words = readShellArguments(snippet, { VITRINE_KEY: SECRET });
    expect(words).toContain(`Authorization: Bearer ${SECRET}`);
    expect(JSON.parse(words[words.indexOf("-d") + 1] ?? "")).toEqual({ input: call.input });
  });

  test("sends nothing while VITRINE_KEY is not set, and the shell says which key is meant", () => {
    const run = () => readShellArguments(writeCurl({ ...call, keyHint: HINT }), { VITRINE_KEY: "" });
    expect(run).toThrow(`VITRINE_KEY: set it to your whole key ${HINT}`);
  });

  test("a hint cannot break out of where it stands", () => {
    const words = readShellArguments(writeCurl({ ...call, keyHint: BROKEN_HINT }), { VITRINE_KEY: SECRET });
    expect(words).toContain(`Authorization: Bearer ${SECRET}`);
    expect(words).toHaveLength(8);
  });

  test("a whole key runs as it is", () => {
    expect(readShellArguments(writeCurl({ ...call, apiKey: SECRET }))).toContain(`Authorization: Bearer ${SECRET}`);
  });
});

/** What a Python snippet would send: address, `Authorization` and body. */
function runPython(python: string, environment: Record<string, string> = {}): { address: string; key: string; body: unknown } {
  const spy = [
    "import io, urllib.request",
    "def spy(request):",
    "    import sys",
    "    head = request.full_url + '\\n' + (request.get_header('Authorization') or '') + '\\n'",
    "    sys.stderr.buffer.write(head.encode() + request.data)",
    "    return io.BytesIO(b'{\"output\": {}}')",
    "urllib.request.urlopen = spy",
  ].join("\n");
  const options = { encoding: "utf8" as const, input: `${spy}\n${python}`, env: { ...process.env, ...environment } };
  const [address = "", key = "", ...body] = execFileSync("sh", ["-c", "exec python3 - 2>&1 >/dev/null"], options).split("\n");
  return { address, key, body: JSON.parse(body.join("\n")) };
}

describe("Python", () => {
  test("sends exactly the row that was meant, with the standard library alone", () => {
    const address = "http://localhost:3000/api/v1/models/spam-filter/predictions";
    expect(runPython(writePython(call))).toEqual({ address, key: "", body: { input: call.input } });
  });

  test.each([
    ["of VITRINE_KEY", { keyHint: HINT }],
    ["of VITRINE_KEY whatever the hint says", { keyHint: BROKEN_HINT }],
    ["it was told", { apiKey: SECRET }],
  ])("sends the key %s", (_name, key) => {
    expect(runPython(writePython({ ...call, ...key }), { VITRINE_KEY: SECRET }).key).toBe(`Bearer ${SECRET}`);
  });
});

describe("TypeScript", () => {
  interface Sent {
    address: string;
    headers: Record<string, string>;
    body: string;
  }

  /** Runs a snippet as a module of its own with `fetch` replaced, and gives what it sent. */
  function runTypeScript(snippet: string): Sent {
    const spy = [
      "globalThis.fetch = async (address, { headers, body }) => {",
      "  process.stderr.write(JSON.stringify({ address, headers, body }));",
      "  return { ok: true, json: async () => ({ output: {} }) };",
      "};",
    ].join("\n");
    const options = { encoding: "utf8" as const, input: `${spy}\n${snippet}`, env: { ...process.env, VITRINE_KEY: SECRET } };
    const run = `exec "${process.execPath}" --input-type=module - 2>&1 >/dev/null`;
    return JSON.parse(execFileSync("sh", ["-c", run], options)) as Sent;
  }

  test("is valid code that sends exactly the row that was meant", () => {
    const { address, headers, body } = runTypeScript(writeTypeScript(call));
    expect(address).toBe("http://localhost:3000/api/v1/models/spam-filter/predictions");
    expect(headers).toEqual({ "Content-Type": "application/json" });
    expect(JSON.parse(body)).toEqual({ input: call.input });
  });

  test.each([
    ["of VITRINE_KEY", { keyHint: HINT }],
    ["of VITRINE_KEY whatever the hint says", { keyHint: BROKEN_HINT }],
    ["it was told", { apiKey: SECRET }],
  ])("sends the key %s", (_name, key) => {
    const { headers } = runTypeScript(writeTypeScript({ ...call, ...key }));
    expect(headers).toEqual({ "Content-Type": "application/json", Authorization: `Bearer ${SECRET}` });
  });
});
