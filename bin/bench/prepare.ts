/**
 * Puts into a database what a run of the benchmark needs, and prints one JSON line about it:
 * `node --conditions=react-server --import tsx bin/bench/prepare.ts customer | copies COUNT | history CUSTOMER COUNT`.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { modelCard } from "@/lib/contracts/catalog";
import { modelSchema } from "@/lib/contracts/model-schema";
import { closeDatabase } from "@/server/core/db";
import { HeaderFields } from "@/server/core/exchange";
import { createId } from "@/server/core/ids";
import { listOutbox } from "@/server/core/mail";
import type { CustomerCaller } from "@/server/core/trpc";
import { setCustomerLimits } from "@/server/modules/accounts/acts.admin";
import { requireAccount } from "@/server/modules/accounts/service.admin";
import { callerOf } from "@/server/modules/accounts/session";
import { signIn } from "@/server/modules/accounts/sign-in";
import { confirmSignUp, requestSignUp } from "@/server/modules/accounts/sign-up";
import { prepareCatalog, setAlias } from "@/server/modules/catalog/service.admin";
import { forgetCustomer, listPredictions, recordPredictions } from "@/server/modules/history/service";
import { createKey } from "@/server/modules/keys/service";
import { publishVersion } from "@/server/modules/predict/service.admin";

const MODEL = "customer-churn";
const FOLDER = join(import.meta.dirname, "..", "..", "demo", MODEL);
const ORIGIN = "http://127.0.0.1";
/** How many predictions one write stores. */
const STORED_AT_ONCE = 2_000;
/** Stored predictions are as old as a month makes them. */
const SPAN_MS = 30 * 86_400_000;
/** A field of the ONNX format that says nothing to the runtime, ModelProto.doc_string: tag 6, a text. */
const DOC_STRING = 0x32;

const exampleRows = z.array(z.object({ inputs: z.record(z.string(), z.unknown()) }));

/** A customer as all of them come, with a key, and with limits that are counted and never reached. */
async function makeCustomer(): Promise<{ customerId: string; key: string }> {
  const [email, password] = ["bench@example.com", "a quiet morning by the sea"];
  const ctx = { caller: { kind: "visitor", id: "bench" }, requestId: createId("request"), origin: ORIGIN, headers: new HeaderFields() } as const;
  await requestSignUp(ctx, { email, name: "Bench", password });
  const token = (await listOutbox(1)).map(({ text }) => /token=([\w-]{43})\b/.exec(text)?.[1]).at(0);
  if (token === undefined) throw new Error("The mail of the sign-up has no link.");
  await confirmSignUp(token, password);
  const { customerId } = await signIn({ email, password, address: "127.0.0.1" });
  const agreed = { rows_per_minute: 10_000_000, rows_per_month: 1_000_000_000_000, rows_per_call: 1_000, retention_days: 365 };
  const none = { rows_per_minute: null, rows_per_month: null, rows_per_call: null, retention_days: null };
  await setCustomerLimits(customerId, { plan: "scale", agreed }, { plan: "free", agreed: none });
  const { secret } = await createKey(customerId, { name: "Bench", models: null, expires_in_days: null });
  return { customerId, key: secret };
}

/** The same model under many names, each a file of its own: nothing that goes by a file's content takes them for one. */
async function publishCopies(count: number): Promise<{ slugs: string[] }> {
  const file = await readFile(join(FOLDER, "model.onnx"));
  const schema = modelSchema.parse(JSON.parse(await readFile(join(FOLDER, "schema.json"), "utf8")));
  const card = modelCard.parse(JSON.parse(await readFile(join(FOLDER, "card.json"), "utf8")));
  const rows = exampleRows.parse(JSON.parse(await readFile(join(FOLDER, "examples.json"), "utf8")));
  const examples = rows.map(({ inputs }, index) => ({ name: `Row ${index + 1}`, description: "", input: inputs }));
  await prepareCatalog();
  const slugs = Array.from({ length: count }, (_, index) => `${MODEL}-${index + 1}`);
  for (const slug of slugs) {
    const copy = Buffer.concat([file, Buffer.from([DOC_STRING, slug.length]), Buffer.from(slug)]);
    const facts = { algorithm: "Copy", trainedOn: "2026-01-31", releaseNotes: "Copy.", metrics: {}, reference: {}, by: "bench" };
    await publishVersion({ ...facts, slug, card, schema, examples, file: copy });
    await setAlias(slug, "live", 1, "bench");
  }
  return { slugs };
}

async function findCaller(customerId: string): Promise<CustomerCaller> {
  return callerOf(await requireAccount(customerId), { kind: "session" });
}

/** So many predictions of one customer and no others: copies of the newest one, spread over a month that ends now. */
async function storePredictions(customerId: string, count: number): Promise<{ stored: number }> {
  const caller = await findCaller(customerId);
  const [newest] = (await listPredictions(caller, { limit: 1 })).items;
  if (!newest) throw new Error("There is no prediction to copy yet.");
  const { key: _key, ...template } = newest;
  await forgetCustomer(customerId);
  const began = Date.now() - SPAN_MS;
  for (let stored = 0; stored < count; stored += STORED_AT_ONCE) {
    const copies = Array.from({ length: Math.min(STORED_AT_ONCE, count - stored) }, (_, index) => {
      const at = new Date(began + ((stored + index) / count) * SPAN_MS);
      const moment = at.toISOString();
      return { ...template, id: createId("prediction", at), created_at: moment, completed_at: moment, request_id: createId("request", at) };
    });
    await recordPredictions(caller, copies);
  }
  return { stored: count };
}

function choose([what, ...rest]: string[]): Promise<object> {
  if (what === "customer") return makeCustomer();
  if (what === "copies") return publishCopies(Number(rest[0]));
  if (what === "history") return storePredictions(rest[0] ?? "", Number(rest[1]));
  throw new Error("usage: prepare.ts customer | copies COUNT | history CUSTOMER COUNT");
}

try {
  process.stdout.write(`${JSON.stringify(await choose(process.argv.slice(2)))}\n`);
} finally {
  await closeDatabase();
}
