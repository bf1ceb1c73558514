/**
 * The little of Markdown that a model's card may use: paragraphs, lists, bold, italics, code, and links to https addresses. Text becomes
 * a tree of known kinds, never HTML, so whatever somebody writes can do no more than look odd.
 */

/** `at` is where it stands in the text, which names it among its neighbours. */
export type Inline =
  | { kind: "text" | "code"; at: number; text: string }
  | { kind: "strong" | "emphasis"; at: number; children: Inline[] }
  | { kind: "link"; at: number; href: string; children: Inline[] };

export interface ListItem {
  at: number;
  children: Inline[];
}

export type Block =
  | { kind: "paragraph"; at: number; children: Inline[] }
  | { kind: "list"; at: number; ordered: boolean; items: ListItem[] };

/** Bold in italics in a link is deep enough; deeper marks stay as they were typed. */
const DEEPEST = 4;
const ESCAPABLE = "\\`*_[]()#+-.!";
const BULLET = /^ {0,3}(?:[-*+]|(\d{1,4})[.)]) +/;

/** The address a link may lead to: https without a user name, written as browsers read it; null for everything else. */
function readHref(text: string): string | null {
  if (!/^https:\/\/\S+$/i.test(text) || !URL.canParse(text)) return null;
  const url = new URL(text);
  return url.protocol === "https:" && url.username === "" && url.password === "" ? url.href : null;
}

interface Found {
  node: Inline;
  /** Where the text goes on behind it. */
  end: number;
}

interface Scan {
  text: string;
  /** Where `text` stands in the whole. */
  at: number;
  depth: number;
}

function findCode({ text, at }: Scan, from: number): Found | null {
  const end = text.indexOf("`", from + 1);
  return end > from + 1 ? { node: { kind: "code", at: at + from, text: text.slice(from + 1, end) }, end: end + 1 } : null;
}

function findLink({ text, at, depth }: Scan, from: number): Found | null {
  const middle = text.indexOf("](", from + 1);
  const close = middle < 0 ? -1 : text.indexOf(")", middle + 2);
  const label = text.slice(from + 1, middle);
  const href = close < 0 || label.trim() === "" || label.includes("[") ? null : readHref(text.slice(middle + 2, close));
  if (href === null) return null;
  const children = parseInline({ text: label, at: at + from + 1, depth: depth + 1 });
  return { node: { kind: "link", at: at + from, href, children }, end: close + 1 };
}

const isWordAt = (text: string, index: number) => /[\p{L}\p{N}_]/u.test(text[index] ?? "");

/** A run of the mark, something that is no blank, the mark again; an underline inside a word is a part of it. */
function findEmphasis({ text, at, depth }: Scan, from: number): Found | null {
  const mark = text[from] ?? "";
  const fence = text.startsWith(mark + mark, from) ? mark + mark : mark;
  const start = from + fence.length;
  const end = text.indexOf(fence, start + 1);
  const inner = text.slice(start, end);
  if (end < 0 || inner !== inner.trim()) return null;
  if (mark === "_" && (isWordAt(text, from - 1) || isWordAt(text, end + fence.length))) return null;
  const kind = fence.length === 2 ? "strong" : "emphasis";
  const children = parseInline({ text: inner, at: at + start, depth: depth + 1 });
  return { node: { kind, at: at + from, children }, end: end + fence.length };
}

function findMarked(scan: Scan, from: number): Found | null {
  const mark = scan.text[from];
  if (mark === "`") return findCode(scan, from);
  if (scan.depth >= DEEPEST) return null;
  if (mark === "[") return findLink(scan, from);
  return mark === "*" || mark === "_" ? findEmphasis(scan, from) : null;
}

function parseInline(scan: Scan): Inline[] {
  const { text, at } = scan;
  const nodes: Inline[] = [];
  let plain = "";
  let plainAt = 0;
  const add = (part: string, from: number) => {
    if (plain === "") plainAt = from;
    plain += part;
  };
  const flush = () => {
    if (plain !== "") nodes.push({ kind: "text", at: at + plainAt, text: plain });
    plain = "";
  };
  for (let index = 0; index < text.length; ) {
    const next = text[index + 1];
    if (text[index] === "\\" && next !== undefined && ESCAPABLE.includes(next)) {
      add(next, index);
      index += 2;
      continue;
    }
    const found = findMarked(scan, index);
    if (found) {
      flush();
      nodes.push(found.node);
      index = found.end;
    } else {
      add(text[index] ?? "", index);
      index += 1;
    }
  }
  flush();
  return nodes;
}

interface Line {
  at: number;
  text: string;
}

function splitLines(text: string): Line[] {
  let at = 0;
  return text.split("\n").map((raw) => {
    const line = { at, text: raw.replace(/\r$/, "") };
    at += raw.length + 1;
    return line;
  });
}

const inlineOf = (lines: Line[]): Inline[] => {
  const text = lines.map((line) => line.text.trim()).join(" ");
  return parseInline({ text, at: lines[0]?.at ?? 0, depth: 0 });
};

/** Lines of one block, without blank ones, as a list with its items or as a paragraph. */
function toBlock(lines: Line[]): Block {
  const [first] = lines;
  const at = first?.at ?? 0;
  const bullet = first && BULLET.exec(first.text);
  if (!bullet) return { kind: "paragraph", at, children: inlineOf(lines) };
  const items: Line[][] = [];
  for (const line of lines) {
    const begun = BULLET.exec(line.text);
    if (begun) items.push([{ at: line.at, text: line.text.slice(begun[0].length) }]);
    else items.at(-1)?.push(line);
  }
  const listed = items.map((own) => ({ at: own[0]?.at ?? at, children: inlineOf(own) }));
  return { kind: "list", at, ordered: bullet[1] !== undefined, items: listed };
}

/** Blank lines end a block, and so does the first item of a list below a paragraph. */
export function parseMarkdown(text: string): Block[] {
  const blocks: Line[][] = [[]];
  for (const line of splitLines(text)) {
    const current = blocks.at(-1) ?? [];
    const [first] = current;
    const beginsList = first !== undefined && BULLET.test(line.text) && !BULLET.test(first.text);
    if (line.text.trim() === "") blocks.push([]);
    else if (beginsList) blocks.push([line]);
    else current.push(line);
  }
  return blocks.filter((lines) => lines.length > 0).map(toBlock);
}

function wordsOf(nodes: Inline[]): string {
  return nodes.map((node) => ("text" in node ? node.text : wordsOf(node.children))).join("");
}

/** The words alone, in one line, for places that show no marks. */
export function toPlainText(text: string): string {
  const blocks = parseMarkdown(text).flatMap((block) => (block.kind === "list" ? block.items : [block]));
  return blocks.map(({ children }) => wordsOf(children)).join(" ");
}
