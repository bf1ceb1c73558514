"use client";

import { useDeferredValue, useMemo } from "react";
import { ChangesList } from "@/components/admin/models/changes-list";
import type { LiveSchema } from "@/components/admin/uploads/use-live";
import { Card } from "@/components/ui/card";
import type { ModelSchema } from "@/lib/contracts/model-schema";
import { diffSchemas } from "@/lib/schema-diff";

interface DifferenceCardProps {
  live: LiveSchema;
  schema: ModelSchema;
}

/** What customers would notice, compared with the version that answers them now. */
export function DifferenceCard({ live, schema }: DifferenceCardProps) {
  const shown = useDeferredValue(schema);
  const changes = useMemo(() => (live ? diffSchemas(live.schema, shown) : []), [live, shown]);
  const breaking = changes.filter((change) => change.breaking).length;
  if (!live) {
    return (
      <Card title="Difference to the live version">
        <p className="text-ink-2">Nothing answers at this address yet, so nothing can break.</p>
      </Card>
    );
  }
  return (
    <Card title={`Difference to live version ${live.version}`} aside={breaking === 0 ? "Nothing breaks" : `${breaking} would break calls`}>
      {changes.length === 0 ? <p className="text-ink-2">Customers send and get the same.</p> : <ChangesList changes={changes} />}
    </Card>
  );
}
