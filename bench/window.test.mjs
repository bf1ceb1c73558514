import { expect, it } from "vitest";
import { Window } from "./window.mjs";

it("a window counts what is answered and what fails between its two moments, and nothing else", () => {
  const window = new Window({ server: { pid: process.pid }, database: null });
  window.note(1_000);
  window.noteFailure("503");
  window.begin();
  for (let milliseconds = 200; milliseconds >= 1; milliseconds--) window.note(milliseconds);
  window.noteFailure("503");
  const shown = window.end();
  window.note(1_000);
  expect(shown).toMatchObject({ calls: 200, failures: { 503: 1 }, p50: 100, p99: 198, slowest: 200, databaseCpu: null });
});

it("a window has room for as many answers as there are, and can be opened again", () => {
  const window = new Window({});
  for (const count of [300_000, 1]) {
    window.begin();
    for (let call = 1; call <= count; call++) window.note(call);
    expect(window.end()).toMatchObject({ calls: count, p99: Math.ceil(count * 0.99) });
  }
});

it("a window without an answer has no times", () => {
  const window = new Window({});
  window.begin();
  expect(window.end()).toMatchObject({ calls: 0, p50: null, p99: null, slowest: null, failures: {} });
});
