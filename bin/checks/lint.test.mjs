import { execFile } from "node:child_process";
import { expect, it } from "vitest";
import { inProject } from "../support/project.mjs";
import { plantProject } from "./planted.mjs";

const long = (count) => Array.from({ length: count }, (_, index) => `  total += ${index};`).join("\n");

/** rule → [file, text]; what each rule is there to stop. */
const OFFENCES = {
  "typescript(no-explicit-any)": ["lib/any.ts", "export const loose = (value: any): void => void value;\n"],
  "typescript(no-non-null-assertion)": ["lib/bang.ts", "export const sure = (value: string | null) => value!.length;\n"],
  "typescript(ban-ts-comment)": ["lib/silent.ts", `// ${"@ts" + "-ignore"}\nexport const x: number = "a";\n`],
  "typescript(consistent-type-imports)": ["lib/types.ts", 'import { Thing } from "./other";\nexport const y = (thing: Thing) => thing;\n'],
  "eslint(max-lines)": ["lib/long.ts", `${"export {};\n".repeat(301)}`],
  "eslint(max-lines-per-function)": ["lib/deep.ts", `export function sum(): number {\n  let total = 0;\n${long(50)}\n  return total;\n}\n`],
  "eslint(no-console)": ["server/core/loud.ts", 'console.log("here");\nexport {};\n'],
  "eslint(no-unused-vars)": ["lib/unused.ts", "const idle = 1;\nexport {};\n"],
  "import(no-default-export)": ["lib/default.ts", "export default 1;\n"],
  "react(no-danger)": ["components/raw.tsx", "export const Raw = () => <p dangerouslySetInnerHTML={{ __html: name }} />;\n"],
  "react-hooks(rules-of-hooks)": [
    "components/hook.tsx",
    'import { useState } from "react";\nexport function Field({ on }: { on: boolean }) {\n  if (on) useState(1);\n  return null;\n}\n',
  ],
  "jsx-a11y(alt-text)": ["components/image.tsx", 'export const Image = () => <img src="/x.png" />;\n'],
  "unicorn(filename-case)": ["lib/camelCase.ts", "export {};\n"],
  "vitest(no-focused-tests)": ["lib/focused.test.ts", 'import { it } from "vitest";\nit.only("alone", () => {});\n'],
  "vitest(no-disabled-tests)": ["lib/skipped.test.ts", 'import { it } from "vitest";\nit.skip("never", () => {});\n'],
};

function lint(files) {
  const planted = plantProject(files, [".oxlintrc.json"]);
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [inProject("node_modules/oxlint/bin/oxlint"), "--format", "json"],
      { cwd: planted.folder },
      (_error, stdout) => {
        planted.remove();
        resolve(JSON.parse(stdout).diagnostics.map(({ code, filename, severity }) => ({ code, filename, severity })));
      },
    );
  });
}

it("the lint finds an offence of each kind, as an error", async () => {
  const found = await lint(Object.fromEntries(Object.values(OFFENCES)));
  const missed = Object.entries(OFFENCES).filter(([code, [file]]) => {
    return !found.some((one) => one.code === code && one.filename === file && one.severity === "error");
  });
  expect(
    missed.map(([code]) => code),
    JSON.stringify(found),
  ).toEqual([]);
});
