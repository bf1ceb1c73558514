/**
 * Writes the types of the tRPC API as one self-contained file for programs outside the project:
 * `npm run types:client [file]`, by default `public/vitrine.d.ts`, which the service serves as `/vitrine.d.ts`.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";

const ROOT = resolve(import.meta.dirname, "..");
const DEFAULT_TARGET = join(ROOT, "public", "vitrine.d.ts");
/** A file that exists only for the compiler: it asks for every part of the router written out, without a name of ours left in it. */
const PROBE = join(ROOT, "server", "api", "client-types-probe.ts");

const PROBE_SOURCE = `
import type { inferRouterInputs, inferRouterOutputs } from "@trpc/server";
import type { AppRouter } from "@/server/api/router";
import type { ErrorData } from "@/server/core/trpc";
type Expand<T> = T extends (infer E)[] ? Expand<E>[] : T extends object ? { [K in keyof T]: Expand<T[K]> } : T;
type Record_ = AppRouter["_def"]["record"];
export type Inputs = Expand<inferRouterInputs<AppRouter>>;
export type Outputs = Expand<inferRouterOutputs<AppRouter>>;
export type ErrorShape = Expand<Omit<ErrorData, "code">>;
export type Codes = ErrorData["code"];
export type Kinds = { [G in keyof Record_]: { [P in keyof Record_[G]]: Record_[G][P] extends { _def: { type: infer K } } ? K : never } };
`;

const FLAGS = ts.NodeBuilderFlags.NoTruncation | ts.NodeBuilderFlags.InTypeAlias | ts.NodeBuilderFlags.MultilineObjectLiterals;
const printer = ts.createPrinter({ removeComments: true });

function readOptions(): ts.CompilerOptions {
  const read = ts.readConfigFile(join(ROOT, "tsconfig.json"), (file) => ts.sys.readFile(file));
  const { options } = ts.parseJsonConfigFileContent({ ...read.config, include: [], files: [] }, ts.sys, ROOT);
  return { ...options, incremental: false, noEmit: true };
}

/** A program over the probe and whatever it needs. */
function createProbe(): { checker: ts.TypeChecker; file: ts.SourceFile } {
  const options = readOptions();
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (name) => resolve(name) === PROBE || fileExists(name);
  host.readFile = (name) => (resolve(name) === PROBE ? PROBE_SOURCE : readFile(name));
  host.getSourceFile = (name, version, ...rest) =>
    resolve(name) === PROBE ? ts.createSourceFile(name, PROBE_SOURCE, version, true) : getSourceFile(name, version, ...rest);
  const program = ts.createProgram([PROBE], options, host);
  const file = program.getSourceFile(PROBE);
  if (!file) throw new Error("The compiler did not read the probe.");
  const problems = program.getSemanticDiagnostics(file);
  const [first] = problems;
  if (first) throw new Error(`The router's types cannot be read: ${ts.flattenDiagnosticMessageText(first.messageText, "\n")}`);
  return { checker: program.getTypeChecker(), file };
}

function aliasOf(file: ts.SourceFile, name: string): ts.TypeAliasDeclaration {
  const found = file.statements.find((statement) => ts.isTypeAliasDeclaration(statement) && statement.name.text === name);
  if (!found || !ts.isTypeAliasDeclaration(found)) throw new Error(`The probe has no type ${name}.`);
  return found;
}

/** Procedures by router, each `query` or `mutation`. */
function readKinds(checker: ts.TypeChecker, file: ts.SourceFile): [string, [string, string][]][] {
  const alias = aliasOf(file, "Kinds");
  const members = (type: ts.Type) => {
    return type.getProperties().map((symbol) => [symbol.name, checker.getTypeOfSymbolAtLocation(symbol, alias)] as const);
  };
  return members(checker.getTypeAtLocation(alias)).map(([group, type]) => [
    group,
    members(type).map(([name, kind]) => [name, kind.isStringLiteral() ? kind.value : "unknown"]),
  ]);
}

const HEADER = `/**
 * The types of Vitrine's tRPC API, made by \`npm run types:client\`. Save this file beside your code and use it so:
 *
 *   import { createTRPCClient, httpBatchLink } from "@trpc/client";
 *   import type { AppRouter } from "./vitrine";
 *   const vitrine = createTRPCClient<AppRouter>({
 *     links: [httpBatchLink({ url: "https://…/api/trpc", headers: { authorization: "Bearer vt_live_…" } })],
 *   });
 *   const answer = await vitrine.predict.run.mutate({ model: "customer-churn", input: { tenure: 2 } });
 *
 * Needs \`@trpc/client\` and \`@trpc/server\` 11, and \`"skipLibCheck": true\`.
 */
import type { TRPCBuiltRouter, TRPCMutationProcedure, TRPCQueryProcedure } from "@trpc/server";
`;

function writeProcedure(group: string, name: string, kind: string): string {
  const type = kind === "query" ? "TRPCQueryProcedure" : "TRPCMutationProcedure";
  const at = `["${group}"]["${name}"]`;
  return `    ${name}: ${type}<{ input: RouterInputs${at}; output: RouterOutputs${at}; meta: object }>;`;
}

/** The text of the file. @throws {Error} when the router's types do not compile */
export function describeClientTypes(): string {
  const { checker, file } = createProbe();
  const print = (name: string) => {
    const alias = aliasOf(file, name);
    const node = checker.typeToTypeNode(checker.getTypeAtLocation(alias), alias, FLAGS);
    if (!node) throw new Error(`The type ${name} cannot be written down.`);
    return printer.printNode(ts.EmitHint.Unspecified, node, file);
  };
  const routers = readKinds(checker, file).map(([group, procedures]) => {
    return `  ${group}: {\n${procedures.map(([name, kind]) => writeProcedure(group, name, kind)).join("\n")}\n  };`;
  });
  return [
    HEADER,
    `export type RouterInputs = ${print("Inputs")};\n`,
    `export type RouterOutputs = ${print("Outputs")};\n`,
    `export type ErrorCode = ${print("Codes")};\n`,
    "/** `error.data` of a refused call; `code` is stable, `errors` names the fields by JSON pointer. */",
    `export type ErrorData = { code: ErrorCode } & ${print("ErrorShape")};\n`,
    'export type Prediction = RouterOutputs["predict"]["run"];',
    'export type Model = RouterOutputs["catalog"]["get"];\n',
    "type Root = { ctx: object; meta: object; errorShape: { message: string; code: number; data: ErrorData }; transformer: false };",
    `export type AppRouter = TRPCBuiltRouter<Root, {\n${routers.join("\n")}\n}>;\n`,
  ].join("\n");
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const target = resolve(process.argv[2] ?? DEFAULT_TARGET);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, describeClientTypes());
  process.stdout.write(`${target}\n`);
}
