import { describe, expect, it } from "vitest";
import { DraftStore } from "@/components/admin/uploads/draft-store";
import type { Draft, DraftChanges } from "@/lib/contracts/uploads.admin";
import type { ModelSchema } from "@/lib/contracts/model-schema";

const schema: ModelSchema = {
  schemaVersion: 1,
  task: "regression",
  inputs: [
    { name: "rooms", label: "Rooms", required: true, tensor: { name: "rooms" }, type: "integer", default: 1 },
    { name: "area", label: "Area", required: true, tensor: { name: "area" }, type: "number", default: 1 },
  ],
  tensors: {
    inputs: [
      { name: "rooms", dtype: "int64", shape: ["N", 1], layout: "column", fields: ["rooms"] },
      { name: "area", dtype: "float32", shape: ["N", 1], layout: "column", fields: ["area"] },
    ],
    outputs: [{ name: "price", dtype: "float32", shape: ["N", 1] }],
  },
  outputs: [{ name: "price", label: "Price", kind: "number", tensor: "price" }],
};

const draft: Draft = {
  id: "drf_0",
  revision: 1,
  file: { filename: "model.onnx", bytes: 1, sha256: "" },
  inspection: {
    bytes: 1,
    sha256: "",
    ir_version: 1,
    opsets: [],
    producer: { name: "", version: "" },
    graph_name: "",
    metadata: {},
    doc: "",
    nodes: 0,
    operators: [],
    parameters: 0,
    inputs: [],
    outputs: [],
    class_labels: null,
    categories: [],
    repairs: [],
    warnings: [],
    problems: [],
    load_ms: 0,
    run_ms: 0,
  },
  based_on: null,
  slug: "houses",
  card: { name: "Houses", pitch: "", description: "", data: { title: "", licence: "" }, limitations: [] },
  schema,
  examples: [],
  metrics: {},
  algorithm: "Trees",
  trained_on: "2026-01-01",
  release_notes: "",
  reference: {},
  tried: null,
  published_as: null,
  by: "opr_0",
  created_at: "2026-01-01T00:00:00.000Z",
  updated_at: "2026-01-01T00:00:00.000Z",
  expires_at: "2026-02-01T00:00:00.000Z",
};

class Refused extends Error {
  constructor(
    readonly code: string | null,
    readonly errors: { pointer: string; detail: string }[] = [],
  ) {
    super("refused");
  }
}

/** A service that keeps revisions as ours does, and refuses when told to. */
function createService() {
  const calls: { revision: number; changes: DraftChanges }[] = [];
  const service = { now: draft, calls, refusal: null as Refused | null };
  const send = async (revision: number, changes: DraftChanges): Promise<Draft> => {
    calls.push({ revision, changes });
    await Promise.resolve();
    if (service.refusal) throw service.refusal;
    if (revision !== service.now.revision) throw new Refused("conflict");
    service.now = { ...service.now, ...changes, revision: revision + 1 } as Draft;
    return service.now;
  };
  const explain = (error: unknown) => {
    if (!(error instanceof Refused)) throw error;
    return { code: error.code, message: error.message, fields: {}, errors: error.errors };
  };
  return { service, store: new DraftStore(draft, { send, explain, restMs: 60_000, againMs: 60_000 }) };
}

describe("a draft on the page", () => {
  it("saves what was changed, and nothing else", async () => {
    const { service, store } = createService();
    store.change(() => ({ algorithm: "Forest" }));
    expect(store.read().status.kind).toBe("saving");
    expect(await store.flush()).toBe(true);
    expect(service.calls).toEqual([{ revision: 1, changes: { algorithm: "Forest" } }]);
    expect(store.read().status.kind).toBe("saved");
    store.stop();
  });

  it("sends what is written during a save afterwards, with the new revision", async () => {
    const { service, store } = createService();
    store.change(() => ({ algorithm: "Forest" }));
    const first = store.flush();
    store.change(() => ({ algorithm: "Forest, 200 trees" }));
    await first;
    expect(await store.flush()).toBe(true);
    expect(service.calls.map(({ revision }) => revision)).toEqual([1, 2]);
    expect(service.now.algorithm).toBe("Forest, 200 trees");
    store.stop();
  });

  it("keeps a part that has a problem back, and saves the others", async () => {
    const { service, store } = createService();
    store.change(({ card }) => ({ card: { ...card, name: " " }, algorithm: "Forest" }));
    expect(await store.flush()).toBe(false);
    expect(service.calls).toEqual([{ revision: 1, changes: { algorithm: "Forest" } }]);
    expect(store.read()).toMatchObject({ status: { kind: "refused" }, problems: [{ place: "card/name" }] });
    store.stop();
  });

  it("never writes over what somebody else changed", async () => {
    const { service, store } = createService();
    service.now = { ...draft, revision: 2, algorithm: "Theirs" };
    store.change(() => ({ algorithm: "Mine" }));
    expect(await store.flush()).toBe(false);
    store.change(() => ({ algorithm: "Mine again" }));
    await store.flush();
    expect(service.calls).toHaveLength(1);
    expect(store.read().status.kind).toBe("conflict");
    expect(service.now.algorithm).toBe("Theirs");
    store.stop();
  });

  it("keeps what could not be sent and sends it once that works again", async () => {
    const { service, store } = createService();
    service.refusal = new Refused(null);
    store.change(() => ({ algorithm: "Forest" }));
    expect(await store.flush()).toBe(false);
    expect(store.read().status.kind).toBe("waiting");
    service.refusal = null;
    expect(await store.flush()).toBe(true);
    expect(service.now.algorithm).toBe("Forest");
    store.stop();
  });

  it("shows a refusal at the field it is about", async () => {
    const { service, store } = createService();
    service.refusal = new Refused("malformed_body", [{ pointer: "#/changes/schema/inputs/1/label", detail: "Too long" }]);
    store.change((parts) => ({ schema: { ...parts.schema } }));
    await store.flush();
    expect(store.read()).toMatchObject({ status: { kind: "refused" }, problems: [{ place: "inputs/1/label", words: "area: Too long" }] });
    store.stop();
  });

  it("takes what the service wrote itself, and keeps what was written here meanwhile", () => {
    const { store } = createService();
    store.change(() => ({ algorithm: "Forest" }));
    store.take({ ...draft, revision: 5, schema: { ...schema, task: "other" }, algorithm: "Trees" }, ["schema"]);
    expect(store.read().parts).toMatchObject({ algorithm: "Forest", schema: { task: "other" } });
    expect(store.isDirty()).toBe(true);
    store.stop();
  });
});
