import { describe, expect, it } from "vitest";
import { z } from "zod";
import { parseYaml, readDeployed, readSources } from "./test-support";

const panel = z.object({
  id: z.int(),
  type: z.enum(["row", "stat", "timeseries"]),
  title: z.string().min(1),
  description: z.string().optional(),
  gridPos: z.object({ x: z.int().min(0), y: z.int().min(0), w: z.int().min(1).max(24), h: z.int().min(1) }),
  targets: z
    .array(z.object({ expr: z.string().min(1), refId: z.string(), datasource: z.object({ uid: z.literal("${source}") }) }))
    .default([]),
});
const board = z.object({
  uid: z.literal("vitrine"),
  schemaVersion: z.int().min(39),
  templating: z.object({ list: z.array(z.object({ name: z.string() })) }),
  annotations: z.object({ list: z.array(z.object({ expr: z.string().optional() })) }),
  panels: z.array(panel),
});
const rule = z.object({
  alert: z.string().regex(/^Vitrine[A-Za-z]+$/),
  expr: z.string(),
  for: z
    .string()
    .regex(/^\d+[smh]$/)
    .optional(),
  labels: z.object({ severity: z.enum(["page", "ticket"]) }),
  annotations: z.object({ summary: z.string(), action: z.string().optional() }),
});

const { panels, templating, annotations } = board.parse(JSON.parse(readDeployed("grafana-dashboard.json")));
const rules = parseYaml("alert-rules.yaml").flatMap((file) => {
  return z
    .object({ groups: z.array(z.object({ name: z.string(), rules: z.array(rule) })) })
    .parse(file)
    .groups.flatMap((group) => group.rules);
});
const shown = [...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)), ...annotations.list.flatMap(({ expr }) => expr ?? [])];
const watched = rules.map(({ expr }) => expr);

/** Metrics that an expression names: all names that are neither a function, an operator, a label nor within quotes. */
function metricsOf(expression: string): string[] {
  const plain = expression.replaceAll(/"[^"]*"/g, '""').replaceAll(/\b(by|on|group_left|group_right|without|ignoring)\s*\([^)]*\)/g, " ");
  const bare = plain
    .replaceAll(/\{[^}]*\}/g, "")
    .replaceAll(/\[[^\]]*\]/g, "")
    .replaceAll(/\boffset \w+/g, "");
  const names = [...bare.matchAll(/\b[a-z][a-z0-9_]*\b(?!\s*\()/g)].map(([name]) => name);
  return names.filter((name) => !["and", "or", "unless", "by", "bool"].includes(name));
}

/** Metrics that the product writes, with what a histogram is read by. */
function listWritten(): Set<string> {
  const sources = [...readSources("server")].filter(([path]) => /metrics/.test(path)).map(([, text]) => text);
  const names = sources.flatMap((text) => [...text.matchAll(/"((?:vitrine|process|nodejs)_[a-z0-9_]+)"/g)].map(([, name = ""]) => name));
  const histograms = names.filter((name) => name.endsWith("_duration_seconds"));
  // `up` is Prometheus' own word on whether a target answered.
  return new Set(["up", ...names, ...histograms.map((name) => `${name}_bucket`)]);
}

describe("the dashboard and the rules", () => {
  it("name no metric that the product does not write", () => {
    const written = listWritten();
    const named = [...new Set([...shown, ...watched].flatMap(metricsOf))];
    expect(named.length).toBeGreaterThan(6);
    expect(named.filter((name) => !written.has(name))).toEqual([]);
  });

  it("never mix what processes count with what they have together: every metric names its job", () => {
    const selectors = [...shown, ...watched].flatMap((expression) => [
      ...expression.matchAll(/\b(?:up|(?:vitrine|process|nodejs)_[a-z0-9_]+)\b(?=[{[\s)]|$)(\{[^}]*\})?/g),
    ]);
    expect(selectors.length).toBeGreaterThan(60);
    for (const [whole, inside = ""] of selectors)
      expect([whole, /job="(\$job|vitrine|vitrine-console)"/.test(inside)]).toEqual([whole, true]);
  });

  it("take percentiles from summed buckets, never from percentiles", () => {
    for (const expression of [...shown, ...watched]) {
      for (const [, inner] of expression.matchAll(/histogram_quantile\(0\.\d+, (.{40})/g))
        expect(inner).toMatch(/^sum by \((?=[^)]*\ble\b)/);
      expect(expression).not.toMatch(/avg.*histogram_quantile|histogram_quantile\(.*avg/s);
    }
  });
});

describe("the dashboard", () => {
  it("shows each surface's rate, errors and percentiles, and limits, rows, memory, event loop and what is up", () => {
    const titles = panels.map(({ title }) => title);
    for (const title of ["Limits", "Rows", "Memory", "Event loop", "Up"]) expect(titles).toContain(title);
    for (const surface of ["api", "console"]) {
      const own = shown.filter((expression) => expression.includes(`surface="${surface}"`)).join("\n");
      for (const share of ["0.5", "0.95", "0.99"]) expect(own).toContain(`histogram_quantile(${share}, `);
      for (const needed of ['code=~"5.."', 'outcome="failed"']) expect(own).toContain(needed);
    }
    expect(templating.list.map(({ name }) => name)).toEqual(["source", "job"]);
  });

  it("has every panel once, none over another one, and each says what it shows", () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_unused, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    for (const { type, description, targets, gridPos } of panels) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      if (type !== "row") expect([targets.length > 0, (description ?? "").length > 10]).toEqual([true, true]);
    }
  });
});

describe("the rules", () => {
  it("watch errors, latency, silence, processes, memory, the event loop and the database, each by a name of its own", () => {
    const names = rules.map(({ alert }) => alert);
    expect(new Set(names).size).toBe(names.length);
    const needed = [
      "VitrineErrors",
      "VitrineSlow",
      "VitrineSilence",
      "VitrineProcessDown",
      "VitrineMemory",
      "VitrineEventLoop",
      "VitrineDatabaseDown",
    ];
    expect(names).toEqual(expect.arrayContaining(needed));
  });

  it("tell somebody who is woken what is wrong in one line", () => {
    for (const { annotations: told } of rules) expect(told.summary.length).toBeLessThanOrEqual(110);
  });

  it("warn of memory before the limits that the processes have", () => {
    const memory = rules.find(({ alert }) => alert === "VitrineMemory")?.expr ?? "";
    const bounds = [...memory.matchAll(/> (\d+) \* 1024 \* 1024/g)].map(([, mebibytes]) => Number(mebibytes));
    expect(bounds).toHaveLength(2);
    expect(bounds[0]).toBeLessThan(512);
    expect(bounds[1]).toBeLessThan(1024);
  });
});
