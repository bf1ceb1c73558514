"use client";

import { useEffect, useState } from "react";
import { KeyField } from "@/components/docs/key-field";
import { Operation } from "@/components/docs/operation";
import { type GroupView, type OpenApiDocument, viewDocument } from "@/lib/openapi-view";

const ADDRESS = "/api/openapi.json";

async function readGroups(signal: AbortSignal): Promise<GroupView[]> {
  const response = await fetch(ADDRESS, { signal });
  if (!response.ok) throw new Error(`The service answered ${response.status}`);
  return viewDocument((await response.json()) as OpenApiDocument);
}

function Group({ name, text, operations, apiKey }: GroupView & { apiKey: string }) {
  return (
    <section className="min-w-0">
      <h3>{name}</h3>
      {text && <p className="mt-0.5 text-[13px] text-ink-2">{text}</p>}
      <div className="pane mt-2">
        {operations.map((operation) => (
          <Operation key={operation.id} operation={operation} apiKey={apiKey} />
        ))}
      </div>
    </section>
  );
}

/** The interactive reference, drawn in the browser from this service's own OpenAPI document. Nothing comes from another host. */
export function ApiReference() {
  const [groups, setGroups] = useState<GroupView[]>();
  const [hasFailed, setHasFailed] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const [apiKey, setApiKey] = useState("");
  useEffect(() => {
    const leaving = new AbortController();
    readGroups(leaving.signal).then(setGroups, () => {
      if (!leaving.signal.aborted) setHasFailed(true);
    });
    return () => leaving.abort();
  }, [attempt]);
  const retry = () => {
    setHasFailed(false);
    setAttempt(attempt + 1);
  };
  if (hasFailed) {
    return (
      <div className="note note-bad justify-items-start" role="alert">
        <p>
          The reference could not be loaded. The document itself is at <a className="link" href={ADDRESS}>{ADDRESS}</a>.
        </p>
        <button type="button" className="btn btn-small mt-1" onClick={retry}>
          Try again
        </button>
      </div>
    );
  }
  if (!groups) {
    return (
      <p className="pane p-4 text-ink-2" role="status">
        Reading the OpenAPI document…
      </p>
    );
  }
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-6">
      <KeyField value={apiKey} onChange={setApiKey} />
      {groups.map((group) => (
        <Group key={group.name} {...group} apiKey={apiKey} />
      ))}
    </div>
  );
}
