import { Icon } from "@/components/ui/icon";
import type { SiteNotice as Notice } from "@/lib/contracts/notice";

/** What the team tells everybody, above every page. It is there before the page is, so it announces itself to nobody. */
export function SiteNotice({ text, tone }: Notice) {
  return (
    <section className="site-notice" data-tone={tone} aria-label="Notice">
      <p className="wrap">
        <Icon name={tone === "warn" ? "warn" : "info"} />
        {text}
      </p>
    </section>
  );
}
