import { fork } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { useRunningServer } from "./guarantees/running-server";
import { failureOf } from "./guarantees/support";

const server = useRunningServer();

describe("the embedded server", () => {
  it("applies a retryable write once, also when the connection breaks after it", async () => {
    const counters = server.client.db("retry").collection<{ _id: string; n: number }>("counters");
    await counters.insertOne({ _id: "a", n: 0 });
    await server.client.db("admin").command({ configureFailPoint: "onPrimaryTransactionalWrite", mode: { times: 1 } });
    const result = await counters.updateOne({ _id: "a" }, { $inc: { n: 1 } });
    expect(result.modifiedCount).toBe(1);
    expect((await counters.findOne({ _id: "a" }))?.n).toBe(1);
  });

  it("answers others while a long query runs", async () => {
    const rows = server.client.db("busy").collection("rows");
    await rows.insertMany(Array.from({ length: 10_000 }, (_, n) => ({ n, text: `row ${n}` })));
    let isRunning = true;
    const long = rows.find({ text: /no such row$/ }).toArray().finally(() => {
      isRunning = false;
    });
    let pings = 0;
    while (isRunning) {
      await server.client.db("admin").command({ ping: 1 });
      pings += 1;
    }
    await long;
    expect(pings).toBeGreaterThan(1);
    const error = await failureOf(rows.find({ text: /no such row$/ }, { maxTimeMS: 1 }).toArray());
    expect(error.code).toBe(50);
  });

  it("counts exactly when two processes increment the same document", async () => {
    const script = path.join(server.folder, "increment.mjs");
    const driver = path.join(process.cwd(), "node_modules", "mongodb", "lib", "index.js");
    fs.writeFileSync(
      script,
      `import mongodb from ${JSON.stringify(driver)};
       const client = await mongodb.MongoClient.connect(process.argv[2]);
       const counters = client.db("two").collection("counters");
       for (let i = 0; i < 100; i += 1) await counters.updateOne({ _id: "a" }, { $inc: { n: 1 } }, { upsert: true });
       await client.close();`,
    );
    const run = () =>
      new Promise<number | null>((resolve) => {
        fork(script, [server.uri], { execArgv: [] }).on("exit", resolve);
      });
    expect(await Promise.all([run(), run()])).toEqual([0, 0]);
    expect(await server.client.db("two").collection<{ _id: string }>("counters").findOne({ _id: "a" })).toMatchObject({ n: 200 });
  });
});
