import { describe, expect, it } from "vitest";
import { parseCsv } from "@/lib/csv";

const read = (text: string, most = 100) => parseCsv(text, most);

describe("comma-separated values", () => {
  it.each([
    [
      "a last line without its end",
      "a,b\n1,2\r\n3,4",
      [
        ["1", "2"],
        ["3", "4"],
      ],
    ],
    [
      "empty cells, also at the end",
      "a,b\n,\n1,\n",
      [
        ["", ""],
        ["1", ""],
      ],
    ],
    ["commas, quotes and new lines in quotes", 'a,b\n"x, ""y""","1\n2"\n', [['x, "y"', "1\n2"]]],
    ["a quoted cell that is empty", 'a,b\n"",""\n', [["", ""]]],
    ["blanks, which belong to the cell", "a,b\n 1 , 2\n", [[" 1 ", " 2"]]],
    ["no rows at all", "a,b\n", []],
  ])("are read: %s", (_what, text, rows) => {
    expect(read(text)).toEqual({ header: ["a", "b"], rows });
  });

  it("are read with a byte order mark, which is no part of the first name", () => {
    expect(read("\u{feff}a\n1\n")).toEqual({ header: ["a"], rows: [["1"]] });
  });

  it.each([
    ["nothing", "", "The file of rows is empty."],
    ["a row with another number of cells", "a,b\n1,2\n1\n", "Line 3: it has 1 cells, the first line has 2."],
    ["a quote within a cell", 'a\nx"y\n', "Line 2: a quote stands within a cell that does not begin with one; write it twice, in quotes."],
    ["an open quote", 'a\n"x\n', "Line 2: a quote is opened and never closed."],
    ["text behind a quote", 'a\n"x"y\n', "Line 2: something stands between a closing quote and the comma."],
    ["a return alone", "a\n1\r2\n", "Line 2: it ends with a return alone; end lines with a new line."],
    ["a mistake behind a cell of two lines", 'a,b\n"1\n2",3\n4\n', "Line 4: it has 1 cells, the first line has 2."],
  ])("are refused with the line: %s", (_what, text, problem) => {
    expect(read(text)).toEqual({ problem });
  });

  it("are refused when there are more rows than may be", () => {
    expect(read("a\n1\n2\n3\n", 2)).toEqual({ problem: "The file has more than 2 rows: send a sample of them." });
    expect(read("a\n1\n2\n", 2)).toMatchObject({ rows: [["1"], ["2"]] });
  });
});
