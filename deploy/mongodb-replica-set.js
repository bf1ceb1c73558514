/* Makes a replica set of the one server that this is run on, unless it is one, and waits until it takes writes. For mongosh. */
const HOST = process.env.MONGODB_HOST || "mongodb:27017";
const PATIENCE_MS = 60_000;

try {
  rs.status();
} catch (error) {
  // 94: it was started as a member of a set that nobody has made yet.
  if (error.code !== 94) throw error;
  rs.initiate({ _id: "rs0", members: [{ _id: 0, host: HOST }] });
}

for (const started = Date.now(); !db.hello().isWritablePrimary; sleep(200)) {
  if (Date.now() - started > PATIENCE_MS) throw new Error("The replica set has no primary after a minute.");
}
