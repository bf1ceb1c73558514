import { splitLinks } from "@/lib/links-in-text";

/** A mail's plain text, with the addresses in it as links. */
export function MailText({ text }: { text: string }) {
  return (
    <p className="text-[13px]/[20px] whitespace-pre-wrap text-ink-2">
      {splitLinks(text).map((part) =>
        part.isLink ? (
          <a key={part.start} href={part.text} className="link">
            {part.text}
          </a>
        ) : (
          part.text
        ),
      )}
    </p>
  );
}
