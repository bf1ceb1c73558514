/** Asks a process for what another one serves, in every way that is known to lead around a proxy. */
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import path from "node:path";
import { buildFolder, readBuildId } from "../support/project.mjs";

const PATIENCE_MS = 30_000;
const AT_ONCE = 6;
const NOTHING = [404, 400];

/** Each part's addresses that are asked for in many spellings. */
const SAMPLES = {
  site: ["/models/customer-churn", "/docs", "/sign-in"],
  api: ["/api/v1/models", "/api/trpc/catalog.list", "/api/auth/session", "/api/openapi.json"],
  admin: ["/admin", "/admin/sign-in", "/admin/trpc/me.get", "/admin/jobs/upkeep", "/admin/audit-export"],
};
/** Words that only what the part serves can hold; the pages of nothing hold none of them. */
const MARKS = { site: /customer-churn/, api: /"object":"list"|"openapi"/, admin: /Vitrine console|callback\/password/ };
const PROBES = ["/api/livez", "/api/readyz", "/health"];

/** Headers by which parts of Next speak to each other, and by which proxies tell of another address. */
function tricksFor(target) {
  const subrequest = (name) => ({ "x-middleware-subrequest": Array.from({ length: 5 }, () => name).join(":") });
  const next = ["x-matched-path", "x-invoke-path", "x-middleware-rewrite", "x-nextjs-rewritten-path", "x-now-route-matches"];
  const told = [...next, "x-original-url", "x-rewrite-url"];
  return [
    ...["proxy", "src/proxy", "middleware", "src/middleware"].map(subrequest),
    ...told.map((name) => ({ [name]: target })),
    { "x-middleware-next": "1", "x-middleware-skip": "1" },
    { "x-invoke-status": "200", "x-invoke-output": target },
    { "x-nextjs-data": "1" },
    { rsc: "1" },
    { rsc: "1", "next-router-prefetch": "1", "next-router-segment-prefetch": "/_tree" },
    { rsc: "1", "next-router-state-tree": encodeURIComponent('["",{"children":["__PAGE__",{},null,"refetch"]},null,null]') },
    { "x-forwarded-host": "admin.example", "x-forwarded-prefix": target, forwarded: "host=admin.example" },
    { host: "admin.localhost" },
  ];
}

function spell(target) {
  const [, first = "", rest = ""] = /^\/(.)(.*)$/.exec(target) ?? [];
  const encoded = `%${first.charCodeAt(0).toString(16)}`;
  const build = readBuildId();
  return [
    target,
    `${target}/`,
    `${target}?_rsc=1`,
    `${target}?nxtPslug=x&nxtPid=x`,
    `/${encoded}${rest}`,
    `/%25${encoded.slice(1)}${rest}`,
    `/${target}`,
    `${target}//`,
    `/.${target}`,
    `/x/..${target}`,
    `/x/%2e%2e${target}`,
    `/_next/..${target}`,
    `/_next/static/..%2f..${target}`,
    target.replace(/(?!^)\//g, "%2F"),
    `${target}%2F`,
    `${target}%00`,
    `${target};x`,
    `\\${target.slice(1)}`,
    target.toUpperCase(),
    `/${first.toUpperCase()}${rest}`,
    `${target}.rsc`,
    `${target}.segments/_tree.segment.rsc`,
    `${target}.segments/_full.segment.rsc`,
    `${target}/__next._tree.txt`,
    `${target}.txt`,
    `${target}.json`,
    `/_next/data/${build}${target}.json`,
    `/_next/image?url=${encodeURIComponent(target)}&w=64&q=75`,
    `http://127.0.0.1${target}`,
    `http://admin.example${target}`,
    `//admin.example${target}`,
  ];
}

/** Sends a request exactly as it is written. @returns {Promise<{ status: number, head: string, body: string }>} */
export function askRaw(port, { target, method = "GET", headers = {}, body = "" }) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let text = "";
    socket.setEncoding("utf8");
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error(`${target} was not answered`)));
    socket.on("data", (more) => (text += more));
    socket.on("error", reject);
    socket.on("close", () => {
      const [head = "", ...rest] = text.split("\r\n\r\n");
      resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]), head, body: rest.join("\r\n\r\n") });
    });
    const all = { host: `127.0.0.1:${port}`, ...headers, connection: "close", ...(body && { "content-length": Buffer.byteLength(body) }) };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
    socket.write(`${method} ${target} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n${body}`);
  });
}

/** Every address of the build by the part that it belongs to, with something in the place of each parameter. */
function readAddresses() {
  const manifest = JSON.parse(readFileSync(path.join(buildFolder(), "app-path-routes-manifest.json"), "utf8"));
  const found = { site: [], api: [], admin: [] };
  for (const [file, route] of Object.entries(manifest)) {
    const part = /^\/\((site|api|admin)\)\//.exec(file)?.[1];
    if (part && !PROBES.includes(route)) found[part].push(route.replace(/\/?\[\[[^\]]*\]\]/g, "/x").replace(/\[[^\]]*\]/g, "x"));
  }
  return found;
}

/** What to ask a process of a role for; `own` is where something of its own lives. */
function listProbes(role) {
  const addresses = readAddresses();
  const own = { site: "/sign-up", api: "/api/v1/models", admin: "/admin/sign-in" }[role];
  const probes = [];
  for (const part of Object.keys(SAMPLES).filter((each) => each !== role)) {
    for (const target of addresses[part]) for (const method of ["GET", "POST"]) probes.push({ part, target, method });
    for (const sample of SAMPLES[part]) {
      for (const target of spell(sample)) probes.push({ part, target });
      for (const headers of tricksFor("/")) probes.push({ part, target: sample, headers });
      // The address is the process's own, and only the headers ask for what is not: there is an answer, without anything of the other part.
      for (const headers of tricksFor(sample)) probes.push({ part, target: own, headers, anyStatus: true });
    }
    const action = { "next-action": "7f".repeat(21), "content-type": "text/plain;charset=UTF-8", origin: "http://127.0.0.1" };
    probes.push({ part, target: SAMPLES[part][0], method: "POST", headers: action, body: "[]" });
    probes.push({ part, target: SAMPLES[part][0], headers: { upgrade: "websocket", connection: "upgrade" } });
  }
  // Sites answer for API samples' marks on their own pages, and the other way round: such a mark proves nothing there.
  return probes.filter(({ anyStatus, part }) => !(anyStatus && part === "site"));
}

function describe({ target, method = "GET", headers }, status) {
  return `${method} ${target}${headers ? ` with ${JSON.stringify(headers)}` : ""} answers ${status}`;
}

/** @returns {Promise<{ asked: number, problems: string[] }>} what of other parts could be reached */
export async function probeProcess(role, port) {
  const probes = listProbes(role);
  const waiting = [...probes];
  const problems = [];
  const work = async () => {
    for (let probe = waiting.pop(); probe; probe = waiting.pop()) {
      const { status, body, head } = await askRaw(port, probe);
      const isShown = status < 300 && MARKS[probe.part].test(body);
      const leadsOn = status === 308 || status === 307 ? /\nlocation: (.*)\r/i.exec(`${head}\r`)?.[1] : undefined;
      if (leadsOn?.startsWith("/") && probe.target !== leadsOn) waiting.push({ ...probe, target: leadsOn });
      else if (isShown || (!probe.anyStatus && !NOTHING.includes(status))) problems.push(describe(probe, status));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { asked: probes.length, problems };
}
