import assert from "node:assert/strict";
import { test } from "node:test";
import { cleanUp } from "../src/cleanup.js";
import { KEY, setUp, success } from "./setup.mjs";

const PATH = "/scl/fi/abc/file.bin";
const HOUR = 3_600_000;
const at = setUp();

const put = (key, hours, more = {}) => {
  const expires_at = new Date(Date.now() + hours * HOUR).toISOString();
  return at.bucket.put(key, "old", { customMetadata: { expires_at, ...more } });
};
const keys = async () => (await at.bucket.list()).objects.map(({ key }) => key);
const run = async () => (await at.worker.getWorker()).scheduled({ cron: "17 * * * *" });
const numbered = (n) => `dropbox/${String(n).padStart(8, "0")}/89abcdef/file`;

test("an object that is there is used again, for as long as a new one", async () => {
  await put(KEY, 1, { original_filename: "été.zip" });
  const { status, json } = await at.order();
  assert.deepEqual([status, json], [200, success(KEY, "été.zip")]);
  assert.deepEqual(at.source.seen, []);
  assert.equal(String((await at.stored()).bytes), "old");
  const lease = await at.bucket.head(`.leases/${KEY}`);
  const hours = (Date.parse(lease.customMetadata.expires_at) - Date.now()) / HOUR;
  assert.ok(hours > 23.9 && hours <= 24, `expires in ${hours} h`);
});

test("an object of which nobody says when it expires is fetched anew", async () => {
  await at.bucket.put(KEY, "foreign");
  at.source.file(PATH, "new");
  assert.equal((await at.order()).status, 200);
  assert.equal(String((await at.stored()).bytes), "new");
});

test("an object that has expired, or is about to, is fetched anew", async () => {
  at.source.file(PATH, "new");
  for (const hours of [-1, 0.01]) {
    await put(KEY, hours);
    assert.equal((await at.order()).status, 200);
    const { object, bytes } = await at.stored();
    assert.equal(String(bytes), "new");
    assert.ok(Date.parse(object.customMetadata.expires_at) > Date.now() + 23 * HOUR);
  }
});

test("an object that lives by its lease is used again", async () => {
  await put(KEY, -1);
  await put(`.leases/${KEY}`, 1);
  assert.equal((await at.order()).status, 200);
  assert.equal(String((await at.stored()).bytes), "old");
});

test("the clean-up deletes what has expired and nothing else", async () => {
  await put(numbered(1), -1);
  await put(numbered(2), 1);
  await put(numbered(3), -1);
  await at.bucket.put("somebody/else", "no date");
  await at.bucket.put("somebody/odd", "no date", { customMetadata: { expires_at: "soon" } });
  const { outcome } = await run();
  assert.equal(outcome, "ok");
  assert.deepEqual(await keys(), [numbered(2), "somebody/else", "somebody/odd"]);
});

test("a lease keeps its object, and goes when it is over", async () => {
  await put(numbered(1), -1);
  await put(`.leases/${numbered(1)}`, 1);
  await run();
  assert.deepEqual(await keys(), [`.leases/${numbered(1)}`, numbered(1)]);
  await put(`.leases/${numbered(1)}`, -1);
  await run();
  assert.deepEqual(await keys(), []);
});

test("an object is not older than it was after it was used again", async () => {
  await put(KEY, 1);
  await at.order();
  await put(KEY, -1); // its own time goes by
  await run();
  assert.ok(await at.stored());
});

test("a run goes from page to page", async () => {
  // Where metadata is asked for, R2 lists a hundred objects at a time.
  const all = Array.from({ length: 110 }, (_, n) => put(numbered(n), n === 109 ? -1 : 1));
  await Promise.all(all);
  const first = await at.bucket.list({ include: ["customMetadata"] });
  assert.ok(first.truncated, "all fits into one page");
  assert.equal(await cleanUp(at.bucket), 1);
  assert.equal(await cleanUp(at.bucket, 1), 0);
  assert.ok(await at.bucket.head(".cleanup-position"), "a page alone is not all");
  assert.equal(await cleanUp(at.bucket), 0);
  assert.equal((await keys()).length, 109);
});

test("a run does its share and the next one goes on from there", async () => {
  for (let n = 1; n <= 5; n++) await put(numbered(n), -1);
  assert.equal(await cleanUp(at.bucket, 9, 2), 2);
  assert.deepEqual(await keys(), [".cleanup-position", ...[3, 4, 5].map(numbered)]);
  const position = await (await at.bucket.get(".cleanup-position")).text();
  assert.equal(position, "dropbox/00000002", "anybody may read it: no whole key");
  assert.equal(await cleanUp(at.bucket, 9, 2), 2);
  assert.equal(await cleanUp(at.bucket, 9, 2), 1);
  assert.deepEqual(await keys(), []);
});

test("objects that live by their lease do not keep a run from those behind them", async () => {
  for (let n = 1; n <= 4; n++) await put(numbered(n), -1);
  for (let n = 1; n <= 3; n++) await put(`.leases/${numbered(n)}`, 1);
  for (let time = 0; time < 3; time++) await cleanUp(at.bucket, 9, 2);
  assert.equal(await at.stored(numbered(4)), null);
  assert.ok(await at.stored(numbered(3)));
});
