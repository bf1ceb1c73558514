/** Code that calls a model and runs as pasted. */
import type { Row } from "@/lib/contracts/predict";

export interface Call {
  /** Where the service is reached, without a trailing slash. */
  origin: string;
  model: string;
  input: Row;
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

export function writeCurl(call: Call): string {
  const body = `{"input": ${writeInput(call.input, "")}}`;
  return `curl -s ${quoteForShell(addressOf(call))} \\\n  -H 'Content-Type: application/json' \\\n  -d ${quoteForShell(body)}`;
}

export function writeTypeScript(call: Call): string {
  return `const response = await fetch(${JSON.stringify(addressOf(call))}, {
  method: "POST",
  headers: { "Content-Type": "application/json" },
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
  return `import json, urllib.request

row = ${writeInput(call.input, "")}
request = urllib.request.Request(
    ${JSON.stringify(addressOf(call))},
    data=json.dumps({"input": row}).encode(),
    headers={"Content-Type": "application/json"},
)
with urllib.request.urlopen(request) as response:
    print(json.load(response)["output"])`;
}
