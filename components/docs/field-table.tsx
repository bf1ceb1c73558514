import { InlineCode } from "@/components/docs/inline-code";
import { ScrollRegion } from "@/components/ui/scroll-region";
import type { FieldView } from "@/lib/openapi-fields";

interface FieldTableProps {
  /** The operation whose body it is: a name for the region that no other has. */
  operation: string;
  fields: FieldView[];
}

/** The fields of a request body: what each takes, and what stands in when it is left out. */
export function FieldTable({ operation, fields }: FieldTableProps) {
  return (
    <div className="border-t border-line pt-4">
      <h4 className="px-5 pb-1">Body fields</h4>
      <ScrollRegion label={`Body fields of ${operation}`} className="px-2">
        <table className="table field-table">
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">Type</th>
              <th scope="col">Takes</th>
              <th scope="col">If left out</th>
              <th scope="col">Meaning</th>
            </tr>
          </thead>
          <tbody>
            {fields.map(({ name, type, limits, fallback, text }) => (
              <tr key={name}>
                <th scope="row">
                  <code>{name}</code>
                </th>
                <td>{type}</td>
                <td className="text-ink-2">{limits}</td>
                <td>{fallback}</td>
                <td className="text-ink-2">
                  <InlineCode text={text} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
    </div>
  );
}
