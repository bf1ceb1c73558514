import type { ReactNode } from "react";

interface ScrollRegionProps {
  label: string;
  className?: string;
  children: ReactNode;
}

/** Scrolls sideways what is wider than the page. It takes focus, or the keyboard could not read to its end (WCAG 2.1.1). */
export function ScrollRegion({ label, className = "", children }: ScrollRegionProps) {
  return (
    <div className={`overflow-x-auto ${className}`.trimEnd()} tabIndex={0} role="region" aria-label={label}>
      {children}
    </div>
  );
}
