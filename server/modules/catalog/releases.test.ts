import { beforeAll, describe, expect, it } from "vitest";
import { useOwnDatabase } from "@/server/api/test-support";
import { getModelForConsole, listReleaseEvents } from "@/server/modules/catalog/console.admin";
import { promote, rollBack, setLive, setShare, startCandidate, stopCandidate, unpublish } from "@/server/modules/catalog/releases.admin";
import { getModel, resolveVersion } from "@/server/modules/catalog/service";
import { addVersion, prepareCatalog } from "@/server/modules/catalog/service.admin";
import {
  breakingSchema,
  createModel,
  createVersion,
  otherSchema,
  priceSchema,
  readState,
  seen,
} from "@/server/modules/catalog/test-support";

const ADA = "opr_ada";
const SUBJECTS = Array.from({ length: 2_000 }, (_, index) => `customer:cus_${index}`);

async function start(slug: string, version: number, share: number) {
  return startCandidate({ ...(await seen(slug)), version, share }, ADA);
}

/** The callers that the candidate answers. */
async function drawn(slug: string): Promise<Set<string>> {
  const arms = await Promise.all(SUBJECTS.map(async (subject) => [subject, (await resolveVersion(slug, undefined, subject)).arm] as const));
  return new Set(arms.filter(([, arm]) => arm === "candidate").map(([subject]) => subject));
}

const percent = (members: Set<string>) => (members.size / SUBJECTS.length) * 100;

async function move(slug: string, act: typeof promote | typeof rollBack | typeof unpublish, reason = "") {
  return (await act(await seen(slug, reason), ADA)).result;
}

async function publishVersion(slug: string, version: number) {
  return (await setLive({ ...(await seen(slug)), version }, ADA)).result;
}

beforeAll(async () => {
  await useOwnDatabase("releases", process.env.MONGODB_URI);
  await prepareCatalog();
});

describe("a candidate", () => {
  it("answers its share of 2,000 customers within 3 points, and each of them the same way every time", async () => {
    await createModel("share", [priceSchema, otherSchema]);
    await start("share", 2, 10);
    const members = await drawn("share");
    expect(Math.abs(percent(members) - 10)).toBeLessThan(3);
    expect(await drawn("share")).toEqual(members);
    expect(await resolveVersion("share", undefined, [...members][0])).toMatchObject({ version: 2, arm: "candidate" });
  });

  it("keeps everybody who is in when its share grows, and when it is stopped and started again", async () => {
    await createModel("grows", [priceSchema, otherSchema]);
    await start("grows", 2, 10);
    const few = await drawn("grows");
    await setShare({ ...(await seen("grows")), share: 50 }, ADA);
    const many = await drawn("grows");
    expect([...few].filter((subject) => !many.has(subject))).toEqual([]);
    expect(Math.abs(percent(many) - 50)).toBeLessThan(3);
    await stopCandidate(await seen("grows"), ADA);
    expect((await drawn("grows")).size).toBe(0);
    await start("grows", 2, 10);
    expect(await drawn("grows")).toEqual(few);
  });

  it("of another version draws anew", async () => {
    await createModel("anew", [priceSchema, otherSchema, { ...priceSchema, task: "binary-classification" }]);
    await start("anew", 2, 50);
    const second = await drawn("anew");
    await start("anew", 3, 50);
    const third = await drawn("anew");
    const both = [...second].filter((subject) => third.has(subject)).length;
    expect(Math.abs((both / SUBJECTS.length) * 100 - 25)).toBeLessThan(3);
  });

  it("answers no call that names an alias or a version, and nobody who is not known", async () => {
    await createModel("named", [priceSchema, otherSchema]);
    await start("named", 2, 50);
    const [member = ""] = await drawn("named");
    expect(await resolveVersion("named@live", undefined, member)).toMatchObject({ version: 1, arm: "live" });
    expect(await resolveVersion("named@candidate", undefined, "nobody")).toMatchObject({ version: 2, arm: "candidate" });
    expect(await resolveVersion("named", 1, member)).toMatchObject({ version: 1, arm: "pinned" });
    expect(await resolveVersion("named")).toMatchObject({ version: 1, arm: "live" });
    expect((await getModel("named")).live.version).toBe(1);
  });

  it("needs a published model and another version than the live one", async () => {
    await addVersion(createVersion("early", new Uint8Array(3)));
    await expect(start("early", 1, 10)).rejects.toMatchObject({ code: "conflict" });
    await publishVersion("early", 1);
    await expect(start("early", 1, 10)).rejects.toMatchObject({ code: "conflict" });
    await expect(start("early", 7, 10)).rejects.toMatchObject({ code: "not_found" });
    await expect(setShare({ ...(await seen("early")), share: 5 }, ADA)).rejects.toMatchObject({ code: "conflict" });
    await expect(move("early", promote)).rejects.toMatchObject({ code: "conflict" });
    await expect(move("nobody", promote)).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("every move", () => {
  it("is kept with who, when, why and the share, newest first", async () => {
    await createModel("kept", [priceSchema, otherSchema]);
    await startCandidate({ ...(await seen("kept", "Better on paper.")), version: 2, share: 10 }, ADA);
    await setShare({ ...(await seen("kept", "Looks well.")), share: 25 }, "opr_ben");
    await move("kept", promote, "Better.");
    await move("kept", rollBack, "Too slow.");
    const { moves } = await getModelForConsole("kept");
    expect(moves.map(({ act, alias, from, to, share, by, why }) => [act, alias, from, to, share, by, why])).toEqual([
      ["roll_back", "live", 2, 1, null, ADA, "Too slow."],
      ["promote", "candidate", 2, null, null, ADA, "Better."],
      ["promote", "live", 1, 2, null, ADA, "Better."],
      ["set_share", "candidate", 2, 2, 25, "opr_ben", "Looks well."],
      ["start_candidate", "candidate", null, 2, 10, ADA, "Better on paper."],
      ["publish", "live", null, 1, null, "ada", ""],
    ]);
    const events = await listReleaseEvents(new Date(Date.parse(moves.at(-2)?.at ?? "")));
    expect(events.filter(({ slug }) => slug === "kept").map(({ act }) => act)).toEqual(moves.slice(0, -1).map(({ act }) => act).toReversed());
  });

  it("tells how it was before and how it is now", async () => {
    await createModel("told", [priceSchema, otherSchema]);
    const started = await start("told", 2, 10);
    expect(started).toMatchObject({
      before: { live: 1, candidate: null, share: null },
      after: { live: 1, candidate: 2, share: 10 },
      result: { live: 1, candidate: 2, share: 10, roll_back_to: null, revision: 2 },
    });
    expect(started.result).toEqual(await readState("told"));
    const stopped = await stopCandidate(await seen("told"), ADA);
    expect(stopped).toMatchObject({ before: { candidate: 2, share: 10 }, after: { candidate: null, share: null } });
    expect(stopped.result).toEqual(await readState("told"));
  });

  it("is made once when eight operators who saw the same ask for it at the same moment; the others are told", async () => {
    await createModel("race", [priceSchema, otherSchema]);
    await start("race", 2, 10);
    const input = await seen("race");
    const acts = [promote, stopCandidate, promote, stopCandidate, promote, unpublish, promote, stopCandidate];
    const results = await Promise.allSettled(acts.map((act) => act(input, ADA)));
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const result of results) if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "conflict" });
    const { moves, release } = await getModelForConsole("race");
    expect(release.candidate).toBeNull();
    expect(new Set(moves.slice(0, -2).map(({ act }) => act)).size).toBe(1);
  });

  it("is never lost, and never half made, while many are made one over another", async () => {
    await createModel("busy", [priceSchema, otherSchema]);
    let made = 0;
    const work = async () => {
      for (let turn = 0; turn < 6; turn++) {
        const state = await readState("busy");
        const input = { slug: "busy", expected: state.revision, reason: "", accept_breaking: false };
        const other = state.live === 1 ? 2 : 1;
        const act = state.candidate === null ? startCandidate({ ...input, version: other, share: 10 }, ADA) : promote(input, ADA);
        const moves = await act.then(() => (state.candidate === null ? 1 : 2), () => 0);
        made += moves;
      }
    };
    await Promise.all([work(), work(), work(), work()]);
    const { moves, release } = await getModelForConsole("busy");
    expect(moves).toHaveLength(made + 1);
    for (const alias of ["live", "candidate"] as const) {
      const own = moves.filter((entry) => entry.alias === alias).toReversed();
      expect(own.map(({ from }) => from)).toEqual([null, ...own.slice(0, -1).map(({ to }) => to)]);
      expect(own.at(-1)?.to).toBe(release[alias]);
    }
  });

  it("that changes nothing is none", async () => {
    await createModel("still", [priceSchema]);
    const { before, after, result } = await setLive({ ...(await seen("still")), version: 1 }, ADA);
    expect(before).toEqual(after);
    expect(result.revision).toBe(1);
    expect((await getModelForConsole("still")).moves).toHaveLength(1);
  });
});

describe("rolling back", () => {
  it("leads further back each time and ends at the first version, never to and fro", async () => {
    await createModel("back", [priceSchema, otherSchema, { ...priceSchema, task: "binary-classification" }]);
    await publishVersion("back", 2);
    await publishVersion("back", 3);
    expect(await move("back", rollBack)).toMatchObject({ live: 2, roll_back_to: 1 });
    expect(await move("back", rollBack)).toMatchObject({ live: 1, roll_back_to: null });
    await expect(move("back", rollBack)).rejects.toMatchObject({ code: "conflict" });
    await publishVersion("back", 3);
    expect(await move("back", rollBack)).toMatchObject({ live: 1, roll_back_to: null });
  });

  it("puts back what was taken off the shelf, and does not count that as a step", async () => {
    await createModel("shelf", [priceSchema, otherSchema]);
    await publishVersion("shelf", 2);
    expect(await move("shelf", unpublish)).toMatchObject({ live: null, roll_back_to: 2 });
    expect(await move("shelf", rollBack)).toMatchObject({ live: 2, roll_back_to: 1 });
    expect(await move("shelf", rollBack)).toMatchObject({ live: 1, roll_back_to: null });
  });

  it("waits until a candidate is gone, so that nobody is moved twice at once", async () => {
    await createModel("waits", [priceSchema, otherSchema, { ...priceSchema, task: "binary-classification" }]);
    await publishVersion("waits", 2);
    await start("waits", 3, 10);
    await expect(move("waits", rollBack)).rejects.toMatchObject({ code: "conflict" });
    await expect(publishVersion("waits", 1)).rejects.toMatchObject({ code: "conflict" });
    expect(await publishVersion("waits", 3)).toMatchObject({ live: 3, candidate: null, share: null });
  });
});

describe("a version that breaks what customers send", () => {
  it("takes no alias unless that is said, and the refusal names each change", async () => {
    await createModel("breaks", [priceSchema, breakingSchema]);
    const input = { ...(await seen("breaks")), version: 2, share: 10 };
    const named = { code: "breaking_change", errors: [{ pointer: "#/inputs/rooms", detail: "Is new and must be sent." }] };
    await expect(startCandidate(input, ADA)).rejects.toMatchObject(named);
    await expect(setLive(input, ADA)).rejects.toMatchObject(named);
    expect((await readState("breaks")).revision).toBe(1);
    await startCandidate({ ...input, accept_breaking: true }, ADA);
    await setShare({ ...(await seen("breaks")), share: 20 }, ADA);
    await expect(move("breaks", promote)).rejects.toMatchObject(named);
    expect((await promote({ ...(await seen("breaks")), accept_breaking: true }, ADA)).result).toMatchObject({ live: 2, candidate: null });
  });

  it("is refused on the way back as well, where the way back breaks those who followed", async () => {
    await createModel("returns", [priceSchema, breakingSchema]);
    await setLive({ ...(await seen("returns")), version: 2, accept_breaking: true }, ADA);
    await expect(move("returns", rollBack)).rejects.toMatchObject({ code: "breaking_change", errors: [{ pointer: "#/inputs/rooms" }] });
    expect((await rollBack({ ...(await seen("returns")), accept_breaking: true }, ADA)).result.live).toBe(1);
  });

  it("cannot be slipped in by taking the model off the shelf first", async () => {
    await createModel("slips", [priceSchema, breakingSchema]);
    await move("slips", unpublish);
    await expect(publishVersion("slips", 2)).rejects.toMatchObject({ code: "breaking_change" });
  });

  it("is marked beside each version, against the one customers know", async () => {
    await createModel("marked", [priceSchema, breakingSchema]);
    const { compared_to, versions } = await getModelForConsole("marked");
    expect(compared_to).toBe(1);
    expect(versions.map(({ version, changes }) => [version, changes?.filter(({ breaking }) => breaking).length])).toEqual([[2, 1], [1, 0]]);
  });
});
