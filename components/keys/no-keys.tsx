/** What an account without keys is told: what a key is for, and what happens after the first one. */
export function NoKeys({ onCreate }: { onCreate: () => void }) {
  return (
    <section className="pane" aria-label="No keys yet">
      <div className="pane-split" data-wide="true">
        <div className="pane-question">
          <h2>No keys yet</h2>
          <p className="mt-1 text-ink-2">
            A key lets a program of yours ask the models. One for each program: then one can be ended without the others.
          </p>
          <p className="mt-4">
            <button type="button" className="btn btn-main" onClick={onCreate}>
              Create your first key
            </button>
          </p>
        </div>
        <ol className="pane-answer grid content-start gap-3 text-ink-2">
          <li>
            <h3 className="text-ink">It is shown once</h3>
            Copy it into your program’s settings, never into its code. Only its first and last four characters stay visible here.
          </li>
          <li>
            <h3 className="text-ink">It comes with a call</h3>
            A curl line with the key in it that answers as pasted.
          </li>
          <li>
            <h3 className="text-ink">It can be ended within seconds</h3>
            Switch it off, give it a new secret, or revoke it. Every call it made stays in your history.
          </li>
        </ol>
      </div>
    </section>
  );
}
