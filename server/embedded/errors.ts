/**
 * An error as MongoDB itself would answer it. Whatever else is thrown is a bug of
 * this server; this class is the only way to say "no" to a client.
 */
export class MongoServerFault extends Error {
  readonly code: number;
  readonly codeName: string;
  /** Further fields of the reply, such as `keyPattern`, `keyValue`, `errInfo`, `errorLabels`. */
  readonly extra?: Record<string, unknown>;

  constructor(code: number, codeName: string, message: string, extra?: Record<string, unknown>) {
    super(message);
    this.name = "MongoServerFault";
    this.code = code;
    this.codeName = codeName;
    this.extra = extra;
  }
}

/** Throws a {@link MongoServerFault}. `codeName` is MongoDB's name for `code`. */
export function fail(code: number, codeName: string, message: string, extra?: Record<string, unknown>): never {
  throw new MongoServerFault(code, codeName, message, extra);
}

/** Code 2, what MongoDB says to a malformed query or argument. */
export function failBadValue(message: string): never {
  return fail(2, "BadValue", message);
}

/** Code 9, what MongoDB says to a malformed command or update. */
export function failToParse(message: string): never {
  return fail(9, "FailedToParse", message);
}

/** An error that has a number but no name in MongoDB's catalogue. */
export function failLocation(code: number, message: string): never {
  return fail(code, `Location${code}`, message);
}

/** Code 238: MongoDB can do it, this server cannot, and the way out is named. */
export function refuse(what: string): never {
  return fail(238, "NotImplemented", `${what} is not supported by the embedded database; set MONGODB_URI to use a MongoDB server`);
}
