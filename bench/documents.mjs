/** What the embedded database is measured with. */
const TEXT = "What somebody wrote about something, as long as such things are. ".repeat(5);

/** @param {number} number its id @returns {object} a document of some 450 bytes */
export function makeDocument(number) {
  return { _id: number, name: `document ${number}`, group: number % 1_000, at: new Date(1_700_000_000_000 + number * 1_000), changes: 0, text: TEXT };
}
