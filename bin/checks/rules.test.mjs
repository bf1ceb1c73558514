import { describe, expect, it } from "vitest";
import { judge, rules } from "./rules.mjs";

/** One offence for every rule: path, text. Words that may not stand in the project are put together here. */
const OFFENCES = {
  "environment-in-one-place": ["server/api/rest.ts", 'import "server-only";\nconst url = process.env.MONGODB_URI;\n'],
  "no-export-star": ["lib/format.ts", 'export * from "@/lib/other";\n'],
  "no-server-actions": ["app/(site)/page.tsx", '"use server";\n'],
  "no-loose-ends": ["lib/format.ts", `// ${"TO" + "DO"}: later\n`],
  "no-silenced-tools": ["lib/format.ts", `// ${"oxlint" + "-disable-next-line"} no-console\n`],
  "speaks-of-itself-alone": ["README.md", `Written with ${"Cl" + "aude"} in ${"/wo" + "rk"}/main.\n`],
  "functions-are-set-in-one-file": ["app/(api)/api/v1/route.ts", "export const maxDuration = 30;\n"],
  "kebab-case-names": ["components/ui/CodeBlock.tsx", ""],
  "no-index-files": ["components/ui/index.ts", ""],
  "server-only-first": ["server/api/rest.ts", "export const limit = 1;\n"],
  "procedures-say-input-and-output": [
    "server/modules/catalog/router.ts",
    'import "server-only";\nexport const r = publicProcedure.input(shape).query(() => 1);\n',
  ],
  "lock-file-names-no-host": ["package-lock.json", '      "resolved": "https://registry.example/x.tgz",\n'],
};

const CLEAN = [
  { path: "server/core/env.ts", text: 'import "server-only";\nexport const all = process.env;\n' },
  { path: "app/(api)/api/v1/[[...path]]/route.ts", text: "export function GET() {}\n" },
  {
    path: "server/modules/catalog/router.ts",
    text: 'import "server-only";\nimport { publicProcedure } from "@/server/core/trpc";\nexport const r = { list: publicProcedure.input(a.extend({ n: b(1) })).output(c).query(({ input }) => list(input)) };\n',
  },
  { path: "lib/format.ts", text: "// Waits for the issue: TODO #12\nexport const one = 1;\n" },
  { path: "README.md", text: "The data lies in .data, its journal in the temporary folder.\n" },
];

const brokenBy = (source) =>
  judge([source])
    .filter(({ problems }) => problems.length > 0)
    .map(({ name }) => name);

describe("the project's own rules", () => {
  it("have an offence each in this test", () => {
    expect(Object.keys(OFFENCES).sort()).toEqual(rules.map(({ name }) => name).sort());
  });

  it.each(Object.entries(OFFENCES))("%s finds its offence, and no other rule does", (name, [path, text]) => {
    expect(brokenBy({ path, text })).toEqual([name]);
  });

  it.each(CLEAN)("find nothing in a clean $path", (source) => {
    expect(brokenBy(source)).toEqual([]);
  });
});
