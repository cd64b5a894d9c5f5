import assert from "node:assert/strict";
import { test } from "node:test";
import { URL_OF, setUp } from "./setup.mjs";

const FILE = "/scl/fi/abc/file.bin";
const FOLDER = "/scl/fo/abc/def";
const at = setUp({ TIMEOUT_SECONDS: "0.4", FOLDER_TIMEOUT_SECONDS: "1.5" });

const slowly = (headers) => (_request, response) => {
  response.writeHead(200, headers);
  const drip = setInterval(() => response.write("PK\x03\x04"), 50);
  response.on("close", () => clearInterval(drip));
};

for (const [what, answer] of [
  ["answers nothing", () => {}],
  ["sends headers and no body", (_request, response) => response.writeHead(200).flushHeaders()],
  ["drips a body of declared length", slowly({ "Content-Length": 1_000_000 })],
  ["drips a body of undeclared length", slowly({})],
  [
    "redirects slowly for ever",
    (_request, response) => {
      setTimeout(() => response.writeHead(302, { Location: FILE }).end(), 150);
    },
  ],
]) {
  test(`a source that ${what} is given up in time`, async () => {
    let gone;
    const closed = new Promise((resolve) => (gone = resolve));
    at.source.answers.set(FILE, (request, response) => {
      response.on("close", gone);
      answer(request, response);
    });
    const begun = Date.now();
    const { status, json } = await at.order();
    const error = "the transfer took longer than 0.4 s";
    assert.deepEqual([status, json], [504, { success: false, error }]);
    assert.ok(Date.now() - begun < 1400);
    assert.equal(await at.stored(), null);
    await closed;
  });
}

test("a shared folder has more time, and not for ever", async () => {
  at.source.answers.set(FOLDER, (_request, response) => {
    response.writeHead(200, { "Content-Type": "application/zip" });
    setTimeout(() => response.end("PK\x03\x04"), 700);
  });
  assert.equal((await at.order({ source_url: URL_OF.folder })).status, 200);
  at.source.answers.set(FOLDER, slowly({ "Content-Type": "application/zip" }));
  const key = "dropbox/01234567/89abcdef/slow";
  const { status, json } = await at.order({ source_url: URL_OF.folder, object_key: key });
  assert.deepEqual([status, json.error], [504, "the transfer took longer than 1.5 s"]);
});

test("a folder's path has more time at Dropbox alone", async () => {
  at.source.answers.set(FOLDER, () => {});
  const answer = await at.order({
    source_url: `https://fromsmash.com${FOLDER}`,
    provider: "fromsmash",
    object_key: "fromsmash/01234567/89abcdef/file",
  });
  assert.equal(answer.json.error, "the transfer took longer than 0.4 s");
});
