"use client";

import { useEffect, useRef, useState } from "react";
import { AnswerList } from "@/components/docs/answer-list";
import { FieldTable } from "@/components/docs/field-table";
import { InlineCode } from "@/components/docs/inline-code";
import { TryOperation } from "@/components/docs/try-operation";
import { Icon } from "@/components/ui/icon";
import type { OperationView } from "@/lib/openapi-view";

const isNamed = (id: string) => decodeURIComponent(window.location.hash.slice(1)) === id;

/** Writes the address of the opened operation without a step in the history and without a jump. */
function writeHash(id: string, isOpen: boolean): void {
  if (isOpen === isNamed(id)) return;
  const { pathname, search } = window.location;
  window.history.replaceState(window.history.state, "", isOpen ? `#${id}` : `${pathname}${search}`);
}

/** One address of the API: folded to a line, opened to all there is to know and a form that calls it. `#operationId` opens it. */
export function Operation({ operation, apiKey }: { operation: OperationView; apiKey: string }) {
  const { id, method, path, summary, text, body, answers } = operation;
  const place = useRef<HTMLDetailsElement>(null);
  const [wasOpened, setWasOpened] = useState(false);
  useEffect(() => {
    const openWhenNamed = () => {
      if (!place.current || !isNamed(id)) return;
      place.current.open = true;
      place.current.scrollIntoView();
    };
    openWhenNamed();
    window.addEventListener("hashchange", openWhenNamed);
    return () => window.removeEventListener("hashchange", openWhenNamed);
  }, [id]);
  const noteToggle = (isOpen: boolean) => {
    if (isOpen) setWasOpened(true);
    writeHash(id, isOpen);
  };
  return (
    <details ref={place} id={id} className="operation" onToggle={(event) => noteToggle(event.currentTarget.open)}>
      <summary>
        <Icon name="chevron-right" />
        <span className="operation-method">{method}</span>
        <code className="operation-path">{path}</code>
        <span className="operation-summary">{summary}</span>
      </summary>
      {wasOpened && (
        <>
          {text && (
            <p className="prose border-t border-line px-5 py-3 text-ink-2">
              <InlineCode text={text} />
            </p>
          )}
          <TryOperation operation={operation} apiKey={apiKey} />
          {body && <FieldTable operation={id} fields={body.fields} />}
          <AnswerList answers={answers} />
        </>
      )}
    </details>
  );
}
