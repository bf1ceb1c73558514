import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import type { AuditPage } from "@/lib/contracts/audit.admin";
import { MAX_CSV_BYTES, readTrainingRowsOutput, UPLOAD_CHUNK_BYTES, type Draft, type UploadState } from "@/lib/contracts/uploads.admin";
import { CONSOLE_TRPC, INSPECTION_TRPC, opensModelFile } from "@/lib/console-addresses.admin";
import { askDoor, codeOf as codeOfProcedure, createSignedIn, dataOf, type Headers, procedures, type SignedInOperator } from "@/server/admin/test-support";
import { handleConsoleTrpc, handleInspectionTrpc } from "@/server/admin/trpc";
import { handleChunk, handleRows } from "@/server/admin/upload-chunks";
import { createCustomer, createTestKey, newAddress, ORIGIN, readProblem, useOwnDatabase } from "@/server/api/test-support";

let operator: SignedInOperator;
let viewer: SignedInOperator;

beforeAll(async () => {
  await useOwnDatabase("upload-chunks", process.env.MONGODB_URI);
  operator = await createSignedIn("operator");
  viewer = await createSignedIn("viewer");
});

async function startUpload(bytes: number, filename = "model.onnx"): Promise<UploadState> {
  return dataOf<UploadState>(await askDoor("uploads.start", { filename, bytes }, operator.page));
}

interface Sent {
  body?: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  headers?: Headers;
  method?: string;
}

function sendPart(id: string, n: string, { body = new Uint8Array(4), headers = operator.page, method = "PUT" }: Sent = {}): Promise<Response> {
  const sent = { "content-type": "application/octet-stream", "x-forwarded-for": newAddress(), ...headers };
  const init = { method, headers: sent, ...(method === "PUT" && { body, duplex: "half" }) };
  return handleChunk(new Request(`${ORIGIN}/admin/uploads/${id}/${n}`, init), Promise.resolve({ id, n }));
}

const codeOf = async (response: Response) => (response.status === 200 ? "ok" : (await readProblem(response)).code);

describe("the door of parts", () => {
  it("takes parts in any order and again, and tells what is there", async () => {
    const { id } = await startUpload(UPLOAD_CHUNK_BYTES + 4);
    expect(await codeOf(await sendPart(id, "1"))).toBe("ok");
    expect(await codeOf(await sendPart(id, "1"))).toBe("ok");
    const answer = await sendPart(id, "0", { body: new Uint8Array(UPLOAD_CHUNK_BYTES) });
    expect(await answer.json()).toMatchObject({ id, received: [0, 1] });
    expect(answer.headers.get("request-id")).toMatch(/^req_/);
  });

  it("opens to nobody but an operator, and to nothing but the console's own pages", async () => {
    const { id } = await startUpload(4);
    const { bearer } = await createTestKey((await createCustomer()).id);
    const { cookie = "" } = operator.page;
    expect(await codeOf(await sendPart(id, "0", { headers: { origin: ORIGIN } }))).toBe("console_session_needed");
    expect(await codeOf(await sendPart(id, "0", { headers: { origin: ORIGIN, ...bearer } }))).toBe("console_session_needed");
    expect(await codeOf(await sendPart(id, "0", { headers: viewer.page }))).toBe("forbidden");
    expect(await codeOf(await sendPart(id, "0", { headers: { cookie } }))).toBe("forbidden");
    expect(await codeOf(await sendPart(id, "0", { headers: { cookie, origin: "https://elsewhere.example" } }))).toBe("forbidden");
    expect(await codeOf(await sendPart(id, "0", { headers: { ...operator.page, "content-type": "application/json" } }))).toBe("unsupported_media_type");
    expect(await codeOf(await sendPart(id, "0", { method: "GET" }))).toBe("method_not_allowed");
  });

  it("refuses whoever may not upload before a byte is read", async () => {
    const { id } = await startUpload(4);
    let asked = 0;
    const body = new ReadableStream<Uint8Array>({ pull: () => void asked++ }, { highWaterMark: 0 });
    expect(await codeOf(await sendPart(id, "0", { headers: viewer.page, body }))).toBe("forbidden");
    expect(asked).toBe(0);
  });

  it("ends a body that is larger than a part, whatever its header says", async () => {
    const { id } = await startUpload(UPLOAD_CHUNK_BYTES);
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        sent += 1;
        controller.enqueue(new Uint8Array(256 * 1024));
      },
    });
    expect(await codeOf(await sendPart(id, "0", { body }))).toBe("body_too_large");
    expect(sent).toBeLessThan(20);
    expect(await codeOf(await sendPart(id, "0", { headers: { ...operator.page, "content-length": String(UPLOAD_CHUNK_BYTES + 1) } }))).toBe("body_too_large");
  });

  it("knows no other uploads and no other parts", async () => {
    const { id } = await startUpload(4);
    expect(await codeOf(await sendPart(`upl_${"0".repeat(26)}`, "0"))).toBe("not_found");
    expect(await codeOf(await sendPart(id, "x"))).toBe("not_found");
    expect(await codeOf(await sendPart(id, "1"))).toBe("invalid_input");
    expect(await codeOf(await sendPart(id, "0", { body: new Uint8Array(3) }))).toBe("invalid_input");
  });
});

describe("the door of training rows", () => {
  const sendRows = (id: string, revision: number, body: BodyInit, headers: Headers = operator.page) => {
    const sent = { "content-type": "text/csv", "x-forwarded-for": newAddress(), ...headers };
    const request = new Request(`${ORIGIN}/admin/uploads/${id}/rows?revision=${revision}`, { method: "PUT", headers: sent, body });
    return handleRows(request, Promise.resolve({ id }));
  };

  it("reads rows for the draft that an uploaded file became, for operators alone, and leaves the draft as it is", async () => {
    const file = new Uint8Array(readFileSync("demo/customer-churn/model.onnx"));
    const upload = await startUpload(file.length, "churn.onnx");
    await sendPart(upload.id, "0", { body: file });
    const draft = await dataOf<Draft>(await askDoor("uploads.finish", { id: upload.id }, operator.page));
    expect(draft.by).toBe(operator.name);
    const csv = "tenure,monthly_charges,unknown\n1,20.5,x\n72,118.75,y\n";
    expect(await codeOf(await sendRows(draft.id, draft.revision, csv, viewer.page))).toBe("forbidden");
    const largest = new Uint8Array(MAX_CSV_BYTES + 1);
    expect(await codeOf(await sendRows(draft.id, draft.revision, largest, viewer.page)), "before a byte of it is read").toBe("forbidden");
    expect(await codeOf(await sendRows(draft.id, draft.revision, new Uint8Array([0x61, 0xff])))).toBe("invalid_input");
    expect(await codeOf(await sendRows(draft.id, draft.revision, new Uint8Array(MAX_CSV_BYTES + 1)))).toBe("body_too_large");
    const read = await sendRows(draft.id, draft.revision, csv);
    const { report, schema } = readTrainingRowsOutput.parse(await read.json());
    expect(report).toMatchObject({ rows: 2, unused: ["unknown"] });
    expect(schema.inputs.find(({ name }) => name === "tenure")).toMatchObject({ min: 1, max: 72 });
    expect(await dataOf<Draft>(await askDoor("uploads.draft", { id: draft.id }, operator.page))).toEqual(draft);
    expect(await codeOf(await sendRows(draft.id, draft.revision + 1, csv))).toBe("conflict");
  }, 40_000);
});

describe("what is written in a draft", () => {
  it("is one act in the audit however often it was saved, from before the first save to behind the last", async () => {
    const file = new Uint8Array(readFileSync("demo/customer-churn/model.onnx"));
    const upload = await startUpload(file.length, "saved.onnx");
    await sendPart(upload.id, "0", { body: file });
    const { id } = await dataOf<Draft>(await askDoor("uploads.finish", { id: upload.id }, operator.page));
    const save = async (revision: number, changes: object) => askDoor("uploads.change", { id, revision, changes }, operator.page, "198.51.100.7");
    const names = ["C", "Ch", "Churn"];
    for (const [index, algorithm] of names.entries()) expect(await codeOfProcedure(await save(index + 1, { algorithm }))).toBe("ok");
    expect(await codeOfProcedure(await save(1, { algorithm: "Late" }))).toBe("conflict");
    const { items } = await dataOf<AuditPage>(await askDoor("audit.list", { target: id, limit: 10 }, viewer.page));
    expect(items).toMatchObject([
      { action: "draft.change", outcome: "done", before: { revision: 1 }, after: { revision: 4, algorithm: "Churn", saves: 3 } },
      { action: "draft.change", outcome: "refused", code: "conflict" },
    ]);
    expect(await dataOf(await askDoor("audit.verify", {}, viewer.page))).toMatchObject({ whole: true });
  }, 40_000);
});

it("a file that is larger than a model may be is refused in words before a byte of it is sent", async () => {
  const response = await askDoor("uploads.start", { filename: "large.onnx", bytes: 200 * 1024 * 1024 + 1 }, operator.page);
  expect(await response.json()).toMatchObject({ error: { message: expect.stringContaining("larger than 200 MB"), data: { code: "model_refused" } } });
});

describe("a draft's door", () => {
  const change = async (changes: object) => {
    const response = await askDoor("uploads.change", { id: "drf_01JDZ8V6Q00000000000000000", revision: 1, changes }, operator.page);
    const { error } = (await response.json()) as { error: { data: { code: string } } };
    return error.data.code;
  };

  it("takes metrics no deeper than a matrix, a card no longer than a page, and a threshold that is a probability", async () => {
    const deep = (levels: number): unknown => (levels === 0 ? 1 : [deep(levels - 1)]);
    const card = { name: "A", pitch: "", description: "", data: { title: "", licence: "" }, limitations: [] };
    expect(await change({ metrics: { confusion: deep(2) }, card })).toBe("not_found");
    const schema = JSON.parse(readFileSync("demo/customer-churn/schema.json", "utf8")) as { outputs: object[] };
    const thresholds = (threshold: number) => ({ schema: { ...schema, outputs: schema.outputs.map((output) => ({ ...output, threshold })) } });
    expect([await change(thresholds(0.4)), await change(thresholds(3))]).toEqual(["not_found", "malformed_body"]);
    expect(await change({ metrics: { confusion: deep(3_000) } })).toBe("malformed_body");
    expect(await change({ card: { ...card, limitations: ["x".repeat(600_000)] } })).toBe("malformed_body");
    expect(await change({ card: { ...card, data: { ...card.data, note: "x".repeat(600_000) } } })).toBe("malformed_body");
  });
});

describe("procedures that open a model file", () => {
  const ask = async (endpoint: string, path: string, handle: typeof handleConsoleTrpc) => {
    const sent = { "content-type": "application/json", "x-forwarded-for": newAddress(), ...operator.page };
    return handle(new Request(`${ORIGIN}${endpoint}/${path}`, { method: "POST", headers: sent, body: "{}" }));
  };
  const opening = [...procedures.keys()].filter(opensModelFile);

  it("are procedures that there are", () => {
    expect(opening).toEqual(["uploads.finish", "uploads.try", "uploads.readRows", "uploads.publish"]);
  });

  it("are answered at their own address alone, and no other procedure is answered there", async () => {
    for (const path of [...opening, "uploads%2Efinish", "uploads.state,uploads.try"]) {
      expect(await codeOfProcedure(await ask(CONSOLE_TRPC, path, handleConsoleTrpc)), path).toBe("not_found");
    }
    expect(await codeOfProcedure(await ask(INSPECTION_TRPC, "uploads.start", handleInspectionTrpc))).toBe("not_found");
    expect(await codeOfProcedure(await ask(INSPECTION_TRPC, "uploads.finish", handleInspectionTrpc))).toBe("malformed_body");
  });
});
