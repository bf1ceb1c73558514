import type { ReactNode } from "react";

interface ScrollRegionProps {
  label: string;
  className?: string;
  children: ReactNode;
}

/**
 * Scrolls sideways what is wider than the page. It takes focus, or the keyboard could not read to its end (WCAG 2.1.1), and what is placed
 * absolutely in it is placed by it, or words for screen readers alone would widen the page from behind its edge.
 */
export function ScrollRegion({ label, className = "", children }: ScrollRegionProps) {
  return (
    <div className={`relative overflow-x-auto ${className}`.trimEnd()} tabIndex={0} role="region" aria-label={label}>
      {children}
    </div>
  );
}
