import "server-only";
import { database, isDuplicateKey, openIndexed } from "@/server/core/db";
import { bindOperations, type JobRunRecord, type NoticeRecord } from "@/server/modules/operations/collection";

export type { JobRunRecord, NoticeRecord };

const collections = openIndexed(bindOperations);

export async function findNotice(): Promise<NoticeRecord | null> {
  return (await collections()).notices.findById("notice").lean<NoticeRecord>();
}

/** Puts the first notice there. @returns false when there is one already */
export async function insertNotice(record: NoticeRecord): Promise<boolean> {
  const { notices } = await collections();
  try {
    await notices.create(record);
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

/** Puts a notice in place of the one that was written at `seen`. @returns that one; null when it is not there any more */
export async function replaceNotice({ _id, ...record }: NoticeRecord, seen: Date): Promise<NoticeRecord | null> {
  const { notices } = await collections();
  return notices.findOneAndUpdate({ _id, changedAt: seen }, { $set: record }, { returnDocument: "before" }).lean<NoticeRecord>();
}

/** @param seen when the notice was written; null: whenever @returns the one that is gone now; null when there was none like it */
export async function removeNotice(seen: Date | null): Promise<NoticeRecord | null> {
  const { notices } = await collections();
  return notices.findOneAndDelete({ _id: "notice", ...(seen && { changedAt: seen }) }).lean<NoticeRecord>();
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
