import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import worker from "../src/index.js";
import { BUCKET_NAME, TOKEN, startWorker } from "./runtime.mjs";
import { KEY, setUp } from "./setup.mjs";

const ENV = {
  BUCKET: {},
  R2_BUCKET_NAME: "b",
  R2_FETCH_TOKEN: "t",
  R2_PUBLIC_BASE_URL: "https://files.example.org/",
};

async function ask(env) {
  const context = { waitUntil() {} };
  const answer = await worker.fetch(new Request("https://worker.example/"), env, context);
  return [answer.status, await answer.json()];
}

for (const name of Object.keys(ENV)) {
  test(`without ${name} nothing is done, and the answer says why`, async () => {
    const error = `the Worker lacks its setting ${name}`;
    assert.deepEqual(await ask({ ...ENV, [name]: "" }), [500, { success: false, error }]);
  });
}

for (const value of ["0", "-1", "many", "Infinity", ""]) {
  test(`EXPIRES_HOURS=${value} is no number above 0`, async () => {
    const [status, { error }] = await ask({ ...ENV, EXPIRES_HOURS: value });
    assert.equal(status, 500);
    assert.equal(error, "the Worker's setting EXPIRES_HOURS is no number above 0");
  });
}

test("with its settings it answers", async () => {
  assert.equal((await ask(ENV))[0], 405);
});

test("the guide and the configuration name each setting", () => {
  const read = (path) => readFileSync(new URL(path, import.meta.url), "utf8");
  const names = new Set(read("../src/settings.js").match(/(?<=env, ")[A-Z0-9_]+/g));
  assert.equal(names.size, 8);
  for (const path of ["../README.md", "../wrangler.toml"]) {
    const lacking = [...names].filter((name) => !read(path).includes(name));
    assert.deepEqual(lacking, [], path);
  }
});

const at = setUp({ R2_PUBLIC_BASE_URL: "https://files.example.org/folder/" });

test("a slash at the end of the public address is not doubled", async () => {
  at.source.file("/scl/fi/abc/file.bin", "x");
  assert.equal((await at.order()).json.r2_url, `https://files.example.org/folder/${KEY}`);
});

test("what nobody has thought of is an answer too, and shows nothing of the inside", async () => {
  const worker = await startWorker("127.0.0.1:9", { BUCKET: "no bucket" }, { r2Buckets: {} });
  try {
    const fields = { source_url: "https://dropbox.com/x", object_key: KEY, provider: "dropbox" };
    const answer = await worker.dispatchFetch("https://worker.example/", {
      method: "POST",
      headers: { "X-R2-FETCH-TOKEN": TOKEN },
      body: JSON.stringify({ ...fields, bucket: BUCKET_NAME, email_id: "m" }),
    });
    assert.match(answer.headers.get("Content-Type"), /^application\/json/);
    const error = "the Worker failed";
    assert.deepEqual([answer.status, await answer.json()], [500, { success: false, error }]);
  } finally {
    await worker.dispose();
  }
});
