import { describe, expect, it } from "vitest";
import { Line } from "@/server/core/line";

const terms = { atOnce: 2, mostWaiting: 2, patienceMs: 10_000, refusal: "Come again." };

/** Work that is done when it is told to. */
function startWork(line: Line, name: string, log: string[]) {
  let finish = (): void => {};
  const told = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const done = line.run(async () => {
    log.push(`begins ${name}`);
    await told;
    return name;
  });
  return { done, finish };
}

/** Whatever is due has happened. */
const settle = () => new Promise((resolve) => void setImmediate(resolve));

describe("a line", () => {
  it("has so much done at once, and the others in the order they came", async () => {
    const [line, log]: [Line, string[]] = [new Line(terms), []];
    const [a, b, c, d] = [startWork(line, "a", log), startWork(line, "b", log), startWork(line, "c", log), startWork(line, "d", log)];
    await settle();
    expect(log).toEqual(["begins a", "begins b"]);
    b.finish();
    await settle();
    expect(log).toEqual(["begins a", "begins b", "begins c"]);
    for (const each of [a, c, d]) each.finish();
    expect(await Promise.all([a.done, b.done, c.done, d.done])).toEqual(["a", "b", "c", "d"]);
    expect(line.isEmpty).toBe(true);
  });

  it("refuses who comes when too many wait, and disturbs nobody else", async () => {
    const [line, log]: [Line, string[]] = [new Line(terms), []];
    const works = ["a", "b", "c", "d"].map((name) => startWork(line, name, log));
    await expect(line.run(async () => "e")).rejects.toMatchObject({ code: "overloaded", message: "Come again." });
    for (const { finish } of works) finish();
    expect(await Promise.all(works.map(({ done }) => done))).toEqual(["a", "b", "c", "d"]);
  });

  it("refuses who has waited too long, and passes the turn to the next one", async () => {
    const [line, log]: [Line, string[]] = [new Line({ ...terms, atOnce: 1, patienceMs: 5 }), []];
    const first = startWork(line, "a", log);
    await expect(line.run(async () => "b")).rejects.toMatchObject({ code: "overloaded" });
    first.finish();
    expect(await first.done).toBe("a");
    expect(await line.run(async () => "c")).toBe("c");
  });

  it("gives the place back where the work fails", async () => {
    const line = new Line({ ...terms, atOnce: 1 });
    const fail = async () => {
      throw new Error("broken");
    };
    await expect(line.run(fail)).rejects.toThrow("broken");
    expect(await line.run(async () => "next")).toBe("next");
  });
});
