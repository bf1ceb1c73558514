import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { useOwnDatabase } from "@/server/api/test-support";
import { database } from "@/server/core/db";
import { evaluateRules } from "@/server/modules/alerts/evaluation.admin";
import { deliverMails } from "@/server/modules/alerts/mails";
import { createRule, deleteRule, listActiveAlerts, listRules } from "@/server/modules/alerts/service.admin";
import { operator, record, ruleOf } from "@/server/modules/alerts/test-support";

/** Three processes start, and each loads the service. */
const PROCESSES_MS = 90_000;

/** Takes mails as RFC 5321 has it, or refuses all of them for now, and knows to whom they went. */
const mailServer = { recipients: [] as string[], isAway: false, listening: undefined as Server | undefined };

function converse(socket: Socket): void {
  let inText = false;
  const say = (line: string) => socket.write(`${line}\r\n`);
  const take = (line: string) => {
    if (inText) {
      if (line === ".") {
        inText = false;
        say("250 taken");
      }
    } else if (/^EHLO|^HELO|^MAIL FROM/i.test(line)) say(mailServer.isAway && /^MAIL/i.test(line) ? "451 not now" : "250 well");
    else if (/^RCPT TO/i.test(line)) {
      mailServer.recipients.push(/<(.+)>/.exec(line)?.[1] ?? "");
      say("250 well");
    } else if (/^DATA/i.test(line)) {
      inText = true;
      say("354 go on");
    } else if (/^QUIT/i.test(line)) socket.end("221 bye\r\n");
    else say("250 well");
  };
  let rest = "";
  socket.on("error", () => undefined);
  socket.on("data", (data) => {
    const lines = `${rest}${data}`.split("\r\n");
    rest = lines.pop() ?? "";
    lines.forEach(take);
  });
  say("220 here");
}

beforeAll(async () => {
  mailServer.listening = createServer(converse).listen(0, "127.0.0.1");
  await once(mailServer.listening, "listening");
  const address = mailServer.listening.address();
  const port = typeof address === "object" ? address?.port : undefined;
  vi.stubEnv("SMTP_URL", `smtp://127.0.0.1:${port}`);
  vi.stubEnv("MAIL_FROM", "Vitrine <hello@vitrine.test>");
  vi.stubEnv("VITRINE_URL", "http://vitrine.test");
  await useOwnDatabase("alert-rounds", process.env.MONGODB_URI);
  await database();
});
beforeEach(async () => {
  for (const { id } of await listRules()) await deleteRule(id);
});
afterAll(() => void mailServer.listening?.close());

const options = ["--conditions=react-server", "--import", "tsx", "server/modules/alerts/guarantees/rounds.ts"];
const runProcess = (...words: string[]) => promisify(execFile)(process.execPath, [...options, ...words]);

describe("several processes on one database", () => {
  it("open one alert and mail each person once, though all of them look and send at the same time", async () => {
    const { result } = await createRule(ruleOf({ mail_to: null, window_minutes: 60 }), operator);
    await record(20, { status: 500 });
    mailServer.recipients.length = 0;
    const team = ["ada@example.com", "bob@example.com", "cyd@example.com"];
    await Promise.all(Array.from({ length: 3 }, () => runProcess("4", ...team)));
    expect(await listActiveAlerts()).toMatchObject([{ rule_id: result.id, mailed: 3, mail_waiting: 0 }]);
    expect([...mailServer.recipients].sort()).toEqual(team);
  }, PROCESSES_MS);
});

describe("a mail server that is away", () => {
  it("stops no rule from being looked at, and its mails go out with the next round", async () => {
    await createRule(ruleOf({ mail_to: ["own@example.com"], window_minutes: 60 }), operator);
    await record(20, { status: 500 });
    mailServer.recipients.length = 0;
    mailServer.isAway = true;
    expect(await evaluateRules([])).toMatchObject({ opened: 1 });
    expect(await deliverMails()).toEqual({ sent: 0, failed: 1 });
    expect(await evaluateRules([])).toMatchObject({ broken: 1 });
    expect(await listActiveAlerts()).toMatchObject([{ mailed: 0, mail_waiting: 1 }]);
    mailServer.isAway = false;
    expect(await deliverMails()).toEqual({ sent: 1, failed: 0 });
    expect(mailServer.recipients).toEqual(["own@example.com"]);
    expect(await listActiveAlerts()).toMatchObject([{ mailed: 1, mail_waiting: 0 }]);
  });
});
