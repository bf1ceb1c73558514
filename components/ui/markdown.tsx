import type { ReactNode } from "react";
import { type Block, type Inline, parseMarkdown } from "@/lib/markdown";

function renderInline(nodes: Inline[]): ReactNode[] {
  return nodes.map((node) => {
    switch (node.kind) {
      case "text":
        return node.text;
      case "code":
        return <code key={node.at}>{node.text}</code>;
      case "strong":
        return <strong key={node.at}>{renderInline(node.children)}</strong>;
      case "emphasis":
        return <em key={node.at}>{renderInline(node.children)}</em>;
      case "link":
        return (
          <a key={node.at} href={node.href} className="link" rel="noreferrer nofollow">
            {renderInline(node.children)}
          </a>
        );
    }
  });
}

function renderBlock(block: Block): ReactNode {
  if (block.kind === "paragraph") return <p key={block.at}>{renderInline(block.children)}</p>;
  const items = block.items.map((item) => <li key={item.at}>{renderInline(item.children)}</li>);
  return block.ordered ? <ol key={block.at}>{items}</ol> : <ul key={block.at}>{items}</ul>;
}

/** Text that somebody wrote in a little Markdown, as elements; nothing in it becomes HTML. */
export function Markdown({ text, className = "" }: { text: string; className?: string }) {
  return <div className={`markdown ${className}`.trimEnd()}>{parseMarkdown(text).map(renderBlock)}</div>;
}
