import { Card } from "@/components/ui/card";
import { Icon } from "@/components/ui/icon";
import { Notice } from "@/components/ui/notice";
import { ScrollRegion } from "@/components/ui/scroll-region";
import type { InspectedTensor, Inspection, InspectionNote } from "@/lib/contracts/inspection.admin";
import { formatBytes, formatMilliseconds, formatNumber } from "@/lib/format";

const SHOWN_OPERATORS = 12;

function sayShape({ dtype, shape }: InspectedTensor): string {
  if (shape === null) return `${dtype}, any shape`;
  return `${dtype} [${shape.map((size) => (size === "" ? "?" : size)).join(", ")}]`;
}

function Tensors({ title, tensors }: { title: string; tensors: InspectedTensor[] }) {
  return (
    <details className="fold" open={tensors.length <= 4}>
      <summary>
        <Icon name="chevron-right" size={12} />
        {title} <span className="font-normal text-ink-3">{formatNumber(tensors.length)}</span>
      </summary>
      <ScrollRegion label={title} className="max-h-72 overflow-y-auto">
        <table className="table list-table">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Takes or gives</th>
            </tr>
          </thead>
          <tbody>
            {tensors.map((tensor) => (
              <tr key={tensor.name}>
                <th scope="row">
                  <code>{tensor.name}</code>
                </th>
                <td className="whitespace-nowrap">
                  <code>{sayShape(tensor)}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
    </details>
  );
}

function Notes({ notes, tone, title }: { notes: InspectionNote[]; tone: "warn" | "bad"; title: string }) {
  return notes.map(({ detail, remedy }) => (
    <div key={detail} className="notice" data-tone={tone}>
      <Icon name={tone === "bad" ? "alert" : "warn"} />
      <div className="min-w-0">
        <p className="sr-only">{title}</p>
        <p className="font-[550]">{detail}</p>
        <p>{remedy}</p>
      </div>
    </div>
  ));
}

function Operators({ operators }: Pick<Inspection, "operators">) {
  const rest = operators.length - SHOWN_OPERATORS;
  return (
    <ul className="flex flex-wrap gap-1.5">
      {operators.slice(0, SHOWN_OPERATORS).map(({ name, domain, count }) => (
        <li key={`${domain}.${name}`} className="chip" title={domain === "" ? "ai.onnx" : domain}>
          {name} × {formatNumber(count)}
        </li>
      ))}
      {rest > 0 && <li className="chip">{formatNumber(rest)} more kinds</li>}
    </ul>
  );
}

interface InsideCardProps {
  filename: string;
  inspection: Inspection;
}

/** What was found in the file, what was changed in it, and what to know about it. */
export function InsideCard({ filename, inspection }: InsideCardProps) {
  const { producer, opsets, operators, class_labels: labels, repairs, warnings, problems } = inspection;
  const facts: [string, string][] = [
    ["File", `${filename}, ${formatBytes(inspection.bytes)}`],
    ["Written by", `${producer.name} ${producer.version}`.trim() || "nobody says"],
    ["Operator sets", opsets.map(({ domain, version }) => `${domain === "" ? "ai.onnx" : domain} ${version}`).join(", ")],
    ["Operations", formatNumber(inspection.nodes)],
    ["Parameters", formatNumber(inspection.parameters)],
    ["Loads in", `${formatMilliseconds(inspection.load_ms)}; two rows take ${formatMilliseconds(inspection.run_ms)}`],
    ["Classes", labels === null ? "" : labels.slice(0, 12).join(", ") + (labels.length > 12 ? `, and ${labels.length - 12} more` : "")],
    ["About itself", inspection.doc],
    ["SHA-256", inspection.sha256],
  ];
  return (
    <Card title="What is inside" flush>
      <div className="grid gap-4 p-3.5">
        <dl className="inside-facts">
          {facts
            .filter(([, words]) => words !== "")
            .map(([term, words]) => (
              <div key={term}>
                <dt>{term}</dt>
                <dd className={term === "SHA-256" ? "font-mono text-[11px] break-all" : undefined}>{words}</dd>
              </div>
            ))}
        </dl>
        <Operators operators={operators} />
        {repairs.map((repair) => (
          <Notice key={repair} tone="info" title="Repaired">
            {repair}
          </Notice>
        ))}
        <Notes notes={problems} tone="bad" title="Problem" />
        <Notes notes={warnings} tone="warn" title="Warning" />
      </div>
      <Tensors title="Inputs" tensors={inspection.inputs} />
      <Tensors title="Outputs" tensors={inspection.outputs} />
    </Card>
  );
}
