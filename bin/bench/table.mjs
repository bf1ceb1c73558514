/** Tables in Markdown with columns as wide as they must be: they can be read in a terminal as well. */

const width = (text) => [...text].length;
const pad = (text, to, left) => (left ? text + " ".repeat(to - width(text)) : " ".repeat(to - width(text)) + text);

/** @param {string[]} head the first column stands left, numbers behind it right @param {string[][]} rows @returns {string[]} lines */
export function drawTable(head, rows) {
  const widths = head.map((title, column) => Math.max(3, width(title), ...rows.map((row) => width(row[column]))));
  const line = (cells) => `| ${cells.map((cell, column) => pad(cell, widths[column], column === 0)).join(" | ")} |`;
  const rule = `|${widths.map((each, column) => (column === 0 ? ` ${"-".repeat(each)} ` : ` ${"-".repeat(each - 1)}: `)).join("|")}|`;
  return [line(head), rule, ...rows.map(line)];
}
