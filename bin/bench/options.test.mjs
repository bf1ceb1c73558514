import { describe, expect, it } from "vitest";
import { PARTS, readOptions } from "./options.mjs";

describe("the command line of the benchmark", () => {
  it("measures all parts but the soak, and writes the figures down", () => {
    const setting = { rounds: 5, seconds: 5, connections: 32 };
    expect(readOptions([])).toMatchObject({ parts: PARTS, soakMinutes: null, write: true, setting });
  });

  it("measures one part alone, or the soak alone", () => {
    expect(readOptions(["--only", "rows"])).toMatchObject({ parts: ["rows"], soakMinutes: null, write: true });
    expect(readOptions(["--soak", "30"])).toMatchObject({ parts: [], soakMinutes: 30, write: true });
    expect(readOptions(["--soak", "1", "--only", "starts,rows"])).toMatchObject({ parts: ["rows", "starts"], soakMinutes: 1 });
  });

  it.each([[["--seconds", "0.2"]], [["--rounds", "1"]], [["--connections", "8"]], [["--stored", "10"]]])(
    "writes nothing down that was measured with less than usual: %s",
    (args) => {
      expect(readOptions(args).write).toBe(false);
      expect(readOptions([...args, "--write"]).write).toBe(true);
    },
  );

  it("runs on the Node that is deployed, or on the one that runs it", () => {
    expect(readOptions([]).onOwnNode).toBe(false);
    expect(readOptions(["--own-node", "--only", "rows"])).toMatchObject({ onOwnNode: true, parts: ["rows"], write: true });
  });

  it("never warms up for longer than it measures", () => {
    expect(readOptions(["--seconds", "0.2"]).setting.warmUpSeconds).toBe(0.2);
    expect(readOptions(["--seconds", "9"]).setting.warmUpSeconds).toBe(1);
  });

  it.each([
    [["--rounds", "0"], "--rounds takes a whole number above 0"],
    [["--rounds", "1.5"], "--rounds takes a whole number above 0"],
    [["--seconds", "soon"], "--seconds takes a number above 0"],
    [["--only", "speed"], "--only knows targets, clients"],
    [["--stored", "10,none"], "--stored takes a whole number above 0"],
    [["--fast"], "npm run bench -- [--only"],
  ])("refuses %s in one sentence", (args, sentence) => {
    expect(() => readOptions(args)).toThrow(sentence);
  });
});
