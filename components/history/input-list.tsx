import { InputValue } from "@/components/history/input-value";
import type { InputView } from "@/lib/history-view";

interface InputGroup {
  title: string | undefined;
  inputs: InputView[];
}

/** Neighbours of one group under its heading, in the order of the form. */
function groupInputs(inputs: InputView[]): InputGroup[] {
  const groups: InputGroup[] = [];
  for (const input of inputs) {
    const last = groups.at(-1);
    if (last && last.title === input.group) last.inputs.push(input);
    else groups.push({ title: input.group, inputs: [input] });
  }
  return groups;
}

/** What went into a prediction, by the labels and groups of the model's form. */
export function InputList({ inputs }: { inputs: InputView[] }) {
  return groupInputs(inputs).map(({ title, inputs: members }) => (
    <table key={members[0]?.name} className="table input-table">
      {title && <caption>{title}</caption>}
      <tbody>
        {members.map((input) => (
          <tr key={input.name} data-long={input.long || input.image !== undefined}>
            <th scope="row" title={input.name}>
              {input.label}
            </th>
            <td>
              <InputValue input={input} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  ));
}
