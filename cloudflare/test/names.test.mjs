import assert from "node:assert/strict";
import { test } from "node:test";
import { contentDisposition, originalFilename } from "../src/filename.js";
import { KEY, setUp } from "./setup.mjs";

for (const [header, name] of [
  [null, null],
  ["", null],
  ["inline", null],
  ["attachment", null],
  ["attachment; filename=", null],
  ['attachment; filename=""', null],
  ["attachment; filename=plain.zip", "plain.zip"],
  ['attachment; filename="two words.zip"', "two words.zip"],
  ['attachment;filename = "tight.zip" ; size=3', "tight.zip"],
  ['attachment; FileName="case.zip"', "case.zip"],
  ['attachment; filename="a; filename=b.zip"', "a; filename=b.zip"],
  ['attachment; x="; filename=evil.zip"; filename="good.zip"', "good.zip"],
  ['attachment; filename="a \\"quoted\\" name.zip"', 'a "quoted" name.zip'],
  ['attachment; filename="first.zip"; filename="second.zip"', "first.zip"],
  ["attachment; filename=\"caf_.zip\"; filename*=UTF-8''caf%C3%A9.zip", "café.zip"],
  ["attachment; filename*=utf-8'fr'%E2%82%AC%20100.zip; filename=e.zip", "€ 100.zip"],
  ["attachment; filename*=ISO-8859-1''caf%E9.zip", "café.zip"],
  ["attachment; filename*=UTF-8''%E6%BC%A2%F0%9F%98%80.zip", "漢😀.zip"],
  ["attachment; filename*=UTF-8''caf%E9.zip; filename=fallback.zip", "fallback.zip"],
  ["attachment; filename*=no-such''x; filename=fallback.zip", "fallback.zip"],
  ["attachment; filename*=nonsense; filename=fallback.zip", "fallback.zip"],
  ["attachment; filename*=UTF-8''caf%C3%A9.zip%", "café.zip%"],
  ['attachment; filename="caf\ufffd.zip"', "caf_.zip"],
  ["attachment; filename*=UTF-8''..%2F..%2Fetc%2Fpasswd", "passwd"],
  ['attachment; filename="C:\\\\Users\\\\me\\\\a.zip"', "a.zip"],
  ["attachment; filename*=UTF-8''a%2F..", null],
  ["attachment; filename=..", null],
  ["attachment; filename*=UTF-8''a%00b%0D%0A.zip", "ab.zip"],
  ["attachment; filename*=UTF-8''a%E2%80%AEpiz.exe", "apiz.exe"],
  [`attachment; filename=${"x".repeat(300)}.zip`, `${"x".repeat(196)}.zip`],
  [`attachment; filename=${"x".repeat(300)}`, "x".repeat(200)],
]) {
  test(`the name in ${JSON.stringify(header)?.slice(0, 70)}`, () => {
    assert.equal(originalFilename(header), name);
  });
}

test("a long header of quotes and backslashes is read at once", () => {
  const begun = Date.now();
  originalFilename(`attachment; filename="${'\\"; a="'.repeat(5000)}`);
  originalFilename(`attachment${"; ".repeat(20_000)}`);
  assert.ok(Date.now() - begun < 1000);
});

test("the name goes out as it came in", () => {
  for (const name of ["a'b(c)*.zip", "漢😀 %.zip", 'q"uo\\te.zip']) {
    const found = originalFilename(contentDisposition(name));
    assert.equal(found, name.split(/[/\\]/).pop());
  }
});

const at = setUp();

test("a name in UTF-8 is answered, stored and kept for the next time", async () => {
  const header = "attachment; filename=\"_.zip\"; filename*=UTF-8''%C3%89t%C3%A9%20%E6%BC%A2.zip";
  at.source.file("/scl/fi/abc/file.bin", "x", { "Content-Disposition": header });
  for (let time = 0; time < 2; time++) {
    const { status, json } = await at.order();
    assert.deepEqual([status, json.original_filename], [200, "Été 漢.zip"]);
  }
  assert.equal((await at.stored(KEY)).object.customMetadata.original_filename, "Été 漢.zip");
  assert.equal(at.source.seen.length, 1);
});

test("a name whose bytes are plain UTF-8 is read", async () => {
  at.source.answers.set("/scl/fi/abc/file.bin", (request) => {
    const disposition = 'Content-Disposition: attachment; filename="été.zip"';
    request.socket.end(`HTTP/1.1 200 OK\r\n${disposition}\r\nContent-Length: 1\r\n\r\nx`);
  });
  assert.equal((await at.order()).json.original_filename, "été.zip");
});
