import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { useOwnDatabase } from "@/server/api/test-support";
import { database } from "@/server/core/db";
import { DomainError } from "@/server/core/errors";

beforeAll(async () => {
  await useOwnDatabase("mail", process.env.MONGODB_URI);
  await database();
});

/** The configuration is read once a process, so every test loads the module anew. */
async function loadMail(variables: Record<string, string>) {
  vi.resetModules();
  for (const name of ["SMTP_URL", "MAIL_FROM", "VITRINE_OUTBOX"]) vi.stubEnv(name, "");
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  return import("@/server/core/mail");
}

interface Heard {
  connections: number;
  from: string[];
  to: string[];
  data: string[];
}

let server: Server | undefined;
afterEach(() => server?.close());

/** Speaks as much of SMTP (RFC 5321) as one mail needs. @param answerTo what it says to a command, where that is not "yes" */
async function listenForMail(answerTo: (command: string, heard: Heard) => string | undefined = () => undefined) {
  const heard: Heard = { connections: 0, from: [], to: [], data: [] };
  function converse(socket: Socket): void {
    heard.connections += 1;
    let text = "";
    let inData = false;
    socket.on("error", () => undefined);
    socket.write("220 mail.test ESMTP\r\n");
    socket.on("data", (part) => {
      text += part.toString("utf8");
      for (let end = text.indexOf("\r\n"); end !== -1; end = text.indexOf("\r\n")) {
        const line = text.slice(0, end);
        if (inData) {
          const whole = text.indexOf("\r\n.\r\n");
          if (whole === -1) return;
          heard.data.push(text.slice(0, whole));
          text = text.slice(whole + 5);
          inData = false;
          socket.write("250 taken\r\n");
          continue;
        }
        text = text.slice(end + 2);
        const said = answerTo(line.slice(0, 4).toUpperCase(), heard);
        if (said === "silence") continue;
        if (/^MAIL/i.test(line)) heard.from.push(line);
        if (/^RCPT/i.test(line)) heard.to.push(line);
        inData = /^DATA/i.test(line) && said === undefined;
        socket.write(`${said ?? (inData ? "354 go on" : "250 yes")}\r\n`);
        if (/^QUIT/i.test(line)) socket.end();
      }
    });
  }
  const listening = createServer(converse);
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  const { port } = listening.address() as AddressInfo;
  const variables = { SMTP_URL: `smtp://127.0.0.1:${port}`, MAIL_FROM: "Vitrine <hello@vitrine.test>", VITRINE_URL: "http://vitrine.test" };
  return { heard, variables };
}

const mail = { to: "ada@example.com", subject: "Grüße", text: "One line.\n\nhttp://vitrine.test/confirm?token=abc" };

async function codeOf(work: Promise<unknown>): Promise<string> {
  const thrown = await work.catch((error: unknown) => error);
  // Modules are loaded anew, and so is the class.
  return thrown instanceof Error && thrown.name === DomainError.name && "code" in thrown ? String(thrown.code) : "none";
}

describe("mail by SMTP", () => {
  it("is handed in once, to the address alone and as plain text", async () => {
    const { heard, variables } = await listenForMail();
    const { sendMail, listOutbox } = await loadMail({ ...variables, VITRINE_OUTBOX: "1" });
    await sendMail(mail);
    expect(heard).toMatchObject({ connections: 1, from: ["MAIL FROM:<hello@vitrine.test>"], to: ["RCPT TO:<ada@example.com>"] });
    expect(heard.data).toHaveLength(1);
    expect(heard.data[0]).toContain("http://vitrine.test/confirm?token");
    expect(heard.data[0]).toMatch(/^Content-Type: text\/plain/m);
    expect(await listOutbox(10)).toEqual([]);
  });

  it("keeps line breaks in a subject out of the headers", async () => {
    const { heard, variables } = await listenForMail();
    const { sendMail } = await loadMail(variables);
    await sendMail({ ...mail, subject: "Hello\r\nBcc: everybody@example.com" });
    expect(heard.to).toHaveLength(1);
    expect(heard.data[0]).not.toMatch(/^Bcc:/m);
  });

  it("is tried once more after a failure that passes", async () => {
    const { heard, variables } = await listenForMail((command, { connections }) =>
      command === "RCPT" && connections === 1 ? "451 try again" : undefined,
    );
    const { sendMail } = await loadMail(variables);
    await sendMail(mail);
    expect(heard).toMatchObject({ connections: 2, data: [expect.any(String)] });
  });

  it("is refused as unavailable after two failures, and after one that is for good", async () => {
    const passing = await listenForMail((command) => (command === "MAIL" ? "421 busy" : undefined));
    expect(await codeOf((await loadMail(passing.variables)).sendMail(mail))).toBe("mail_unavailable");
    expect(passing.heard.connections).toBe(2);
    server?.close();
    const forGood = await listenForMail((command) => (command === "RCPT" ? "550 nobody here" : undefined));
    expect(await codeOf((await loadMail(forGood.variables)).sendMail(mail))).toBe("mail_unavailable");
    expect(forGood.heard.connections).toBe(1);
  });

  it("is given up in time when the server says nothing", async () => {
    const { heard, variables } = await listenForMail((command) => (command === "MAIL" ? "silence" : undefined));
    const { sendMail } = await loadMail(variables);
    const started = performance.now();
    expect(await codeOf(sendMail(mail, 200))).toBe("mail_unavailable");
    expect(performance.now() - started).toBeLessThan(3_500);
    expect(heard.connections).toBe(2);
  });

  it("is refused as unavailable when there is no server", async () => {
    const { variables } = await listenForMail();
    await new Promise((resolve) => server?.close(resolve));
    expect(await codeOf((await loadMail(variables)).sendMail(mail))).toBe("mail_unavailable");
  });
});

describe("mail without a server", () => {
  it("is kept in the outbox where that is asked for, newest first, for a week", async () => {
    const { sendMail, listOutbox } = await loadMail({ VITRINE_OUTBOX: "1" });
    await sendMail(mail);
    await sendMail({ ...mail, subject: "Second" });
    expect(await listOutbox(10)).toMatchObject([{ subject: "Second" }, { ...mail, id: expect.stringMatching(/^mail_/) }]);
    expect(await listOutbox(1)).toHaveLength(1);
    const { db } = await database();
    await vi.waitFor(async () => {
      const indexes = (await db?.collection("outbox").indexes()) ?? [];
      expect(indexes).toContainEqual(expect.objectContaining({ key: { createdAt: 1 }, expireAfterSeconds: 604_800 }));
    });
  });

  it("is forgotten by address, in whatever case, as that address alone, and not for what comes later", async () => {
    const { sendMail, listOutbox, forgetMails } = await loadMail({ VITRINE_OUTBOX: "1" });
    await sendMail({ ...mail, to: "B.c+d@example.com" });
    await sendMail({ ...mail, to: "bxc+d@example.com" });
    await forgetMails("b.c+d@example.com", new Date());
    await sendMail({ ...mail, to: "b.c+d@example.com", subject: "Later" });
    const addresses = (await listOutbox(100)).map(({ to }) => to);
    expect(addresses.filter((to) => to.toLowerCase() === "b.c+d@example.com")).toEqual(["b.c+d@example.com"]);
    expect(addresses).toContain("bxc+d@example.com");
  });

  it("is refused as unavailable otherwise, in words that say it is not configured", async () => {
    const { sendMail, listOutbox } = await loadMail({});
    await expect(sendMail(mail)).rejects.toMatchObject({ code: "mail_unavailable", message: expect.stringContaining("not configured") });
    expect(await listOutbox(10)).toEqual([]);
  });
});
