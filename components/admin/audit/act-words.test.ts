import { describe, expect, it } from "vitest";
import { compareFacts, nameTarget } from "@/components/admin/audit/act-words";
import type { AuditEntry } from "@/lib/contracts/audit.admin";

const entry = (change: Partial<AuditEntry>): AuditEntry => ({
  id: "aud_1",
  number: 1,
  at: "2026-01-31T12:00:00.000Z",
  operator: { id: "opr_1", email: "ada@example.com", name: "Ada" },
  action: "test.act",
  target: { kind: "model", id: "churn" },
  outcome: "done",
  code: null,
  reason: null,
  before: null,
  after: null,
  address: "192.0.2.1",
  request_id: "req_1",
  hash: "",
  previous_hash: "",
  ...change,
});
const team = new Map([["opr_2", "Grace"]]);

describe("what an act was done to", () => {
  it.each<[string, Partial<AuditEntry>]>([
    ["churn", {}],
    ["ada@example.com", { target: { kind: "operator", id: "opr_1" } }],
    ["Grace", { target: { kind: "operator", id: "opr_2" }, operator: null }],
    ["gone@example.com", { target: { kind: "operator", id: "opr_3" }, before: { email: "gone@example.com" } }],
    ["opr_3", { target: { kind: "operator", id: "opr_3" } }],
    ["churn (draft)", { target: { kind: "draft", id: "drf_1" }, before: { slug: "old" }, after: { slug: "churn" } }],
    ["churn (draft)", { target: { kind: "upload", id: "upl_1" }, after: { slug: "churn" } }],
    ["drf_1", { target: { kind: "draft", id: "drf_1" } }],
  ])("is named as people know it: %s", (name, change) => {
    expect(nameTarget(entry(change), team)).toBe(name);
  });
});

it("facts are told in words, not in JSON, those that changed first", () => {
  const before = { name: "Churn", published_as: null, fields: ["a", "b"], live: 1 };
  const after = { name: "Churn", published_as: { slug: "churn", version: 2 }, fields: [], live: 2, on: true };
  expect(compareFacts(before, after).map((fact) => [fact.name, fact.before, fact.after, fact.changed])).toEqual([
    ["published_as", "none", "slug churn, version 2", true],
    ["fields", "a, b", "none", true],
    ["live", "1", "2", true],
    ["on", null, "true", true],
    ["name", "Churn", "Churn", false],
  ]);
});
