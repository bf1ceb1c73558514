"use client";

import { useState } from "react";
import { ActDialog } from "@/components/admin/models/act-dialog";
import { ActResult } from "@/components/admin/models/act-result";
import { breakingOf } from "@/components/admin/models/candidate-dialogs";
import { type ActState, useAct } from "@/components/admin/models/use-act";
import { VersionDetails } from "@/components/admin/models/version-details";
import { VersionRow } from "@/components/admin/models/version-row";
import { Card } from "@/components/ui/card";
import { Dialog } from "@/components/ui/dialog";
import { ScrollRegion } from "@/components/ui/scroll-region";
import type { ConsoleVersion, ReleaseState } from "@/lib/contracts/releases.admin";
import { consoleApi } from "@/lib/trpc-client.admin";

const heads = ["Version", "State", "Algorithm", "On unseen cases", "Size", "SHA-256", "Added", "By"];

function TableHead() {
  return (
    <thead>
      <tr>
        {heads.map((head) => (
          <th key={head} scope="col" className={head === "Size" ? "number" : undefined}>
            {head}
          </th>
        ))}
        <th scope="col">
          <span className="sr-only">What can be done</span>
        </th>
      </tr>
    </thead>
  );
}

function PublishDialog({ release, state, target }: { release: ReleaseState; state: ActState; target: ConsoleVersion }) {
  const { slug, revision, live } = release;
  const { version } = target;
  const done = `Version ${version} answers everybody now.`;
  return (
    <ActDialog
      state={state}
      asks="publish"
      title={`Publish version ${version}?`}
      verb="Publish"
      breaking={breakingOf(target)}
      onAct={(order) => state.act(() => consoleApi.models.setLive.mutate({ slug, expected: revision, version, ...order }), done)}
    >
      <p>
        Version {version} answers all customers within five seconds{live === null ? "" : `, in place of version ${live}`}.
      </p>
    </ActDialog>
  );
}

interface VersionsTableProps {
  release: ReleaseState;
  versions: readonly ConsoleVersion[];
  comparedTo: number | null;
  canAct: boolean;
}

/** All versions of a model; each can be looked into and, while no candidate runs, put live. */
export function VersionsTable({ release, versions, comparedTo, canAct }: VersionsTableProps) {
  const state = useAct();
  const [opened, setOpened] = useState<ConsoleVersion | null>(null);
  const [target, setTarget] = useState<ConsoleVersion | null>(null);
  const { live, candidate } = release;
  const publish = (version: ConsoleVersion) => {
    setTarget(version);
    state.ask("publish");
  };
  return (
    <Card title="Versions" aside={versions.length === 1 ? "1 version" : `${versions.length} versions`} flush>
      <div className="p-3 empty:hidden">
        <ActResult state={state} />
      </div>
      <ScrollRegion label="Table of versions" className="relative">
        <table className="table list-table keys-table versions-table">
          <TableHead />
          <tbody>
            {versions.map((version) => (
              <VersionRow
                key={version.version}
                version={version}
                release={release}
                canPublish={canAct && candidate === null && live !== version.version}
                onInspect={() => setOpened(version)}
                onPublish={() => publish(version)}
              />
            ))}
          </tbody>
        </table>
      </ScrollRegion>
      <Dialog open={opened !== null} title={`Version ${opened?.version ?? ""}`} onClose={() => setOpened(null)} wide>
        {opened && <VersionDetails version={opened} comparedTo={comparedTo} onClose={() => setOpened(null)} />}
      </Dialog>
      {target && <PublishDialog release={release} state={state} target={target} />}
      {state.dialog}
    </Card>
  );
}
