import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { KEY, URL_OF, setUp, success } from "./setup.mjs";

const PATH = "/scl/fi/abc/file.bin";
const FOLDER = "/scl/fo/abc/def";
const MiB = 1024 * 1024;
const ZIP = Buffer.concat([Buffer.from("PK\x03\x04"), randomBytes(5000)]);
const at = setUp({ MAX_BYTES: String(20 * MiB), EXPIRES_HOURS: "2" });

test("a file of declared length is stored as it is", async () => {
  const bytes = randomBytes(5 * MiB);
  at.source.file(PATH, bytes, { "Content-Type": "video/mp4" });
  const { status, json } = await at.order();
  assert.deepEqual([status, json], [200, success(KEY, null)]);
  const { object, bytes: found } = await at.stored();
  assert.ok(found.equals(bytes));
  assert.equal(object.httpMetadata.contentType, "video/mp4");
  assert.deepEqual(at.source.seen, [URL_OF.file]);
});

test("the object says when it expires, its name and its mail", async () => {
  at.source.file(PATH, "x", { "Content-Disposition": 'attachment; filename="Lot 12.mp4"' });
  const { json } = await at.order();
  assert.equal(json.original_filename, "Lot 12.mp4");
  const { customMetadata, httpMetadata } = (await at.stored()).object;
  assert.equal(customMetadata.original_filename, "Lot 12.mp4");
  assert.equal(customMetadata.email_id, "0f7f9b");
  const hours = (Date.parse(customMetadata.expires_at) - Date.now()) / 3_600_000;
  assert.ok(hours > 1.99 && hours <= 2, `expires in ${hours} h`);
  assert.equal(httpMetadata.cacheControl, "private");
  assert.equal(httpMetadata.contentDisposition, "attachment; filename*=UTF-8''Lot%2012.mp4");
});

for (const size of [1, 1024, 5 * MiB - 1, 5 * MiB, 5 * MiB + 1, 17 * MiB, 20 * MiB]) {
  test(`${size} bytes of undeclared length are stored whole`, async () => {
    const bytes = randomBytes(size);
    at.source.chunked(PATH, [bytes.subarray(0, size / 3), bytes.subarray(size / 3)]);
    const { status, json } = await at.order();
    assert.deepEqual([status, json], [200, success(KEY, null)]);
    const { object, bytes: found } = await at.stored();
    assert.ok(found.equals(bytes));
    assert.ok(object.customMetadata.expires_at);
  });
}

test("a compressed answer is stored unpacked", async () => {
  const bytes = Buffer.alloc(100_000, "a");
  at.source.file(PATH, gzipSync(bytes), { "Content-Encoding": "gzip" });
  assert.equal((await at.order()).status, 200);
  assert.ok((await at.stored()).bytes.equals(bytes));
});

test("a file larger than allowed is refused before it is read", async () => {
  at.source.answers.set(PATH, (_request, response) => {
    response.writeHead(200, { "Content-Length": 20 * MiB + 1 });
    response.write("x"); // and nothing more
  });
  const { status, json } = await at.order();
  assert.deepEqual([status, json], [413, { success: false, error: "the file is too large" }]);
});

test("a file of undeclared length is given up where it gets too large", async () => {
  let over;
  const closed = new Promise((resolve) => (over = resolve));
  at.source.answers.set(PATH, (_request, response) => {
    response.writeHead(200);
    response.on("close", over);
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(MiB)));
    };
    response.on("drain", more);
    more();
  });
  const { status, json } = await at.order();
  assert.deepEqual([status, json], [413, { success: false, error: "the file is too large" }]);
  assert.equal(await at.stored(), null);
  await closed; // the source is not left hanging
});

test("a shared folder that is a ZIP is stored", async () => {
  for (const type of ["application/zip", "application/binary", "Application/ZIP; x=y"]) {
    const key = `dropbox/01234567/89abcdef/${type.length}.zip`;
    at.source.file(FOLDER, ZIP, { "Content-Type": type });
    const { status, json } = await at.order({ source_url: URL_OF.folder, object_key: key });
    assert.deepEqual([status, json], [200, success(key, null)]);
    assert.ok((await at.stored(key)).bytes.equals(ZIP));
  }
});

for (const [what, body, type] of [
  ["not by its bytes", "PNG\x03\x04 and more", "application/zip"],
  ["not by its type", ZIP, "image/png"],
  ["shorter than its mark", "PK", "application/zip"],
]) {
  test(`a shared folder that is no ZIP, ${what}, is refused`, async () => {
    at.source.file(FOLDER, body, { "Content-Type": type });
    const { status, json } = await at.order({ source_url: URL_OF.folder });
    assert.deepEqual([status, json], [422, { success: false, error: "the folder is no ZIP" }]);
    assert.equal(await at.stored(), null);
  });
}

for (const [what, body, type] of [
  ["by its type", "hello", "text/html; charset=utf-8"],
  ["by another type", "hello", "application/xhtml+xml"],
  ["by its first bytes", "\ufeff \n<!-- x --><!DOCTYPE HTML><title>Log in", "application/zip"],
]) {
  test(`a page, ${what}, is refused`, async () => {
    at.source.file(PATH, body, { "Content-Type": type });
    const { status, json } = await at.order();
    assert.equal(status, 422);
    assert.deepEqual(json, { success: false, error: "the source is a page, not a file" });
    assert.equal(await at.stored(), null);
  });
}

test("an empty answer is no file", async () => {
  at.source.file(PATH, "");
  assert.equal((await at.order()).status, 422);
  at.source.chunked(PATH, []);
  const { status, json } = await at.order();
  assert.deepEqual([status, json], [422, { success: false, error: "the file is empty" }]);
});

for (const code of [204, 206, 304, 401, 404, 410, 429, 500, 503]) {
  test(`a source that answers ${code} is told of`, async () => {
    at.source.answers.set(PATH, (_request, response) => response.writeHead(code).end());
    const { status, json } = await at.order();
    const error = `the source answered ${code}`;
    assert.deepEqual([status, json], [502, { success: false, error }]);
  });
}

test("a source that hangs up is told of", async () => {
  at.source.answers.set(PATH, (request) => request.socket.destroy());
  const { status, json } = await at.order();
  const error = "the source cannot be reached";
  assert.deepEqual([status, json], [502, { success: false, error }]);
});

for (const [what, headers, before] of [
  ["of declared length", { "Content-Length": 3 * MiB }, MiB],
  ["of undeclared length", {}, MiB],
  ["of undeclared length, after the first part", {}, 10 * MiB],
]) {
  test(`a file ${what} that breaks off leaves nothing behind`, async () => {
    at.source.answers.set(PATH, (request, response) => {
      response.writeHead(200, headers);
      response.write(Buffer.alloc(before, "x"), () => request.socket.destroy());
    });
    const { status, json } = await at.order();
    assert.deepEqual([status, json], [502, { success: false, error: "the transfer broke off" }]);
    assert.equal(await at.stored(), null);
  });
}
