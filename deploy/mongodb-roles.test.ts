import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { readDeployed, readSources } from "./test-support";

interface Privilege {
  resource: { db: string; collection: string };
  actions: string[];
}
interface Made {
  roles: Map<string, Privilege[]>;
  users: Map<string, { pwd: string; roles: { role: string; db: string }[] }>;
}

const PASSWORDS = Object.fromEntries(
  ["SITE", "API", "ADMIN", "MIGRATOR"].map((name) => [`MONGODB_${name}_PASSWORD`, `a-long-password-of-${name}`]),
);

/** Runs the script as mongosh would, against a server that keeps what it is told. */
function runScript(environment: Record<string, string>, made: Made = { roles: new Map(), users: new Map() }): Made {
  const database = {
    getName: () => environment["MONGODB_DATABASE"] ?? "vitrine",
    getRole: (name: string) => made.roles.get(name) ?? null,
    getUser: (name: string) => made.users.get(name) ?? null,
    createRole: ({ role, privileges }: { role: string; privileges: Privilege[] }) => made.roles.set(role, privileges),
    updateRole: (role: string, { privileges }: { privileges: Privilege[] }) => made.roles.set(role, privileges),
    createUser: ({ user, ...rest }: { user: string; pwd: string; roles: { role: string; db: string }[] }) => made.users.set(user, rest),
    updateUser: (user: string, rest: { pwd: string; roles: { role: string; db: string }[] }) => made.users.set(user, rest),
  };
  const db = { getSiblingDB: () => database };
  runInNewContext(readDeployed("mongodb-roles.js"), { db, process: { env: environment }, print: () => {} });
  return made;
}

const { roles, users } = runScript(PASSWORDS);
const SURFACES = ["site", "api", "admin"] as const;

function rightsOf(surface: string): Map<string, string[]> {
  return new Map((roles.get(`vitrine_${surface}`) ?? []).map(({ resource, actions }) => [resource.collection, [...actions]]));
}
const rights = Object.fromEntries(SURFACES.map((surface) => [surface, rightsOf(surface)]));
const may = (surface: string, collection: string) => rights[surface]?.get(collection) ?? [];

/** The collections of the code, by the file that names them. */
function readCollections(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [path, text] of readSources("server")) {
    if (path.startsWith("server/embedded/")) continue;
    const names = [...text.matchAll(/\bcollection: "(\w+)"|\.collection(?:<\w+>)?\("(\w+)"\)/g)].map(
      ([, schema, direct]) => schema ?? direct ?? "",
    );
    if (names.length > 0) found.set(path, names);
  }
  return found;
}
const collections = readCollections();
const roomOf = (room: string) => collections.get(`server/modules/${room}/collection.ts`) ?? [];

describe("the table of rights", () => {
  it("names every collection of the code, and no other", () => {
    const inTable = [...readDeployed("mongodb-roles.js").matchAll(/^ {2}(\w+): \{.*\},$/gm)].map(([, name]) => name);
    const inCode = [...new Set([...collections.values()].flat())];
    expect(inCode.length).toBeGreaterThan(40);
    expect(inTable.sort()).toEqual(inCode.sort());
  });

  it("gives customers' processes nothing of what only the console has", () => {
    const ofConsole = [...["operators", "audit", "uploads", "alerts"].flatMap(roomOf), "leases", "secrets"];
    expect(ofConsole.length).toBeGreaterThan(12);
    for (const collection of ofConsole) {
      expect([collection, may("site", collection)]).toEqual([collection, []]);
      expect([collection, may("api", collection)]).toEqual([collection, []]);
    }
    for (const surface of ["site", "api"]) expect(may(surface, "job_runs")).not.toContain("find");
  });

  it("lets the pages' process write nothing but that it runs", () => {
    const writing = (actions: string[]) => actions.some((action) => ["insert", "update", "remove"].includes(action));
    const writes = [...(rights["site"] ?? [])].flatMap(([collection, actions]) => (writing(actions) ? [collection] : []));
    expect(writes).toEqual(["process_reports"]);
  });

  it("lets customers' processes publish nothing, and tell all processes nothing", () => {
    for (const collection of [...roomOf("catalog"), "moments", "site_notice"]) {
      for (const surface of ["site", "api"])
        for (const action of ["insert", "update", "remove"]) expect(may(surface, collection)).not.toContain(action);
    }
  });

  it("lets nobody change or remove an entry of the audit", () => {
    for (const surface of SURFACES) for (const action of ["update", "remove"]) expect(may(surface, "audit_entries")).not.toContain(action);
  });

  it("lets no process that answers customers read the log of requests", () => {
    for (const surface of ["site", "api"]) expect(may(surface, "request_blocks")).not.toContain("find");
  });

  it("lets whoever enters a room with indexes make sure of all of them", () => {
    const repositories = [...readSources("server/modules")].filter(([, text]) => text.includes("openIndexed(bind"));
    const indexed = repositories.flatMap(([path]) => /^server\/modules\/(\w+)\/repository\.ts$/.exec(path)?.[1] ?? []);
    expect(indexed.length).toBeGreaterThan(6);
    const visits = indexed.flatMap((room) => SURFACES.map((surface) => ({ surface, names: roomOf(room) })));
    const entered = visits.filter(({ surface, names }) => names.some((name) => may(surface, name).length > 0));
    const lacking = entered.flatMap(({ surface, names }) =>
      names.filter((name) => !may(surface, name).includes("createIndex")).map((name) => `${surface} ${name}`),
    );
    expect(lacking).toEqual([]);
  });

  it("knows no right but those that the code uses", () => {
    const actions = new Set(SURFACES.flatMap((surface) => [...(rights[surface]?.values() ?? [])].flat()));
    expect([...actions].sort()).toEqual(["createIndex", "find", "insert", "remove", "update"]);
  });
});

describe("the script", () => {
  it("makes a user for each surface and one for changes of shape, each with its own role and password", () => {
    expect([...users.keys()].sort()).toEqual(["vitrine_admin", "vitrine_api", "vitrine_migrator", "vitrine_site"]);
    for (const [name, user] of users) expect([...user.roles].map((role) => ({ ...role }))).toEqual([{ role: name, db: "vitrine" }]);
    expect(new Set([...users.values()].map(({ pwd }) => pwd)).size).toBe(4);
  });

  it("stays inside one database, whose name may be another one", () => {
    const other = runScript({ ...PASSWORDS, MONGODB_DATABASE: "models" });
    for (const privileges of other.roles.values()) for (const { resource } of privileges) expect(resource.db).toBe("models");
  });

  it("changes nothing but passwords when it is run again", () => {
    const again = runScript({ ...PASSWORDS, MONGODB_API_PASSWORD: "another-password-for-it" }, runScript(PASSWORDS));
    expect(JSON.stringify([...again.roles])).toBe(JSON.stringify([...roles]));
    expect(again.users.get("vitrine_api")?.pwd).toBe("another-password-for-it");
    expect(again.users.size).toBe(4);
  });

  it("makes nobody where one password lacks or is short", () => {
    const made: Made = { roles: new Map(), users: new Map() };
    expect(() => runScript({ ...PASSWORDS, MONGODB_ADMIN_PASSWORD: "short" }, made)).toThrow("MONGODB_ADMIN_PASSWORD");
    expect([made.roles.size, made.users.size]).toEqual([0, 0]);
  });
});
