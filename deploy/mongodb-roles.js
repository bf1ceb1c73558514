/*
 * The database users of Vitrine, each with the least that its process needs. For mongosh, as somebody who may make users:
 *
 *   MONGODB_DATABASE=vitrine MONGODB_SITE_PASSWORD=… MONGODB_API_PASSWORD=… MONGODB_ADMIN_PASSWORD=… MONGODB_MIGRATOR_PASSWORD=… \
 *     mongosh "mongodb://root:…@127.0.0.1:27017/admin?replicaSet=rs0" deploy/mongodb-roles.js
 *
 * Running it again brings rights and passwords up to date. Users lie in the database itself, so that
 * `mongodb://vitrine_api:…@host/vitrine?replicaSet=rs0` is all a process needs to know. deploy/mongodb-roles.test.ts holds the table
 * together with the collections of the code.
 */

/** f find, i insert, u update, d remove, x createIndex. A write that makes what is not there needs `iu`, one that gives it back `fiu`. */
const ACTIONS = { f: "find", i: "insert", u: "update", d: "remove", x: "createIndex" };

/**
 * Who does what with which collection. `x` goes with a room: whoever enters one makes sure of all of its indexes first (they are there
 * already, but asking needs the right), also where it then only reads.
 */
const RIGHTS = {
  /* The catalog: published by the console. Readiness reads a model's file, also where pages are served. */
  models: { site: "f", api: "f", admin: "fiu" },
  model_versions: { site: "f", api: "f", admin: "fi" },
  model_files: { site: "f", api: "f", admin: "fiu" },
  model_file_chunks: { site: "f", api: "f", admin: "fiu" },

  /* Customers. Pages read; what a page changes goes through the API. The console removes what an unfinished deletion left. */
  accounts: { site: "fx", api: "fiudx", admin: "fudx" },
  account_links: { site: "x", api: "fiudx", admin: "dx" },
  account_notes: { site: "x", api: "dx", admin: "fidx" },
  sign_in_attempts: { site: "x", api: "fiudx", admin: "dx" },
  sign_ins: { site: "x", api: "fidx", admin: "fdx" },
  ended_sessions: { site: "fx", api: "fiux", admin: "fx" },
  api_keys: { site: "f", api: "fiudx", admin: "fud" },
  predictions: { site: "fx", api: "fidx", admin: "fdx" },
  usage_months: { site: "fx", api: "fiudx", admin: "fdx" },
  usage_buckets: { site: "fx", api: "fiudx", admin: "fdx" },
  idempotent_calls: { api: "fiudx", admin: "d" },
  limits: { site: "f", api: "fiudx", admin: "fiudx" },

  /* What is recorded of calls. A process that answers customers writes it and cannot read the log. Every process reports that it runs. */
  request_blocks: { site: "x", api: "iux", admin: "fiux" },
  traffic_buckets: { site: "x", api: "iux", admin: "fiux" },
  traffic_customers: { site: "x", api: "iudx", admin: "fiudx" },
  traffic_errors: { site: "x", api: "iux", admin: "fiux" },
  answer_buckets: { site: "x", api: "iux", admin: "fx" },
  process_reports: { site: "iudx", api: "iudx", admin: "fiudx" },

  /* What the console tells all processes. */
  moments: { site: "f", api: "f", admin: "fiu" },
  site_notice: { site: "fx", admin: "fiudx" },
  job_runs: { site: "x", admin: "fidx" },
  leases: { admin: "iu" },

  /* The console's own. Entries of the audit can be added and read, never changed or removed. */
  operators: { admin: "fiux" },
  operator_sessions: { admin: "fiudx" },
  operator_attempts: { admin: "fiudx" },
  audit_entries: { admin: "fix" },
  audit_intents: { admin: "fiudx" },
  audit_head: { admin: "fiux" },
  uploads: { admin: "fiudx" },
  upload_chunks: { admin: "fiudx" },
  drafts: { admin: "fiudx" },
  alert_rules: { admin: "fiudx" },
  alerts: { admin: "fiux" },
  alert_mails: { admin: "fiux" },
  alert_start: { admin: "fix" },

  /* Nobody's here: AUTH_SECRET and ADMIN_SECRET are set, so that no secret lies in the database, and mail goes to a server. */
  secrets: {},
  outbox: { api: "d", admin: "d" },
};

/** What a change of shape needs, and loading, exporting and importing data: everything inside this database but its users. */
const MIGRATION = Object.values(ACTIONS).concat([
  "createCollection",
  "dropCollection",
  "dropIndex",
  "listIndexes",
  "listCollections",
  "collMod",
  "collStats",
  "dbStats",
]);

const SURFACES = ["site", "api", "admin"];

function privilegesOf(database, surface) {
  return Object.entries(RIGHTS)
    .filter(([, rights]) => rights[surface])
    .map(([collection, rights]) => ({
      resource: { db: database, collection },
      actions: [...rights[surface]].map((letter) => ACTIONS[letter]),
    }));
}

function passwordOf(surface) {
  const name = `MONGODB_${surface.toUpperCase()}_PASSWORD`;
  const password = process.env[name];
  if (!password || password.length < 16) throw new Error(`${name} is not set, or has fewer than 16 characters`);
  return password;
}

function putRole(target, name, privileges) {
  if (target.getRole(name)) target.updateRole(name, { privileges, roles: [] });
  else target.createRole({ role: name, privileges, roles: [] });
}

function putUser(target, name, pwd) {
  const roles = [{ role: name, db: target.getName() }];
  if (target.getUser(name)) target.updateUser(name, { pwd, roles });
  else target.createUser({ user: name, pwd, roles });
}

function putAll(target) {
  const database = target.getName();
  // All of them are asked for first: half of the users would be worse than none.
  const passwords = Object.fromEntries([...SURFACES, "migrator"].map((surface) => [surface, passwordOf(surface)]));
  for (const surface of SURFACES) putRole(target, `vitrine_${surface}`, privilegesOf(database, surface));
  putRole(target, "vitrine_migrator", [{ resource: { db: database, collection: "" }, actions: MIGRATION }]);
  for (const [surface, password] of Object.entries(passwords)) putUser(target, `vitrine_${surface}`, password);
  print(
    `Users of ${database}: ${Object.keys(passwords)
      .map((surface) => `vitrine_${surface}`)
      .join(", ")}`,
  );
}

putAll(db.getSiblingDB(process.env.MONGODB_DATABASE || "vitrine"));
