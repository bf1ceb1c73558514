import Link from "next/link";
import type { ReactNode } from "react";
import { CopyCall } from "@/components/predict/copy-call";
import { NavLink } from "@/components/shell/nav-link";
import { Icon } from "@/components/ui/icon";
import { readModel } from "@/server/site/models";
import { readOrigin } from "@/server/site/request";

interface ModelLayoutProps {
  children: ReactNode;
  params: Promise<{ slug: string }>;
}

export default async function ModelLayout({ children, params }: ModelLayoutProps) {
  const { slug } = await params;
  const [{ card, live }, origin] = await Promise.all([readModel(slug), readOrigin()]);
  const home = `/models/${slug}`;
  return (
    <>
      <nav className="flex items-center gap-2 pt-4 text-[13px] text-ink-3" aria-label="Breadcrumb">
        <Link href="/" className="hover:text-ink" prefetch={false}>
          Models
        </Link>
        <Icon name="chevron-right" size={12} />
        <span aria-current="page">{card.name}</span>
      </nav>
      <div className="mt-1 flex flex-wrap items-end justify-between gap-3">
        <div>
          <h1>{card.name}</h1>
          <p className="mt-0.5 text-ink-2">{card.pitch}</p>
        </div>
        <CopyCall model={slug} schema={live.schema} first={live.examples[0]?.input ?? {}} origin={origin} />
      </div>
      <nav className="tabs mt-2" aria-label="Model">
        <NavLink href={home} keepsQuery>
          Try it
        </NavLink>
        <NavLink href={`${home}/api`}>API</NavLink>
        <NavLink href={`${home}/about`}>About</NavLink>
      </nav>
      {children}
    </>
  );
}
