import "server-only";
import { addressOfProcedure, CONSOLE_TRPC } from "@/lib/console-addresses.admin";
import { handleConsoleAuth } from "@/server/admin/auth";
import { consoleRouter } from "@/server/admin/router";
import { handleConsoleTrpc, handleInspectionTrpc } from "@/server/admin/trpc";
import { newAddress, ORIGIN } from "@/server/api/test-support";
import { database } from "@/server/core/db";
import { createId } from "@/server/core/ids";
import { hashPassword } from "@/server/core/passwords";
import { insertOperator, type OperatorRecord } from "@/server/modules/operators/repository";
import { beginSession, consoleCookieName } from "@/server/modules/operators/sessions";
import type { Role } from "@/lib/contracts/operators.admin";

export const PASSWORD = "nine brass kettles hum";
let hashed: Promise<string> | undefined;
let operators = 0;

/** Somebody of the team, in the database of this test file. Their password is {@link PASSWORD}. */
export async function createOperator(role: Role, change: Partial<OperatorRecord> = {}): Promise<OperatorRecord> {
  hashed ??= hashPassword(PASSWORD);
  operators += 1;
  const email = `${role}-${operators}@example.com`;
  const none = { twoFactor: null, pendingSecret: null, disabledAt: null, lastSignInAt: null, mustChangePassword: false, revision: 0 };
  const named = { _id: createId("operator"), email, emailKey: email, name: `${role} ${operators}`, role };
  const record: OperatorRecord = { ...named, ...none, passwordHash: await hashed, createdAt: new Date(), ...change };
  if (!(await insertOperator(record))) throw new Error("There is such an operator.");
  return record;
}

export type Headers = Record<string, string>;

/** The headers of a page of the console that calls with this cookie. */
export function pageOf(token: string): Headers {
  return { cookie: `${consoleCookieName("session")}=${token}`, origin: ORIGIN };
}

/** The stored sessions of an operator, to move their times. */
export async function changeSessions(operatorId: string, change: Record<string, Date | null>): Promise<void> {
  await (await database()).collection("operator_sessions").updateMany({ operatorId }, { $set: change });
}

export interface SignedInOperator extends OperatorRecord {
  token: string;
  page: Headers;
}

/** Somebody of the team who is signed in, with the password typed again just now where `confirmed` says so. */
export async function createSignedIn(role: Role, confirmed = false, change: Partial<OperatorRecord> = {}): Promise<SignedInOperator> {
  const record = await createOperator(role, change);
  const token = await beginSession(record._id);
  if (confirmed) await changeSessions(record._id, { confirmedAt: new Date() });
  return { ...record, token, page: pageOf(token) };
}

/** Every procedure of the console, by its path. */
export const procedures = new Map<string, "query" | "mutation">(
  Object.entries(consoleRouter._def.record).flatMap(([group, members]) =>
    Object.entries(members).map(([name, procedure]) => [`${group}.${name}`, procedure._def.type === "query" ? "query" : "mutation"] as const),
  ),
);

/** Asks one procedure by the console's door, the way its kind is asked. */
export async function askDoor(path: string, input: unknown, headers: Headers = {}, address = newAddress()): Promise<Response> {
  const text = JSON.stringify(input);
  const sent = { "x-forwarded-for": address, ...headers };
  const endpoint = addressOfProcedure(path);
  const handle = endpoint === CONSOLE_TRPC ? handleConsoleTrpc : handleInspectionTrpc;
  const url = `${ORIGIN}${endpoint}/${path}`;
  if (procedures.get(path) === "query") return handle(new Request(`${url}?${new URLSearchParams({ input: text })}`, { headers: sent }));
  return handle(new Request(url, { method: "POST", headers: { "content-type": "application/json", ...sent }, body: text }));
}

interface Answered {
  result?: { data: unknown };
  error?: { message: string; data: { code: string; httpStatus: number; errors?: { pointer: string; detail: string }[] } };
}

/** What a procedure answered: `ok`, or the code of the refusal. */
export async function codeOf(response: Response): Promise<string> {
  const { error } = (await response.json()) as Answered;
  if (!error) return response.status === 200 ? "ok" : `status ${response.status}`;
  return error.data.httpStatus === response.status ? error.data.code : `status ${response.status} for ${error.data.code}`;
}

/** The data a procedure answered. @throws {Error} when it refused */
export async function dataOf<Data>(response: Response): Promise<Data> {
  const { result, error } = (await response.json()) as Answered;
  if (!result) throw new Error(`Refused: ${error?.data.code}`);
  return result.data as Data;
}

/** Sends a form to the sign-in, from an address that nobody else has. */
export async function sendForm(step: string, fields: Record<string, string>, headers: Headers = {}, address = newAddress()): Promise<Response> {
  const form = { "content-type": "application/x-www-form-urlencoded", origin: ORIGIN, "x-forwarded-for": address };
  const body = new URLSearchParams(fields).toString();
  return handleConsoleAuth(new Request(`${ORIGIN}/admin/auth/${step}`, { method: "POST", headers: { ...form, ...headers }, body }));
}

/** The cookies an answer sets, by name; `value` and the rest as it was sent. */
export function cookiesOf(response: Response): Map<string, { value: string; attributes: string[] }> {
  return new Map(
    response.headers.getSetCookie().map((line) => {
      const [pair = "", ...attributes] = line.split("; ");
      const equals = pair.indexOf("=");
      return [pair.slice(0, equals), { value: pair.slice(equals + 1), attributes }] as const;
    }),
  );
}

/** The address that an answer leads to. */
export function placeOf(response: Response): URL {
  return new URL(response.headers.get("location") ?? "", ORIGIN);
}

/** Where a sign-in led: `in`, or why not and how many tries are left. */
export async function endOf(answering: Promise<Response>): Promise<string> {
  const place = placeOf(await answering);
  const error = place.searchParams.get("error");
  return error === null ? "in" : [error, place.searchParams.get("left")].filter((part) => part !== null).join(" ");
}
