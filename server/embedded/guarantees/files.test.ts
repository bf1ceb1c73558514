import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import mongoose from "mongoose";
import { describe, expect, it } from "vitest";
import { useRunningServer } from "./running-server";
import { failureOf } from "./support";

const server = useRunningServer();
type Bucket = mongoose.mongo.GridFSBucket;
type FileId = mongoose.mongo.ObjectId;

function openBucket(bucketName: string, chunkSizeBytes = 1000): Bucket {
  return new mongoose.mongo.GridFSBucket(server.client.db("files"), { bucketName, chunkSizeBytes });
}

async function upload(bucket: Bucket, name: string, bytes: Buffer, metadata = {}): Promise<FileId> {
  const stream = bucket.openUploadStream(name, { metadata });
  await pipeline(Readable.from([bytes]), stream);
  return stream.id;
}

async function collect(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part as Uint8Array);
  return Buffer.concat(parts);
}

const makeBytes = (size: number) => Buffer.from(Array.from({ length: size }, (_, i) => (i * 31) % 251));

describe("GridFS", () => {
  it.each([0, 1, 999, 1000, 1001, 25_500])("gives back a file of %i bytes as it was stored", async (size) => {
    const bucket = openBucket(`sizes${size}`);
    const bytes = makeBytes(size);
    const id = await upload(bucket, "a.bin", bytes, { kind: "model" });
    expect((await collect(bucket.openDownloadStream(id))).equals(bytes)).toBe(true);
    const [file] = await bucket.find({ "metadata.kind": "model" }).toArray();
    expect(file).toMatchObject({ _id: id, length: size, chunkSize: 1000, filename: "a.bin" });
    const chunks = server.client.db("files").collection(`sizes${size}.chunks`);
    expect(await chunks.countDocuments({ files_id: id })).toBe(Math.ceil(size / 1000));
  });

  it("gives a part of a file, and the newest file of a name", async () => {
    const bucket = openBucket("parts");
    const bytes = makeBytes(5000);
    const id = await upload(bucket, "a.bin", bytes);
    const part = await collect(bucket.openDownloadStream(id, { start: 990, end: 3010 }));
    expect(part.equals(bytes.subarray(990, 3010))).toBe(true);
    await upload(bucket, "a.bin", Buffer.from("new"));
    expect((await collect(bucket.openDownloadStreamByName("a.bin"))).toString()).toBe("new");
    expect((await collect(bucket.openDownloadStreamByName("a.bin", { revision: 0 }))).length).toBe(5000);
  });

  it("renames a file, deletes it with all its chunks, and drops the bucket", async () => {
    const bucket = openBucket("gone");
    const id = await upload(bucket, "a.bin", makeBytes(3500));
    const other = await upload(bucket, "b.bin", makeBytes(1500));
    await bucket.rename(id, "c.bin");
    expect((await bucket.find({}, { sort: { filename: 1 } }).toArray()).map(({ filename }) => filename)).toEqual(["b.bin", "c.bin"]);
    await bucket.delete(id);
    await expect(collect(bucket.openDownloadStream(id))).rejects.toThrow(/FileNotFound/);
    await expect(bucket.delete(id)).rejects.toThrow(/File not found/);
    const db = server.client.db("files");
    expect(await db.collection("gone.chunks").distinct("files_id")).toEqual([other]);
    await bucket.drop();
    expect(await db.listCollections({ name: /^gone/ }).toArray()).toEqual([]);
  });

  it("leaves nothing of an upload that is given up, and no chunk is stored twice", async () => {
    const bucket = openBucket("broken");
    const stream = bucket.openUploadStream("a.bin");
    await new Promise((resolve) => stream.write(makeBytes(3000), resolve));
    await stream.abort();
    const db = server.client.db("files");
    expect(await db.collection("broken.chunks").countDocuments()).toBe(0);
    const id = await upload(bucket, "b.bin", makeBytes(10));
    const again = db.collection("broken.chunks").insertOne({ files_id: id, n: 0, data: Buffer.alloc(1) });
    expect((await failureOf(again)).code).toBe(11000);
  });
});
