import "server-only";

/** Which side of the product was asked. */
export type Surface = "api" | "console";

/** What is told of an answered call by its log line, the metrics and its span: figures, names and ids, nothing that was sent or answered. */
export interface CallFacts {
  /** The pattern of the address, never what was really asked for. */
  route: string;
  method: string;
  status: number;
  /** Why there was no result. */
  code: string | null;
  milliseconds: number;
  model: string | null;
  version: number | null;
  arm: string | null;
  /** Rows that were sent. */
  rows: number | null;
  cameBy: "key" | "session" | "visitor" | null;
  customerId: string | null;
  keyId: string | null;
}

/** What a call is told with where nobody looked into it. */
export const NOTHING_KNOWN = {
  model: null,
  version: null,
  arm: null,
  rows: null,
  cameBy: null,
  customerId: null,
  keyId: null,
} as const satisfies Partial<CallFacts>;
