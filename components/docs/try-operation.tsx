"use client";

import { type FormEvent, useId } from "react";
import { BodyField } from "@/components/docs/body-field";
import { ParameterFields } from "@/components/docs/parameter-field";
import { ResponseView } from "@/components/docs/response-view";
import { useCallForm } from "@/components/docs/use-call-form";
import { useCall } from "@/components/docs/use-call";
import { CopyButton } from "@/components/ui/copy-button";
import { buildCall, writeCall } from "@/lib/openapi-call";
import type { OperationView, ParameterView } from "@/lib/openapi-view";

const isHeader = (parameter: ParameterView) => parameter.place === "header";

/** The shaded side asks, the lit side answers: a form for one operation that really calls the service. */
export function TryOperation({ operation, apiKey }: { operation: OperationView; apiKey: string }) {
  const id = useId();
  const { form, faults, check, setValue, setBody } = useCallForm(operation);
  const { outcome, send } = useCall();
  const idOf = (name: string) => `${id}-${name}`;
  const shared = { values: form.values, faults, idOf, onChange: setValue };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const fault = check();
    if (fault === undefined) void send(buildCall(operation, form, apiKey));
    else document.getElementById(idOf(fault))?.focus();
  };
  return (
    <div className="pane-split border-t border-line" data-wide="true">
      <form className="pane-question grid content-start gap-4" noValidate onSubmit={submit}>
        <h4>Call</h4>
        <ParameterFields parameters={operation.parameters.filter((one) => !isHeader(one))} {...shared} />
        {operation.body && (
          <BodyField id={idOf("body")} body={operation.body} value={form.body} fault={faults.get("body")} onChange={setBody} />
        )}
        <ParameterFields parameters={operation.parameters.filter(isHeader)} {...shared} />
        {operation.key === "needed" && !apiKey && <p className="help">Needs a key: type it above, or sign in.</p>}
        <div className="flex flex-wrap gap-2">
          <button type="submit" className="btn btn-main">
            Send
          </button>
          <CopyButton label="Copy as curl" text={() => writeCall(buildCall(operation, form, apiKey), window.location.origin, operation)} />
        </div>
      </form>
      <div className="pane-answer">
        <h4 className="mb-2">Response</h4>
        <ResponseView operation={operation} outcome={outcome} />
      </div>
    </div>
  );
}
