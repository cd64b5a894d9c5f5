import assert from "node:assert/strict";
import { test } from "node:test";
import { TOKEN } from "./runtime.mjs";
import { KEY, setUp, success } from "./setup.mjs";

const at = setUp();

async function refused(answer, status, error) {
  assert.deepEqual([answer.status, answer.json], [status, { success: false, error }]);
  assert.match(answer.headers.get("Content-Type"), /^application\/json/);
  assert.deepEqual(at.source.seen, [], "the source was asked");
  assert.deepEqual((await at.bucket.list()).objects, []);
}

for (const [what, headers] of [
  ["no token", {}],
  ["an empty token", { "X-R2-FETCH-TOKEN": "" }],
  ["a wrong token", { "X-R2-FETCH-TOKEN": TOKEN.replace(/.$/, "x") }],
  ["the beginning of the token", { "X-R2-FETCH-TOKEN": TOKEN.slice(0, -1) }],
  ["more than the token", { "X-R2-FETCH-TOKEN": `${TOKEN}x` }],
  ["the token elsewhere", { Authorization: `Bearer ${TOKEN}` }],
]) {
  test(`${what} opens nothing`, async () => {
    await refused(await at.post("{", headers), 401, "wrong or missing token");
  });
}

for (const method of ["GET", "PUT", "DELETE", "OPTIONS"]) {
  test(`${method} is not allowed`, async () => {
    const headers = { "X-R2-FETCH-TOKEN": TOKEN, Origin: "https://a.example" };
    const answer = await at.post(undefined, headers, method);
    await refused(answer, 405, "only POST");
    assert.equal(answer.headers.get("Allow"), "POST");
    assert.equal(answer.headers.get("Access-Control-Allow-Origin"), null);
  });
}

for (const body of ["", "{", "source_url=x", '{"a": "\xff"}']) {
  test(`the body ${JSON.stringify(body)} is no JSON`, async () => {
    await refused(await at.post(Buffer.from(body, "latin1")), 400, "the body is no JSON");
  });
}

test("JSON that is no object, or has other types, is refused", async () => {
  for (const body of ["null", "[]", "3", '"text"']) {
    await refused(await at.post(body), 400, "source_url is no text");
  }
  for (const name of ["source_url", "object_key", "bucket", "provider"]) {
    for (const value of [undefined, null, "", 3, ["x"], {}]) {
      await refused(await at.order({ [name]: value }), 400, `${name} is no text`);
    }
  }
});

test("a body that is too large is refused", async () => {
  await refused(await at.order({ email_id: "x".repeat(40_000) }), 413, "the body is too large");
});

test("another bucket and an unknown provider are refused", async () => {
  await refused(await at.order({ bucket: "other" }), 400, "bucket is not ours");
  for (const provider of ["evil", "Dropbox", "constructor", "__proto__"]) {
    await refused(await at.order({ provider }), 400, "provider is not known");
  }
});

for (const key of [
  "file",
  "/dropbox/01234567/89abcdef/file",
  "fromsmash/01234567/89abcdef/file",
  "dropbox/0123456/89abcdef/file",
  "dropbox/01234567/89ABCDEF/file",
  "dropbox/01234567/89abcdeg/file",
  "dropbox/01234567/89abcdef/",
  "dropbox/01234567/89abcdef/a/b",
  "dropbox/01234567/89abcdef/..",
  "dropbox/01234567/89abcdef/.",
  "dropbox/01234567/../../89abcdef/file",
  "dropbox/01234567/89abcdef/..\\file",
  "dropbox/01234567/89abcdef/fi\nle",
  "dropbox/01234567/89abcdef/file\n",
  "dropbox/01234567/89abcdef/fi\0le",
  `dropbox/01234567/89abcdef/${"é".repeat(500)}`,
  ".leases/dropbox/01234567/89abcdef/file",
]) {
  test(`the key ${JSON.stringify(key).slice(0, 50)} is refused`, async () => {
    const answer = await at.order({ object_key: key });
    await refused(answer, 400, "object_key is not {provider}/{8 hex}/{8 hex}/{filename}");
  });
}

for (const [name, inUrl] of [
  ["..file", "..file"],
  ["Été n° 1.zip", "%C3%89t%C3%A9%20n%C2%B0%201.zip"],
  ["50% #1?.zip", "50%25%20%231%3F.zip"],
  ["a+b&c='d'.zip", "a+b&c='d'.zip"],
]) {
  test(`the key of ${name} becomes a URL that leads to it`, async () => {
    const prefix = KEY.replace(/[^/]*$/, "");
    at.source.file("/scl/fi/abc/file.bin", "x");
    const { status, json } = await at.order({ object_key: prefix + name });
    assert.deepEqual([status, json], [200, success(prefix + inUrl, null)]);
    assert.equal(decodeURIComponent(new URL(json.r2_url).pathname), `/${prefix}${name}`);
    assert.ok(await at.stored(prefix + name));
  });
}
