/**
 * One of the threads of clients.mjs: predicts by tRPC's official client, one call a request, or by REST and `fetch`. Tells the times and
 * failures between the messages `begin` and `end`.
 */
import { parentPort, workerData } from "node:worker_threads";
import { createTRPCClient, httpLink } from "@trpc/client";

const { kind, address, model, input, headers, connections } = workerData;
const trpc = createTRPCClient({ links: [httpLink({ url: `${address}/api/trpc`, headers })] });

async function predictByRest() {
  const response = await fetch(`${address}/api/v1/models/${model}/predictions`, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify({ input }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`answered with ${response.status}`);
  return answer;
}

const predict = { rest: predictByRest, trpc: () => trpc.predict.run.mutate({ model, input }) }[kind];
let seen = null;

async function callOnAndOn() {
  for (;;) {
    const began = performance.now();
    try {
      await predict();
      seen?.times.push(performance.now() - began);
    } catch (error) {
      seen?.failures.push(error.data?.httpStatus ?? error.message);
    }
  }
}

parentPort.on("message", (message) => {
  if (message === "end") parentPort.postMessage(seen);
  seen = message === "begin" ? { times: [], failures: [] } : null;
});
for (let index = 0; index < connections; index++) void callOnAndOn();
