/** What is asked: one row of the churn model, or many, by visitors and by a customer's key. */
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { inProject } from "../support/project.mjs";

export const MODEL = "customer-churn";
/** Headers that Node writes by itself, and those of one connection. */
const OWN_HEADERS = ["date", "connection", "keep-alive", "transfer-encoding", "content-length"];

/** The row that everything is compared by. */
export const ROW = {
  tenure: 2,
  contract: "Month-to-month",
  monthly_charges: 89.95,
  payment_method: "Electronic check",
  paperless_billing: "Yes",
  internet_service: "Fiber optic",
  online_security: "No",
  tech_support: "No",
  multiple_lines: "No",
  senior_citizen: 0,
  partner: "No",
  dependents: "No",
};

export const headersOf = (key) => (key ? { authorization: `Bearer ${key}` } : {});

const post = (path, body, key) => ({
  method: "POST",
  path,
  headers: { ...headersOf(key), "content-type": "application/json" },
  body: JSON.stringify(body),
});

/** One row in one call. @param {string | null} key null: a visitor */
export const predictOne = (key, model = MODEL) => post(`/api/v1/models/${model}/predictions`, { input: ROW }, key);

/** The same row as the peer takes it. */
export const predictByPeer = () => post("/predict", ROW, null);

/** Rows of the file that the peer learns from, from the first on and round again. */
function takeRows(count) {
  const [head, ...lines] = readFileSync(inProject("bench", "churn-rows.csv"), "utf8").trim().split(/\r?\n/);
  const names = head.split(",");
  const value = (name, text) => (typeof ROW[name] === "number" ? Number(text) : text);
  const rows = lines.map((line) => Object.fromEntries(line.split(",").map((text, index) => [names[index], value(names[index], text)])));
  return Array.from({ length: count }, (_, index) => rows[index % rows.length]);
}

/** Many rows in one call. */
export const predictMany = (key, count) => post(`/api/v1/models/${MODEL}/predictions`, { inputs: takeRows(count) }, key);

/**
 * Makes a call once and reads the answer as it was written.
 * @returns {Promise<{ headers: string[], body: string }>} headers without those that every server writes by itself
 * @throws {Error} where it is not answered with 200
 */
export function readAnswer(address, { method, path, headers, body }) {
  return new Promise((resolve, reject) => {
    const sent = request(address + path, { method, headers, agent: false }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(parts).toString("utf8");
        const { statusCode, rawHeaders } = response;
        if (statusCode !== 200) return reject(new Error(`${path} was answered with ${statusCode}: ${text.slice(0, 300)}`));
        const pairs = rawHeaders.flatMap((name, index, all) => (index % 2 === 0 ? [[name, all[index + 1]]] : []));
        const kept = pairs.filter(([name]) => !OWN_HEADERS.includes(name.toLowerCase())).flat();
        resolve({ headers: [...kept, "Content-Length", String(Buffer.byteLength(text))], body: text });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
