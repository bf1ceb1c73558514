/**
 * What the tests of this folder can be told from outside:
 *   EMBEDDED_ROUNDS  how often the server is killed (crash.test.ts), 3 in an ordinary run
 *   EMBEDDED_SEED    where the random tests begin; without it every run begins elsewhere and says where
 */
export const ROUNDS = readNumber("EMBEDDED_ROUNDS", 3);
export const SEED = readNumber("EMBEDDED_SEED", Date.now() % 1_000_000);

function readNumber(name: string, otherwise: number): number {
  const text = process.env[name];
  if (text === undefined || text === "") return otherwise;
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) throw new Error(`${name} must be a whole number, not ${text}`);
  return number;
}
