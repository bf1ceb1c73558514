import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { parseEnvironment } from "@/server/core/env";
import { listVariables, parseYaml, readDeployed, ROOT } from "./test-support";

const networkNames = z.union([z.array(z.string()), z.record(z.string(), z.unknown()).transform((found) => Object.keys(found))]);
const service = z.looseObject({
  image: z.string(),
  read_only: z.literal(true),
  cap_drop: z.tuple([z.literal("ALL")]),
  security_opt: z.tuple([z.literal("no-new-privileges:true")]),
  mem_limit: z.string(),
  restart: z.string(),
  profiles: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  volumes: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  networks: networkNames,
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck: z.looseObject({}).optional(),
});
const file = z.object({
  services: z.record(z.string(), service),
  networks: z.record(z.string(), z.object({ internal: z.boolean().optional() })),
  volumes: z.record(z.string(), z.object({})),
});

const text = readDeployed("compose.yaml");
const { services, networks, volumes } = file.parse(parseYaml("compose.yaml")[0]);
const [dockerfile, ignore] = [readDeployed("Dockerfile"), readFileSync(join(ROOT, ".dockerignore"), "utf8")];
const find = (name: string) => service.parse(services[name]);
const PROCESSES = ["site", "api-1", "api-2", "admin"];
const sharesNetwork = (one: string, other: string) => find(one).networks.filter((name) => find(other).networks.includes(name));

describe("the compose file", () => {
  it("names services, networks, volumes and files that there are", () => {
    expect(Object.keys(services).sort()).toEqual([
      "admin",
      "api-1",
      "api-2",
      "database-users",
      "gateway",
      "migrator",
      "mongodb",
      "redis",
      "site",
    ]);
    for (const { networks: used, depends_on, volumes: mounts } of Object.values(services)) {
      expect(Object.keys(networks)).toEqual(expect.arrayContaining(used));
      expect(Object.keys(services)).toEqual(expect.arrayContaining(Object.keys(depends_on)));
      const sources = mounts.map((mount) => mount.split(":")[0] ?? "");
      for (const source of sources)
        expect([source, source.startsWith("./") ? existsSync(join(import.meta.dirname, source)) : source in volumes]).toEqual([
          source,
          true,
        ]);
    }
  });

  it("sets no variable that nothing reads", () => {
    const known = listVariables();
    for (const name of [...PROCESSES, "migrator"])
      expect([name, Object.keys(find(name).environment).filter((variable) => !known.has(variable))]).toEqual([name, []]);
  });

  it.each(["site", "api-1", "api-2", "admin", "migrator"])("starts %s with variables that the product takes", (name) => {
    const given = Object.entries(find(name).environment).map(([variable, value]) => {
      const filled = value.replaceAll(/\$\{(\w+):([?-])([^}]*)\}/g, (_whole, asked: string, kind: string, fallback: string) => {
        if (kind === "-") return fallback;
        return asked === "VITRINE_URL"
          ? "https://models.example.com"
          : asked === "ADMIN_EMAIL"
            ? "owner@example.com"
            : `${asked.toLowerCase()}-of-32-characters-or-more`;
      });
      return [variable, filled];
    });
    const parsed = parseEnvironment({ ...Object.fromEntries(given), NODE_ENV: "production" });
    const role = name === "migrator" ? "admin" : name.replace(/-\d$/, "");
    const user = `mongodb://vitrine_${name === "migrator" ? name : role}:`;
    expect(parsed).toMatchObject({ production: true, role, database: { uri: expect.stringContaining(user) } });
  });

  it("gives each process its role, its own database user, and no secret of another one", () => {
    for (const name of PROCESSES) {
      const { environment } = find(name);
      const role = name.replace(/-\d$/, "");
      expect([environment["ROLE"], /\/\/vitrine_(\w+):/.exec(environment["MONGODB_URI"] ?? "")?.[1]]).toEqual([role, role]);
      const foreign = role === "admin" ? /^(AUTH_SECRET|GITHUB_|GOOGLE_)/ : /^(ADMIN_|CRON_)/;
      expect(Object.keys(environment).filter((variable) => foreign.test(variable))).toEqual([]);
    }
  });

  it("has no secret in it: each comes from outside, and the start fails without it", () => {
    const values = Object.values(services).flatMap(({ environment }) => Object.entries(environment));
    const secrets = values.filter(([name]) => /SECRET|PASSWORD|_KEY$|URI|REDIS_URL/.test(name));
    expect(secrets.length).toBeGreaterThan(15);
    for (const [name, value] of secrets) expect([name, value]).toEqual([name, expect.stringMatching(/\$\{[A-Z_]+:(\?|-\})/)]);
    expect(text).not.toMatch(/:-[A-Za-z0-9]{12,}/);
  });

  it("lets nothing but the gateway in from outside, and the console and the customers' processes not to each other", () => {
    expect(
      Object.entries(services)
        .filter(([, { ports }]) => ports.length > 0)
        .map(([name]) => name),
    ).toEqual(["gateway"]);
    for (const name of ["customers", "console", "data", "console-data"]) expect([name, networks[name]?.internal]).toEqual([name, true]);
    for (const name of ["site", "api-1", "api-2"]) expect(sharesNetwork("admin", name)).toEqual([]);
    for (const name of ["mongodb", "redis"]) expect(sharesNetwork(name, "gateway")).toEqual([]);
  });

  it("limits memory, asks whether each is well, and starts again what ended", () => {
    for (const name of ["site", "api-1", "api-2"]) expect(find(name).mem_limit).toBe("512m");
    expect(find("admin").mem_limit).toBe("1g");
    for (const name of ["gateway", "mongodb", "redis"]) expect(find(name).healthcheck).toHaveProperty("test");
    for (const name of [...PROCESSES, "gateway", "mongodb", "redis"]) expect(find(name).restart).toBe("unless-stopped");
  });

  it("names every image exactly", () => {
    const images = [
      ...Object.values(services)
        .map(({ image }) => image)
        .filter((image) => !image.startsWith("vitrine:")),
      /^ARG NODE=(.+)$/m.exec(dockerfile)?.[1] ?? "",
    ];
    for (const image of images) expect(image).toMatch(/^[a-z/-]+:\d+\.\d+\.\d+[a-z.-]*$/);
  });
});

describe("the image", () => {
  const stages = dockerfile.split(/^FROM /m).slice(1);
  const last = stages.at(-1) ?? "";

  it("is Node 24, without tools, run by nobody special, with a check of its own", () => {
    expect(dockerfile).toMatch(/^ARG NODE=node:24\.\d+\.\d+-/m);
    expect(stages[1]).toContain("npm ci --omit=dev");
    expect(last).toMatch(/^USER node$/m);
    expect(last).toMatch(/^HEALTHCHECK .+\["node", "deploy\/healthcheck\.mjs"\]$/m);
    expect(last).not.toContain("npm ");
  });

  it("copies what there is, and what is sent to the builder", () => {
    const made = [".next", ".cache/inspector.mjs", ".cache/predict-runner.mjs"];
    const copied = [...last.matchAll(/^COPY --from=build (.+)$/gm)].flatMap(([, line = ""]) =>
      line
        .split(" ")
        .slice(0, -1)
        .map((name) => name.replace("/app/", "")),
    );
    const sent = [...ignore.matchAll(/^!(.+)$/gm)].map(([, name = ""]) => name);
    const isSent = (name: string) =>
      sent.some((each) => each === name || (each.startsWith("*.") && !name.includes("/") && name.endsWith(each.slice(1))));
    const ofRoot = readdirSync(ROOT).filter((name) => /\.(ts|mjs)$/.test(name) && !name.endsWith(".d.ts"));
    const needed = [...copied.filter((name) => !made.includes(name)), ...ofRoot, "app", "components"];
    expect(needed.length).toBeGreaterThan(14);
    expect(needed.filter((name) => !isSent(name) || !existsSync(join(ROOT, name)))).toEqual([]);
    expect(ignore).toMatch(/^\*$/m);
  });
});
