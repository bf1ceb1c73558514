interface SplitBarProps {
  live: { version: number; algorithm: string };
  candidate: { version: number; share: number } | null;
}

/** Who answers how many of the customers, as one bar. */
export function SplitBar({ live, candidate }: SplitBarProps) {
  const rest = 100 - (candidate?.share ?? 0);
  const sentence = candidate
    ? `Version ${live.version} answers ${rest} % of the customers, version ${candidate.version} answers ${candidate.share} %.`
    : `Version ${live.version} answers all customers.`;
  return (
    <div className="split-bar" role="img" aria-label={sentence}>
      <div style={{ flex: rest }}>
        <b>Version {live.version}</b>
        <span className="split-note">{live.algorithm}</span>
        <span className="split-share">{rest} %</span>
      </div>
      {candidate && candidate.share > 0 && (
        <div className="split-candidate" style={{ flex: candidate.share }}>
          <b>{candidate.version}</b>
          <span className="split-share">{candidate.share} %</span>
        </div>
      )}
    </div>
  );
}
