/** The mark: a pane, its glass line, and the answer's triangle. */
export function Logo() {
  return (
    <svg width="20" height="20" viewBox="0 0 20 20" fill="none" aria-hidden="true" className="text-glass">
      <rect x="1.25" y="2.25" width="17.5" height="15.5" rx="2.5" stroke="currentColor" strokeWidth="1.5" />
      <path d="M12.25 2v16M4.500 13.800v1.700M7.500 13.800v1.700" stroke="currentColor" strokeWidth="1.4" />
      <path d="M12.250 18.600H9.650l2.600-4.200 2.600 4.200z" fill="currentColor" />
    </svg>
  );
}
