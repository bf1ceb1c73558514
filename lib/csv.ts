/** Comma-separated values as RFC 4180 has them, strictly: what is read in two ways elsewhere is refused here, with its line. */

export interface CsvTable {
  header: string[];
  /** Each has as many cells as the header. */
  rows: string[][];
}

const NEW_LINE = 10;
const RETURN = 13;
const QUOTE = '"';

class Scanner {
  position: number;
  line = 1;
  problem: string | null = null;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
    this.position = text.startsWith("\u{feff}") ? 1 : 0;
  }

  get done(): boolean {
    return this.position >= this.#text.length;
  }

  fail(problem: string): string {
    this.problem = `Line ${this.line}: ${problem}`;
    return "";
  }

  /** A cell in quotes, in which two quotes stand for one. */
  #quoted(): string {
    let cell = "";
    for (let from = this.position + 1; ;) {
      const end = this.#text.indexOf(QUOTE, from);
      if (end < 0) return this.fail("a quote is opened and never closed.");
      const part = this.#text.slice(from, end);
      this.line += part.split("\n").length - 1;
      cell += part;
      this.position = end + 1;
      if (this.#text[this.position] !== QUOTE) return cell;
      cell += QUOTE;
      from = this.position + 1;
    }
  }

  #plain(): string {
    const start = this.position;
    while (!this.done && !this.#atEndOfCell()) {
      if (this.#text[this.position] === QUOTE)
        return this.fail("a quote stands within a cell that does not begin with one; write it twice, in quotes.");
      this.position += 1;
    }
    return this.#text.slice(start, this.position);
  }

  #atEndOfCell(): boolean {
    const code = this.#text.charCodeAt(this.position);
    return code === 44 || code === NEW_LINE || code === RETURN;
  }

  /** The cells up to the end of the record; the last record may end without a new line. */
  record(): string[] {
    const cells: string[] = [];
    for (;;) {
      cells.push(this.#text[this.position] === QUOTE ? this.#quoted() : this.#plain());
      if (this.problem !== null || this.done) return cells;
      const code = this.#text.charCodeAt(this.position);
      if (code === RETURN && this.#text.charCodeAt(this.position + 1) === NEW_LINE) this.position += 1;
      else if (code !== NEW_LINE && code !== 44) {
        this.fail(
          code === RETURN
            ? "it ends with a return alone; end lines with a new line."
            : "something stands between a closing quote and the comma.",
        );
        return cells;
      }
      this.position += 1;
      if (code !== 44) return cells;
    }
  }
}

/**
 * Reads a file whose first line holds the names of its columns.
 * @param mostRows more are refused
 * @returns the table, or what is wrong with the text, as a sentence that names the line
 */
export function parseCsv(text: string, mostRows: number): CsvTable | { problem: string } {
  const scanner = new Scanner(text);
  if (scanner.done) return { problem: "The file of rows is empty." };
  const header = scanner.record();
  const rows: string[][] = [];
  while (scanner.problem === null && !scanner.done) {
    scanner.line += 1;
    const cells = scanner.record();
    if (cells.length !== header.length) {
      scanner.fail(`it has ${cells.length} cells, the first line has ${header.length}.`);
    } else if (rows.push(cells) > mostRows) return { problem: `The file has more than ${mostRows} rows: send a sample of them.` };
  }
  return scanner.problem === null ? { header, rows } : { problem: scanner.problem };
}
