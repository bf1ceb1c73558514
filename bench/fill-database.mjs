/** Puts so many documents and two indexes into a database: `node bench/fill-database.mjs ADDRESS COUNT`. */
import { MongoClient } from "mongodb";
import { makeDocument } from "./documents.mjs";

const AT_ONCE = 1_000;
const [address, count] = process.argv.slice(2);

const client = await MongoClient.connect(address);
const documents = client.db().collection("stored");
await documents.createIndexes([{ key: { name: 1 } }, { key: { group: 1, at: 1 } }]);
for (let from = 0; from < Number(count); from += AT_ONCE) {
  await documents.insertMany(Array.from({ length: Math.min(AT_ONCE, Number(count) - from) }, (_, index) => makeDocument(from + index)));
}
await client.close();
