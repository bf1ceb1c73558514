import { beforeAll, describe, expect, it, vi } from "vitest";
import { listEntries } from "@/server/modules/audit/service.admin";
import { recordCalls } from "@/server/modules/traffic/test-support";
import { writeTraffic } from "@/server/modules/traffic/service";
import { handleRequestsExport, writeCell } from "@/server/admin/requests-export";
import { createSignedIn, type Headers, type SignedInOperator } from "@/server/admin/test-support";
import { createCustomer, createTestKey, ORIGIN, useOwnDatabase } from "@/server/api/test-support";

let viewer: SignedInOperator;

const exportAs = async (headers: Headers, query = "") => handleRequestsExport(new Request(`${ORIGIN}/admin/requests/export${query}`, { headers }));
const linesOf = async (response: Response) => (await response.text()).split("\r\n").filter((line) => line !== "");

beforeAll(async () => {
  await useOwnDatabase("requests-export", process.env.MONGODB_URI);
  viewer = await createSignedIn("viewer");
  recordCalls(230);
  recordCalls(3, { status: 422, code: "invalid_input", requestId: "-1-2-3-4-5" });
  recordCalls(2, { status: 500, code: "internal_error", model: "house" });
  await writeTraffic();
});

describe("the export of the log", () => {
  it("answers nobody but operators", async () => {
    const customer = await createCustomer();
    const key = await createTestKey(customer.id);
    for (const headers of [{}, customer.page, key.bearer]) {
      const response = await exportAs(headers);
      expect([response.status, (await response.json()).code]).toEqual([401, "console_session_needed"]);
    }
    const invited = await createSignedIn("owner", true, { mustChangePassword: true });
    expect((await exportAs(invited.page)).status).toBe(403);
  });

  it("holds every entry once, over several pages, newest first", async () => {
    const response = await exportAs(viewer.page, "?surface=api");
    expect(response.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    const [head, ...rows] = await linesOf(response);
    expect(head).toBe("time,request_id,entry,surface,method,route,status,code,milliseconds,model,version,arm,rows,customer,key,came_by");
    const ids = rows.map((row) => row.split(",")[2] ?? "");
    expect(ids).toHaveLength(235);
    expect(new Set(ids).size).toBe(235);
    expect(ids).toEqual(ids.toSorted().reverse());
  });

  it("is narrowed by the filters of the address", async () => {
    expect(await linesOf(await exportAs(viewer.page, "?status=5xx"))).toHaveLength(1 + 2);
    expect(await linesOf(await exportAs(viewer.page, "?model=house&code=internal_error&last=1h"))).toHaveLength(1 + 2);
    expect(await linesOf(await exportAs(viewer.page, "?status=404"))).toHaveLength(1);
  });

  it("says in its last line where it ended because there was no more time", async () => {
    let passed = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => (passed += 20_000));
    try {
      const lines = await linesOf(await exportAs(viewer.page, "?surface=api"));
      expect(lines.length).toBeLessThan(1 + 235);
      expect(lines.filter((line) => line.startsWith("The search ended here after 30 seconds"))).toEqual([lines.at(-1)]);
    } finally {
      clock.mockRestore();
    }
  });

  it("refuses filters that mean nothing, and names them", async () => {
    const response = await exportAs(viewer.page, "?status=9&slower_than_ms=quick");
    const { code, errors } = await response.json();
    expect([response.status, code, errors.map(({ pointer }: { pointer: string }) => pointer)]).toEqual([422, "invalid_input", ["#/status", "#/slower_than_ms"]]);
  });

  it("hands no spreadsheet a formula", async () => {
    const [, row = ""] = await linesOf(await exportAs(viewer.page, "?request_id=-1-2-3-4-5"));
    expect(row.split(",")[1]).toBe("'-1-2-3-4-5");
    expect(["=1+1", "@x", "a,b", 'say "so"', null, 1.5].map(writeCell)).toEqual(["'=1+1", "'@x", '"a,b"', '"say ""so"""', "", "1.5"]);
  });

  it("is written down in the audit, with the filters", async () => {
    await (await exportAs(viewer.page, "?status=429")).text();
    const [entry] = (await listEntries({ limit: 1 })).items;
    expect(entry).toMatchObject({ action: "requests.export", operator: { id: viewer._id }, after: { status: "429" } });
  });
});
