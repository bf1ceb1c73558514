import "server-only";
import { database, openIndexed } from "@/server/core/db";
import { bindOperations, type JobRunRecord, type NoticeRecord } from "@/server/modules/operations/collection";

export type { JobRunRecord, NoticeRecord };

const collections = openIndexed(bindOperations);

export async function findNotice(): Promise<NoticeRecord | null> {
  return (await collections()).notices.findById("notice").lean<NoticeRecord>();
}

/** @returns the one that stood there before, or null */
export async function putNotice({ _id, ...record }: NoticeRecord): Promise<NoticeRecord | null> {
  const { notices } = await collections();
  return notices.findOneAndUpdate({ _id }, { $set: record }, { upsert: true, returnDocument: "before" }).lean<NoticeRecord>();
}

/** @returns the one that stood there, or null */
export async function removeNotice(): Promise<NoticeRecord | null> {
  return (await collections()).notices.findOneAndDelete({ _id: "notice" }).lean<NoticeRecord>();
}

/** Stores a run and lets older ones of the same job go. @param kept so many stay */
export async function insertRun(record: JobRunRecord, kept: number): Promise<void> {
  const { runs } = await collections();
  await runs.create(record);
  const { job } = record;
  const [oldest] = await runs.find({ job }, { _id: 1 }).sort({ _id: -1 }).skip(kept).limit(1).lean<{ _id: string }[]>();
  if (oldest) await runs.deleteMany({ job, _id: { $lte: oldest._id } });
}

/** Newest first. */
export async function findRuns(job: string, limit: number): Promise<JobRunRecord[]> {
  return (await collections()).runs.find({ job }).sort({ _id: -1 }).limit(limit).lean<JobRunRecord[]>();
}

/** What the database server says its version is; null where it does not say. */
export async function readServerVersion(): Promise<string | null> {
  const found: unknown = await (await database()).db?.command({ buildInfo: 1 });
  const version = typeof found === "object" && found !== null && "version" in found ? found.version : null;
  return typeof version === "string" ? version : null;
}
