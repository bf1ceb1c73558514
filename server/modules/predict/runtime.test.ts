import { existsSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openModel, reopenModels } from "@/server/modules/predict/runtime";

const model = readFileSync(join(import.meta.dirname, "../../../demo/breast-cancer/model.onnx"));

describe("a session", () => {
  it("is loaded once for calls at the same time, and for later ones", async () => {
    let loads = 0;
    const load = () => {
      loads += 1;
      return Promise.resolve(model);
    };
    const opened = await Promise.all(Array.from({ length: 20 }, () => openModel("parallel", load)));
    await openModel("parallel", load);
    expect(loads).toBe(1);
    expect(opened[0]?.inputs).toEqual([{ name: "float_input", dtype: "float32" }]);
  });

  it("tells the engine's makers nothing: their telemetry would leave a log of this process", async () => {
    await openModel("quiet", () => Promise.resolve(model));
    const logs = ["/tmp", tmpdir()].map((folder) => join(folder, `mat-debug-${process.pid}.log`));
    expect(logs.filter((file) => existsSync(file))).toEqual([]);
  });

  it("is loaded anew once for each time that the team asks for it, and a run that has begun ends", async () => {
    let loads = 0;
    const load = () => {
      loads += 1;
      return Promise.resolve(model);
    };
    const askFor = async (asked: Date | null) => {
      reopenModels(asked);
      return openModel("reloaded", load);
    };
    await askFor(null);
    await askFor(null);
    expect(loads).toBe(1);
    const begun = await askFor(new Date(1_000));
    await askFor(new Date(1_000));
    expect(loads).toBe(2);
    await askFor(new Date(2_000));
    expect(loads).toBe(3);
    const feed = { dtype: "float32" as const, dims: [1, 30], data: new Float32Array(30) };
    await expect(begun.run({ float_input: feed }, begun.outputs.slice(0, 1).map(({ name }) => name))).resolves.toBeDefined();
  });

  it("that could not be loaded is loaded again by the next call", async () => {
    const lost = () => Promise.reject(new Error("The database is gone."));
    await expect(openModel("again", lost)).rejects.toThrow("The database is gone.");
    await expect(openModel("again", () => Promise.resolve(model))).resolves.toBeDefined();
  });

  it("keeps the runtime's own words to the log", async () => {
    const refusal: unknown = await openModel("garbage", () => Promise.resolve(Buffer.from("not a model"))).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: "model_unavailable", message: "The model cannot answer at the moment." });
    const { run } = await openModel("parallel", () => Promise.resolve(model));
    const wrong = run({ nobody: { dtype: "float32", dims: [1, 1], data: Float32Array.of(1) } }, ["label"]);
    await expect(wrong).rejects.toMatchObject({ code: "model_unavailable", message: "The model cannot answer at the moment." });
  });

  it("is let go when many others were used since", async () => {
    let loads = 0;
    const load = () => {
      loads += 1;
      return Promise.resolve(model);
    };
    await openModel("first", load);
    for (let index = 0; index < 32; index++) await openModel(`other-${index}`, load);
    await openModel("first", load);
    expect(loads).toBe(34);
  });
});
