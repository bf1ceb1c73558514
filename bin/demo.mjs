/**
 * `npm run demo`: from a fresh clone to five live models with one command. Needs Node and npm, nothing else.
 * PORT (3000), HOST (this machine only), VITRINE_DATA (.data), MONGODB_URI (a server of your own in place of the embedded one).
 */
import { ensureBuilt } from "./support/build.mjs";
import { describeConsole } from "./support/database.mjs";
import { runProduct } from "./support/product.mjs";
import { main, PlainError, say, secondsSince, step } from "./support/say.mjs";

const EXAMPLE = { input: { tenure: 2, contract: "Month-to-month", monthly_charges: 89.95 } };
const PATH = "/api/v1/models/customer-churn/predictions";

/** The printed call, made once: the model is loaded before the first reader comes, and the line is known to work. */
async function tryPrintedCall(address) {
  const response = await fetch(address + PATH, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(EXAMPLE),
  });
  const body = await response.json();
  if (response.status !== 200)
    throw new PlainError(`The first prediction was answered with ${response.status}: ${body.detail ?? body.title ?? ""}`);
  return `the model took ${(body.metrics.predict_time * 1000).toFixed(1)} ms`;
}

function printAddresses({ address, operator }, start) {
  const mail = process.env.VITRINE_OUTBOX === "1" ? `\n  Mail       ${address}/outbox  (what would be mailed)` : "";
  say(`
Vitrine is ready after ${secondsSince(start)}.

  Pages      ${address}
  API        ${address}/api/v1/models
  Reference  ${address}/docs
  Console    ${describeConsole(address, operator)}${mail}

Ask a model from another terminal:

  curl -s ${address}${PATH} -H 'content-type: application/json' -d '${JSON.stringify(EXAMPLE)}'

Ctrl-C ends it.`);
}

await main(async () => {
  const start = performance.now();
  const product = await runProduct({ command: "npm run demo", dev: false, prepare: ensureBuilt });
  await step("Asking for a first prediction", () => tryPrintedCall(product.address));
  printAddresses(product, start);
});
