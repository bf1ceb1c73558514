/** Asks the two hosts of the API the same: its own on plain `node:http`, and Next's. Whatever a client can read has to be the same. */
import { createHash } from "node:crypto";
import { askRaw } from "./probes.mjs";

/** Of the connection, of the moment, or Next's own: nothing that a client of the API reads. */
const UNREAD = ["date", "connection", "keep-alive", "transfer-encoding", "content-length", "refresh"];
/** What Next adds to `Vary`, for its pages' sake. */
const NEXT_VARIES = /^(rsc|next-router-.*|next-url|accept-encoding)$/i;
const PATH = "/api/v1/models/customer-churn/predictions";

const json = { "content-type": "application/json" };
const post = (target, body, headers = {}) => ({ target, method: "POST", headers: { ...json, ...headers }, body: typeof body === "string" ? body : JSON.stringify(body) });

/** Bodies that are none, and ones with too little, too much or the wrong thing in them. */
function listBodies(example) {
  const rows = (count) => Array.from({ length: count }, () => example);
  const changed = (change) => ({ input: { ...example, ...change } });
  return [
    "", "null", "[]", "{", '"x"', "{}", '{"input":null}', '{"input":[]}', '{"inputs":{}}', '{"inputs":[]}', '{"inputs":[null]}',
    '{"input":{},"inputs":[]}', '{"input":{},"extra":1}', '{"input":{"__proto__":{"a":1}}}', '{"input":{"constructor":1}}',
    { input: {} }, { input: example }, { inputs: rows(1) }, { inputs: rows(7) }, { inputs: rows(1_001) }, { inputs: [example, {}, { tenure: -1 }] },
    ...["", "x", null, true, -1, 1e9, 73, 0.5, "2", " 2 ", "2,5", "1e1", [], {}].map((tenure) => changed({ tenure })),
    ...["", "monthly", null, 1, "ONE YEAR", "One year "].map((contract) => changed({ contract })),
    changed({ unknown: 1 }), changed({ "ten ure/~": 1 }), changed({ "\ud83d\ude00": "\ud83d\ude00" }),
    `{"input":{"tenure":2,"contract":"${"x".repeat(2_000)}"}}`,
    `{"input":{"pad":"${"x".repeat(1_048_600)}"}}`,
  ];
}

function listAddresses() {
  const models = ["customer-churn", "customer-churn@live", "customer-churn@candidate", "customer-churn@x", "nothing", "Customer-Churn", "x".repeat(141), "..", "%2e%2e", "%zz", "%00", "a%2Fb", "customer%2Dchurn"];
  const versions = ["1", "2", "0", "-1", "01", "1.0", "999999999999999999999", "live", ""];
  const below = [
    "", "/", "/models", "/models/", "/models?limit=1", "/models?limit=0", "/models?limit=101", "/models?limit=x", "/models?limit=2&starting_after=breast-cancer", "/models?q=churn", "/models?q=%F0%9F%98%80",
    "/models?task=regression", "/models?task=x", "/models?limit=1&limit=2", "/models//customer-churn", "/nothing", "/predictions", "/predictions/x", "/usage", "/usage?bucket_width=1w", "/me", "/me/", "/ME", "/models#x", "/./models", "/x/../models", "/../livez", "/%2e%2e/livez", "/../../api/v1/models", "/../v1", "/..", "/models;x", "/models%2F", "/models\\x",
    ...models.flatMap((model) => [`/models/${model}`, `/models/${model}/schema`, `/models/${model}/predictions`]),
    ...versions.map((version) => `/models/customer-churn/versions/${version}/predictions`),
  ];
  const others = ["/api", "/api/", "/api/nothing", "/api/livez", "/api/livez/", "/api/readyz", "/health", "/health/", "/api/openapi.json", "/api/openapi.json/", "/api/account/export", "/api/account", "/api/trpc", "/api/trpc/", "/api/trpc/a/b", "/api/trpc/nothing", "/api/trpc/catalog.list", "/api/trpc/catalog.list?input=%7B%7D", "/api/trpc/catalog.list?input=x", "/api/trpc/catalog.get?input=%7B%22model%22%3A%22customer-churn%22%7D", "/api/trpc/catalog.list,catalog.list?batch=1&input=%7B%220%22%3A%7B%7D%2C%221%22%3A%7B%7D%7D", "/api/trpc/predict.run", "/api/trpc/%zz", "/api/auth", "/api/auth/", "/api/auth/session", "/api/auth/providers", "/api/auth/error", "/api/auth/nothing", "/api/auth/signin/github", "/api/v2", "/api/v1x", "/api/%zz"];
  return [...below.map((path) => `/api/v1${path}`), ...others];
}

/** Hosts that are names, and ones that would be part of the path if they were put in front of it. */
function listHosts(headers) {
  const hosts = ["evil example", "x/api/v1/me?", "x/api/account/export?", "x#", "x?", "u:p@x", "[::1]:80", "a_b.example"];
  const targets = ["/api/livez", "/api/openapi.json", "/api/v1/models"];
  return hosts.flatMap((host) => targets.map((target) => ({ target, headers: { ...headers, host } })));
}

/** @param {Record<string, unknown>} example a row of customer-churn @param {string} key one of a customer's */
function listCalls(example, key) {
  const bearer = { authorization: `Bearer ${key}` };
  const good = { input: example };
  const addresses = listAddresses();
  const methods = ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "POST", "TRACE", "PROPFIND"];
  const keys = ["Bearer", "Bearer x", "Bearer vt_live_x", `Bearer ${key.slice(0, -1)}`, `Basic ${key}`, `bearer ${key}`, `Bearer  ${key} `, key, ""];
  const types = ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-8", "APPLICATION/JSON", "application/jsonx", "multipart/form-data", ""];
  const accepts = ["*/*", "text/html", "application/json;q=0", "application/problem+json", "text/html, */*;q=0.1", ""];
  const trpcRun = { model: "customer-churn", input: example };
  return [
    ...addresses.map((target) => ({ target })),
    ...addresses.filter((_target, index) => index % 3 === 0).map((target) => ({ target, headers: bearer })),
    ...[PATH, "/api/v1/models", "/api/v1/me", "/api/livez", "/api/trpc/catalog.list", "/api/auth/session", "/api/openapi.json", "/api/account/export", "/api/x"].flatMap((target) => methods.map((method) => ({ target, method }))),
    ...listBodies(example).map((body) => post(PATH, body)),
    ...listBodies(example).slice(0, 24).map((body) => post(PATH, body, bearer)),
    ...listBodies(example).slice(0, 16).map((body) => post("/api/v1/models/customer-churn/versions/1/predictions", body)),
    ...keys.map((authorization) => post(PATH, good, { authorization })),
    ...keys.map((authorization) => ({ target: "/api/v1/me", headers: { authorization } })),
    ...types.map((type) => post(PATH, good, { "content-type": type })),
    ...types.map((type) => post("/api/trpc/predict.run", trpcRun, { "content-type": type })),
    ...accepts.map((accept) => post(PATH, good, { accept })),
    post(PATH, good, { "content-encoding": "gzip" }),
    post(PATH, good, { "request-id": "short" }),
    post(PATH, good, { origin: "https://app.example", cookie: "vitrine.session=x" }),
    post(PATH, good, { cookie: "vitrine.session=x", "sec-fetch-site": "cross-site" }),
    post(PATH, good, { "x-forwarded-for": "203.0.113.9", "x-forwarded-host": "evil.example", "x-forwarded-proto": "https", forwarded: "host=evil.example" }),
    ...listHosts(bearer),
    post(PATH, good, { "x-middleware-subrequest": "proxy:proxy:proxy:proxy:proxy" }),
    post(PATH, good, { ...bearer, "idempotency-key": "" }),
    post(PATH, good, { ...bearer, "idempotency-key": "x".repeat(256) }),
    { ...post(PATH, good, { ...bearer, "idempotency-key": "same-on-both-hosts" }), before: true },
    post(PATH, { input: {} }, { ...bearer, "idempotency-key": "same-on-both-hosts" }),
    { target: "/api/v1/models", headers: { "if-none-match": "*" } },
    ...["null", "{}", "[]", "{", "", JSON.stringify(trpcRun), JSON.stringify({ model: "nothing", input: {} }), JSON.stringify({ model: "customer-churn", input: { tenure: -1 } })].flatMap((body) => [
      post("/api/trpc/predict.run", body),
      post("/api/trpc/predict.run", body, bearer),
      post("/api/trpc/predict.runMany", body),
      post("/api/trpc/keys.create", body, bearer),
      post("/api/trpc/predict.run?batch=1", `{"0":${body || 0}}`),
    ]),
    post(`/api/trpc/${Array.from({ length: 11 }, () => "predict.run").join(",")}?batch=1`, "{}"),
    post("/api/auth/callback/credentials", { email: "nobody@example.com", password: "not the right one" }),
    post("/api/auth/callback/credentials", "email=x", { "content-type": "application/x-www-form-urlencoded" }),
    post("/api/auth/signout", {}),
    ...["password1234", "short", "a quiet evening by the lake"].map((password) => post("/api/trpc/account.signUp", { email: "somebody@example.com", name: "Somebody", password })),
    post("/api/trpc/account.requestReset", { email: "somebody@example.com" }),
    post("/api/trpc/account.confirmSignUp", { token: "x".repeat(43), password: "a quiet evening by the lake" }),
  ];
}

/** What differs between two calls of the same host is made equal: names of calls, moments, times, and what is left of a minute. */
function level(text) {
  return text
    .replace(/\b(req|prd|key|cus)_[0-9A-HJKMNP-TV-Z]{26}\b/g, "$1")
    .replace(/\d{4}-\d{2}-\d{2}T[\d:.]+Z/g, "moment")
    .replace(/"predict_time":[\d.e-]+/g, '"predict_time":0')
    .replace(/"duration_ms":\d+/g, '"duration_ms":0')
    .replace(/"(used|remaining|calls_24h)":\d+/g, '"$1":0')
    .replace(/vt_live_\w{38}|vt_live_\w+…\w+/g, "secret")
    .replace(/127\.0\.0\.1:\d+|localhost:\d+/g, "host")
    .replace(/;r=\d+;t=\d+/g, ";r;t")
    .replace(/dur=[\d.]+/g, "dur");
}

const VOLATILE = { "x-ratelimit-remaining": "n", "x-ratelimit-reset": "n", etag: "tag" };

/** @returns {string} what a client reads of an answer */
function readAnswer({ status, head, body }, chunked) {
  const lines = head.split("\r\n").slice(1).map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 2)]);
  // Next leads on before it knows of any header of ours.
  if (status === 308) return `308 ${lines.find(([name]) => name === "location")?.[1]}`;
  const told = lines.flatMap(([name, value]) => {
    if (UNREAD.includes(name)) return [];
    if (name === "vary") {
      const own = value.split(",").map((part) => part.trim()).filter((part) => !NEXT_VARIES.test(part));
      return own.length > 0 ? [`vary: ${own.join(", ")}`] : [];
    }
    if (name === "set-cookie") return [`set-cookie: ${value.replace(/=[^;]*/, "=")}`];
    return [`${name}: ${VOLATILE[name] ?? level(value)}`];
  });
  return [String(status), ...told.sort(), "", level(chunked ? joinChunks(body) : body)].join("\n");
}

/** RFC 9112 section 7.1. Lengths count bytes, so the text is taken apart as bytes. */
function joinChunks(text) {
  let rest = Buffer.from(text);
  const parts = [];
  for (;;) {
    const end = rest.indexOf("\r\n");
    const size = Number.parseInt(rest.subarray(0, end).toString(), 16);
    if (!size) return Buffer.concat(parts).toString();
    parts.push(rest.subarray(end + 2, end + 2 + size));
    rest = rest.subarray(end + 4 + size);
  }
}

const isChunked = (head) => /\r\ntransfer-encoding: chunked/i.test(head);

function describe({ target, method = "GET", headers = {}, body = "" }) {
  const sent = Object.entries(headers).filter(([name]) => name !== "authorization").map(([name, value]) => `${name}: ${String(value).slice(0, 40)}`);
  return `${method} ${target.slice(0, 120)} [${sent.join("; ")}] ${body.slice(0, 80)}`;
}

function firstDifference(own, next) {
  const [ours, theirs] = [own.split("\n"), next.split("\n")];
  const index = ours.findIndex((line, at) => line !== theirs[at]);
  const at = index === -1 ? ours.length : index;
  return `own: ${(ours[at] ?? "nothing").slice(0, 200)}\n    next: ${(theirs[at] ?? "nothing").slice(0, 200)}`;
}

/**
 * @param {number} own the port of the API's own host @param {number} next that of Next's, on the same database
 * @returns {Promise<{ asked: number, problems: string[] }>} the calls that were answered in two ways
 */
export async function compareHosts(own, next, { example, key }) {
  const calls = listCalls(example, key);
  const problems = [];
  for (const call of calls) {
    const requestId = `req_${createHash("sha256").update(JSON.stringify(call)).digest("hex").slice(0, 20)}`;
    const sent = { ...call, headers: { "request-id": requestId, ...call.headers } };
    // A key that is used for the first time here would be used for the second time there.
    if (call.before) await askRaw(own, sent);
    const [one, other] = [await askRaw(own, sent), await askRaw(next, sent)];
    const [ours, theirs] = [readAnswer(one, isChunked(one.head)), readAnswer(other, isChunked(other.head))];
    if (ours !== theirs) problems.push(`${describe(call)}\n    ${firstDifference(ours, theirs)}`);
  }
  return { asked: calls.length, problems };
}
