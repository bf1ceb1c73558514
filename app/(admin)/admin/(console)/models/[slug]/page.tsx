import type { Metadata } from "next";
import Link from "next/link";
import { AnswersChart } from "@/components/admin/models/answers-chart";
import { Availability } from "@/components/admin/models/availability";
import { CardEditor } from "@/components/admin/models/card-editor";
import { Comparison } from "@/components/admin/models/comparison";
import { MoveHistory } from "@/components/admin/models/move-history";
import { ReleaseChips } from "@/components/admin/models/release-chips";
import { VersionsTable } from "@/components/admin/models/versions-table";
import { WhoAnswers } from "@/components/admin/models/who-answers";
import { ConsolePage } from "@/components/admin/shell/console-page";
import { Icon } from "@/components/ui/icon";
import type { ArmTraffic } from "@/lib/contracts/traffic.admin";
import { type ModelPage, readModelPage } from "@/server/admin/models-page";

interface ModelPageProps {
  params: Promise<{ slug: string }>;
}

export async function generateMetadata({ params }: ModelPageProps): Promise<Metadata> {
  return { title: (await params).slug };
}

/** An arm that nobody has called yet. */
function noCalls(version: number, arm: "live" | "candidate"): ArmTraffic {
  const counts = { calls: 0, answered: 0, refused: 0, limited: 0, failed: 0, rows: 0 };
  return { version, arm, ...counts, p50_ms: null, p95_ms: null, p99_ms: null, outputs: [] };
}

function Trial({ model, comparison }: Pick<ModelPage, "model" | "comparison">) {
  const { live, candidate } = model.release;
  const [liveVersion, tried] = [live, candidate].map((wanted) => model.versions.find(({ version }) => version === wanted));
  if (!comparison || !liveVersion || !tried) return null;
  const armOf = (version: number, arm: "live" | "candidate") => {
    return comparison.arms.find((found) => found.version === version && found.arm === arm) ?? noCalls(version, arm);
  };
  const arms = { live: armOf(liveVersion.version, "live"), candidate: armOf(tried.version, "candidate") };
  return (
    <div className="models-grid" data-pair="true">
      <Comparison live={liveVersion} candidate={tried} traffic={{ ...arms, since: comparison.from }} />
      <AnswersChart {...arms} outputs={tried.outputs} />
    </div>
  );
}

export default async function ModelPageOfConsole({ params }: ModelPageProps) {
  const { slug } = await params;
  const { model, comparison, callsOfDay, callsPerHour, canAct } = await readModelPage(slug);
  const { card, release, versions, moves } = model;
  const actions = (
    <>
      <ReleaseChips release={release} />
      {release.live !== null && (
        <Link href={`/models/${slug}`} className="btn btn-quiet" prefetch={false}>
          <Icon name="eye" size={14} />
          Customer page
        </Link>
      )}
      {canAct && (
        <Link href={`/admin/models/upload?model=${slug}`} className="btn" prefetch={false}>
          <Icon name="upload" size={14} />
          Upload version
        </Link>
      )}
    </>
  );
  return (
    <ConsolePage title={card.name} crumbs={[{ href: "/admin/models", title: "Models" }]} actions={actions}>
      <WhoAnswers release={release} versions={versions} callsPerHour={callsPerHour} canAct={canAct} />
      <Trial model={model} comparison={comparison} />
      <VersionsTable release={release} versions={versions} comparedTo={model.compared_to} canAct={canAct} />
      <MoveHistory moves={moves} />
      <Availability release={release} name={card.name} callsOfDay={callsOfDay} canAct={canAct} />
      <CardEditor slug={slug} card={card} revision={model.card_revision} canAct={canAct} />
    </ConsolePage>
  );
}
