import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openModel } from "@/server/modules/predict/runtime";

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
