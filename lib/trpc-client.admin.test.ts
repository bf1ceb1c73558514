import { afterEach, expect, it, vi } from "vitest";
import { backgroundApi, consoleApi } from "@/lib/trpc-client.admin";

afterEach(() => vi.unstubAllGlobals());

it("a page asks what opens a model file at that address, and everything else at the console's", async () => {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (url: string) => {
    asked.push(url.split("?")[0] ?? "");
    return Response.json([{ result: { data: {} } }]);
  });
  await consoleApi.uploads.finish.mutate({ id: "u" });
  await consoleApi.uploads.state.query({ id: "u" });
  await consoleApi.me.get.query({});
  await backgroundApi.me.get.query({});
  expect(asked).toEqual(["/admin/uploads/trpc/uploads.finish", "/admin/trpc/uploads.state", "/admin/trpc/me.get", "/admin/trpc/me.get"]);
});
