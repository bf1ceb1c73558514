/**
 * A program that predicts by tRPC's official client, one call a request, or by REST and `fetch`: `node bench/clients.mjs JOB.json`. Prints
 * what load.mjs prints.
 */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { createTRPCClient, httpLink } from "@trpc/client";
import { Window } from "./window.mjs";

const job = JSON.parse(readFileSync(process.argv[2], "utf8"));
const { kind, address, model, input, headers, connections, warmUpSeconds, seconds, watch } = job;
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
const window = new Window(watch);
let running = true;

async function callOnAndOn() {
  while (running) {
    const began = performance.now();
    try {
      await predict();
      window.note(performance.now() - began);
    } catch (error) {
      window.noteFailure(error.data?.httpStatus ?? error.message);
    }
  }
}

for (let index = 0; index < connections; index++) void callOnAndOn();
await sleep(warmUpSeconds * 1000);
window.begin();
await sleep(seconds * 1000);
const shown = window.end();
running = false;
process.stdout.write(`${JSON.stringify([shown])}\n`, () => process.exit(0));
