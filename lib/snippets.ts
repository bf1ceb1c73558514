/** Code that calls a model and runs as pasted. */
import type { Row } from "@/lib/contracts/predict";

export interface Call {
  /** Where the service is reached, without a trailing slash. */
  origin: string;
  model: string;
  input: Row;
  /** Beginning and end of the reader's key, as in `vt_live_7Kq2…Gy0A`: the code takes the key from VITRINE_KEY and tells which it is. */
  keyHint?: string | undefined;
  /** The whole key, where it is told this once: it stands in the code as it is. */
  apiKey?: string | undefined;
}

const addressOf = ({ origin, model }: Call) => `${origin}/api/v1/models/${model}/predictions`;

/** Fields one to a line, long lists of numbers on one line. */
function writeInput(input: Row, indent: string): string {
  const fields = Object.entries(input).map(([name, value]) => `${indent}  ${JSON.stringify(name)}: ${JSON.stringify(value)}`);
  return `{\n${fields.join(",\n")}\n${indent}}`;
}

/** Inside single quotes a POSIX shell takes everything as it is but the quote itself. */
export function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** What may stand in a comment and in a quoted text of every language here. */
const toPlain = (text: string) => text.replaceAll(/[^\w…-]/g, "");

/** The header of a key in VITRINE_KEY. While that is not set, the shell says so and sends nothing. */
export function writeShellKey(hint = ""): string {
  return `-H "Authorization: Bearer \${VITRINE_KEY:?${`set it to your whole key ${toPlain(hint)}`.trim()}}"`;
}

export function writeCurl(call: Call): string {
  const { apiKey, keyHint, input } = call;
  const hinted = keyHint !== undefined && writeShellKey(keyHint);
  return [
    `curl -s ${quoteForShell(addressOf(call))}`,
    apiKey === undefined ? hinted : `-H ${quoteForShell(`Authorization: Bearer ${apiKey}`)}`,
    "-H 'Content-Type: application/json'",
    `-d ${quoteForShell(`{"input": ${writeInput(input, "")}}`)}`,
  ].filter(Boolean).join(" \\\n  ");
}

const readsKey = ({ apiKey, keyHint }: Call) => apiKey === undefined && keyHint !== undefined;

interface Dialect {
  /** The key as an expression: from VITRINE_KEY. */
  fromEnvironment: string;
  comment: string;
  indent: string;
}

/** The headers of a call that brings a key, as an object of TypeScript and a dict of Python alike; null without a key. */
function writeHeaders({ apiKey, keyHint }: Call, { fromEnvironment, comment, indent }: Dialect): string | null {
  if (apiKey === undefined && keyHint === undefined) return null;
  const value = apiKey === undefined ? fromEnvironment : JSON.stringify(`Bearer ${apiKey}`);
  const note = apiKey === undefined ? [`${comment} set VITRINE_KEY to your whole key ${toPlain(keyHint ?? "")}`.trim()] : [];
  const lines = [...note, `"Authorization": ${value},`, '"Content-Type": "application/json",'];
  return ["{", ...lines.map((line) => `${indent}${indent}${line}`), `${indent}}`].join("\n");
}

export function writeTypeScript(call: Call): string {
  const dialect = { fromEnvironment: "`Bearer ${env.VITRINE_KEY}`", comment: "//", indent: "  " };
  return `${readsKey(call) ? 'import { env } from "node:process";\n\n' : ""}const response = await fetch(${JSON.stringify(addressOf(call))}, {
  method: "POST",
  headers: ${writeHeaders(call, dialect) ?? '{ "Content-Type": "application/json" }'},
  body: JSON.stringify({
    input: ${writeInput(call.input, "    ")},
  }),
});
const prediction = await response.json();
if (!response.ok) throw new Error(prediction.detail);
console.log(prediction.output);`;
}

/** Python's standard library alone. JSON text without true, false and null is Python too; inputs hold numbers, texts and lists only. */
export function writePython(call: Call): string {
  const dialect = { fromEnvironment: `"Bearer " + os.environ["VITRINE_KEY"]`, comment: "#", indent: "    " };
  return `import json, ${readsKey(call) ? "os, " : ""}urllib.request

row = ${writeInput(call.input, "")}
request = urllib.request.Request(
    ${JSON.stringify(addressOf(call))},
    data=json.dumps({"input": row}).encode(),
    headers=${writeHeaders(call, dialect) ?? '{"Content-Type": "application/json"}'},
)
with urllib.request.urlopen(request) as response:
    print(json.load(response)["output"])`;
}
