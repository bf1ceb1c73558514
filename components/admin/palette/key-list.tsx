const lists = [
  {
    title: "Everywhere",
    keys: [
      { keys: ["Ctrl", "K"], does: "Search the console" },
      { keys: ["/"], does: "Search" },
      { keys: ["?"], does: "This list" },
      { keys: ["Esc"], does: "Close" },
    ],
  },
  {
    title: "Go to",
    keys: [
      { keys: ["g", "o"], does: "Overview" },
      { keys: ["g", "m"], does: "Models" },
      { keys: ["g", "r"], does: "Requests" },
      { keys: ["g", "c"], does: "Customers" },
      { keys: ["g", "a"], does: "Alerts" },
      { keys: ["g", "p"], does: "Operations" },
      { keys: ["g", "t"], does: "Team" },
      { keys: ["g", "u"], does: "Audit" },
    ],
  },
  {
    title: "In a list, with the focus on a row",
    keys: [
      { keys: ["j"], does: "Next row" },
      { keys: ["k"], does: "Row before" },
      { keys: ["Enter"], does: "Open" },
    ],
  },
] as const;

/** Every key that does something in the console. */
export function KeyList({ onClose }: { onClose: () => void }) {
  return (
    <>
      <div className="key-lists">
        {lists.map(({ title, keys }) => (
          <section key={title} aria-label={title}>
            <h3>{title}</h3>
            <dl>
              {keys.map((entry) => (
                <div key={entry.does}>
                  <dt>
                    {entry.keys.map((key) => (
                      <kbd key={key}>{key}</kbd>
                    ))}
                  </dt>
                  <dd>{entry.does}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <div className="dialog-actions">
        <button type="button" className="btn" onClick={onClose}>
          Close
        </button>
      </div>
    </>
  );
}
