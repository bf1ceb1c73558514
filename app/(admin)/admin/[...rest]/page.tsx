import { notFound } from "next/navigation";
import { requireOperator } from "@/server/admin/session";

interface NowherePageProps {
  params: Promise<{ rest: string[] }>;
}

/** Every address of the console that is none: operators are told so, everybody else is asked to sign in as anywhere else. */
export default async function NowherePage({ params }: NowherePageProps) {
  const { rest } = await params;
  await requireOperator(`/admin/${rest.join("/")}`);
  notFound();
}
