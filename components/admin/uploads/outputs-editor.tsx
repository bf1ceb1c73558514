"use client";

import { CategoryList } from "@/components/admin/uploads/category-list";
import { NameInput, NumberInput, SelectInput, TextInput } from "@/components/admin/uploads/controls";
import { faultOfName, type Problem } from "@/components/admin/uploads/draft-problems";
import type { DraftParts } from "@/components/admin/uploads/draft-parts";
import type { DraftStore } from "@/components/admin/uploads/draft-store";
import { kindsFor, rekindOutput, renameKey, replaceOutput } from "@/components/admin/uploads/schema-edits";
import { Card } from "@/components/ui/card";
import type { ClassOutput, ModelSchema, ModelTask, OutputField } from "@/lib/contracts/model-schema";

const kindWords: Record<OutputField["kind"], string> = {
  class: "A class with probabilities",
  number: "A number",
  vector: "A list of numbers",
};

const tasks: readonly { value: ModelTask; label: string }[] = [
  { value: "binary-classification", label: "Yes or no" },
  { value: "multiclass-classification", label: "One of several classes" },
  { value: "regression", label: "A number" },
  { value: "other", label: "Something else" },
];

interface OutputPartsProps<Output extends OutputField> {
  output: Output;
  place: string;
  problems: readonly Problem[];
  onChange: (output: Output) => void;
}

function ClassParts({ output, place, problems, onChange }: OutputPartsProps<ClassOutput>) {
  const setPositive = (text: string) => {
    const positiveClass = output.classes.find(({ value }) => String(value) === text)?.value;
    onChange({ ...output, positiveClass, threshold: positiveClass === undefined ? undefined : output.threshold });
  };
  const options = output.classes.map(({ value, label }) => ({ value: String(value), label: `${label} (${value})` }));
  return (
    <>
      {output.classes.length <= 100 && (
        <SelectInput
          label="Positive class"
          place={`${place}/positiveClass`}
          value={output.positiveClass === undefined ? "" : String(output.positiveClass)}
          options={[{ value: "", label: "None: show the likeliest" }, ...options]}
          help="The one whose probability is shown large."
          onChange={setPositive}
        />
      )}
      {output.positiveClass !== undefined && (
        <NumberInput
          label="Threshold"
          place={`${place}/threshold`}
          value={output.threshold}
          help="Drawn on the scale, 0 to 1."
          onChange={(threshold) => onChange({ ...output, threshold })}
        />
      )}
      <CategoryList
        noun="class"
        of={output.name}
        place={`${place}/classes`}
        values={output.classes}
        error={problems.find((problem) => problem.place.startsWith(`${place}/classes`))?.words}
        onChange={(classes) => onChange({ ...output, classes })}
      />
    </>
  );
}

interface OutputEditorProps extends OutputPartsProps<OutputField> {
  schema: ModelSchema;
  others: string[];
  onRename: (name: string) => void;
}

function KindInput({ schema, output, place, onChange }: Pick<OutputEditorProps, "schema" | "output" | "place" | "onChange">) {
  const kinds = kindsFor(schema, output);
  const rekind = (wanted: string) => {
    const kind = kinds.find((known) => known === wanted);
    if (kind) onChange(rekindOutput(schema, output, kind));
  };
  return (
    <SelectInput
      label="Kind"
      place={`${place}/kind`}
      value={output.kind}
      options={kinds.map((kind) => ({ value: kind, label: kindWords[kind] }))}
      help={`From ${output.kind === "class" ? output.probabilities : output.tensor}.`}
      onChange={rekind}
    />
  );
}

function OutputEditor({ schema, output, place, problems, others, onRename, onChange }: OutputEditorProps) {
  const own = problems.filter((problem) => problem.place === place);
  return (
    <fieldset className="draft-fields !p-0" data-place={place} tabIndex={-1}>
      <legend className="sr-only">{output.name}</legend>
      {own.map(({ words }) => (
        <p key={words} className="field-error" data-span="full">
          {words}
        </p>
      ))}
      <NameInput
        label="Name"
        place={`${place}/name`}
        value={output.name}
        maxLength={64}
        help="What programs read it as."
        check={(name) => faultOfName(name, others)}
        onChange={onRename}
      />
      <TextInput
        label="Label"
        place={`${place}/label`}
        value={output.label}
        maxLength={80}
        error={problems.find((problem) => problem.place === `${place}/label`)?.words}
        onChange={(label) => onChange({ ...output, label })}
      />
      <KindInput schema={schema} output={output} place={place} onChange={onChange} />
      {output.kind === "number" && (
        <TextInput
          label="Unit"
          place={`${place}/unit`}
          value={output.unit ?? ""}
          maxLength={20}
          onChange={(unit) => onChange({ ...output, unit: unit === "" ? undefined : unit })}
        />
      )}
      {output.kind === "class" && <ClassParts output={output} place={place} problems={problems} onChange={onChange} />}
    </fieldset>
  );
}

interface OutputsEditorProps {
  store: DraftStore;
  parts: DraftParts;
  problems: readonly Problem[];
}

/** What customers get: every answer with its name, its words and its classes. */
export function OutputsEditor({ store, parts: { schema }, problems }: OutputsEditorProps) {
  const change = (index: number) => (output: OutputField) =>
    store.change((parts) => ({ schema: replaceOutput(parts.schema, index, output) }));
  const rename = (index: number, output: OutputField) => (name: string) =>
    store.change((parts) => ({
      schema: replaceOutput(parts.schema, index, { ...output, name }),
      reference: renameKey(parts.reference, output.name, name),
    }));
  const setTask = (wanted: string) => {
    const task = tasks.find(({ value }) => value === wanted)?.value;
    if (task) store.change((parts) => ({ schema: { ...parts.schema, task } }));
  };
  return (
    <Card title="Answers">
      <div className="grid gap-4" data-place="outputs" tabIndex={-1}>
        <div className="draft-fields !p-0">
          <SelectInput label="What the model answers" place="task" value={schema.task} options={tasks} onChange={setTask} />
        </div>
        {schema.outputs.map((output, index) => (
          <OutputEditor
            key={output.kind === "class" ? output.probabilities : output.tensor}
            schema={schema}
            output={output}
            place={`outputs/${index}`}
            problems={problems}
            others={schema.outputs.filter((other) => other !== output).map(({ name }) => name)}
            onRename={rename(index, output)}
            onChange={change(index)}
          />
        ))}
      </div>
    </Card>
  );
}
