import { closeDatabase, database } from "@/server/core/db";

/**
 * `audit-forger.ts NUMBER NAME`: writes another author into an entry of the audit, past the product, as whoever has the password of the
 * database could; the database is that of the product under test, by `VITRINE_DATA` or `MONGODB_URI`. Prints the author that stood there.
 */
const [, , number, name] = process.argv;
const { db } = await database();
const entries = db?.collection<{ _id: number; operator: { name: string } }>("audit_entries");
const before = await entries?.findOneAndUpdate({ _id: Number(number) }, { $set: { "operator.name": name ?? "" } });
if (!before) throw new Error("There is no such entry.");
process.stdout.write(before.operator.name);
await closeDatabase();
