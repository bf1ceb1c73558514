import { describe, expect, it } from "vitest";
import { type Inline, parseMarkdown, toPlainText } from "@/lib/markdown";

/** The tree in short: `strong(text)`. */
function tell(nodes: Inline[]): string {
  const told = nodes.map((node) => {
    if ("text" in node) return node.kind === "code" ? `code(${node.text})` : node.text;
    const inner = tell(node.children);
    return node.kind === "link" ? `link<${node.href}>(${inner})` : `${node.kind}(${inner})`;
  });
  return told.join("");
}

function tellBlocks(text: string): string[] {
  return parseMarkdown(text).map((block) => {
    if (block.kind === "paragraph") return tell(block.children);
    return `${block.ordered ? "ol" : "ul"}[${block.items.map((item) => tell(item.children)).join("|")}]`;
  });
}

describe("the Markdown of a card", () => {
  it.each([
    ["One\nline.\n\nTwo.", ["One line.", "Two."]],
    ["Says:\n- one\n  more\n- two\n\n1. first\n2) second", ["Says:", "ul[one more|two]", "ol[first|second]"]],
    ["**bold** and *italic* and __bold__ and _italic_", ["strong(bold) and emphasis(italic) and strong(bold) and emphasis(italic)"]],
    ["**bold *both***", ["strong(bold *both)*"]],
    ["`a * b` and `**`", ["code(a * b) and code(**)"]],
    ["[the data](https://example.com/a?b=c)", ["link<https://example.com/a?b=c>(the data)"]],
    ["[**bold** link](https://example.com)", ["link<https://example.com/>(strong(bold) link)"]],
    ["\\*not\\* \\[a\\](link) \\`code\\`", ["*not* [a](link) `code`"]],
    ["snake_case_name and 2 * 3 * 4 and a*", ["snake_case_name and 2 * 3 * 4 and a*"]],
    ["line\r\nends\r\n\r\nhere", ["line ends", "here"]],
    ["", []],
    [" \n \n", []],
  ])("reads %j", (text, told) => {
    expect(tellBlocks(text)).toEqual(told);
  });

  it.each([
    "[x](javascript:alert(1))", "[x](JavaScript:alert(1))", "[x](data:text/html,<script>)", "[x](http://example.com)", "[x](//example.com)",
    "[x](/admin)", "[x](https://user:secret@example.com)", "[x](https://)", "[x]( https://example.com)", "[x](https://exa mple.com)",
    "[x](vbscript:x)", "[ ](https://example.com)", "[x](https:example.com)", "[x](\u0001https://example.com)",
  ])("makes no link of %j", (text) => {
    expect(JSON.stringify(parseMarkdown(text))).not.toContain('"link"');
  });

  it("keeps HTML as the text it is", () => {
    const hostile = '<script>alert(1)</script><img src=x onerror="alert(1)"> <b>&amp;</b>';
    expect(tellBlocks(hostile)).toEqual([hostile]);
    expect(tellBlocks(`**${hostile}**`)).toEqual([`strong(${hostile})`]);
  });

  it("has no kind but its own, whatever is typed", () => {
    const kinds = new Set(["paragraph", "list", "text", "code", "strong", "emphasis", "link"]);
    const parts = ["*", "**", "_", "`", "[", "](", ")", "\\", "\n", "\n\n", "- ", "1. ", "https://a.b", "word", " ", "<i>", "__proto__", "é"];
    let seed = 20_261_122;
    for (let turn = 0; turn < 2_000; turn++) {
      let text = "";
      for (let part = 0; part < 30; part++) {
        seed = (seed * 48_271) % 2_147_483_647;
        text += parts[seed % parts.length] ?? "";
      }
      const found = [...JSON.stringify(parseMarkdown(text)).matchAll(/"kind":"(\w+)"/g)].map((match) => match[1] ?? "");
      expect(found.filter((kind) => !kinds.has(kind)), text).toEqual([]);
    }
  });

  it.each(["*", "**", "_", "[", "`", "[](", "\\", "- ", "*a ", "[a](https://", "**a*b", "1. \n"])("is quick with a text full of %j", (part) => {
    const started = performance.now();
    parseMarkdown(part.repeat(20_000));
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it("is plain text where no marks are shown", () => {
    expect(toPlainText("Says **whether** a [customer](https://example.com) leaves.\n\n- soon\n- later")).toBe("Says whether a customer leaves. soon later");
  });

  it("names neighbours apart by where they stand", () => {
    const [block] = parseMarkdown("a **b** c **b** `d` `d`");
    const places = block?.kind === "paragraph" ? block.children.map(({ at }) => at) : [];
    expect(new Set(places).size).toBe(places.length);
  });
});
