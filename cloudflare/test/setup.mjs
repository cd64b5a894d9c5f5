import { after, before, beforeEach } from "node:test";
import { Source } from "./source.mjs";
import { BUCKET_NAME, PUBLIC_BASE_URL, TOKEN, startWorker } from "./runtime.mjs";

export const KEY = "dropbox/01234567/89abcdef/file";
export const URL_OF = {
  file: "https://www.dropbox.com/scl/fi/abc/file.bin?rlkey=k&dl=1",
  folder: "https://www.dropbox.com/scl/fo/abc/def?rlkey=k&dl=1",
};

/**
 * One Worker and one source for all tests of a file; the bucket is empty at the start of each.
 * @param {Record<string, string>} [variables]
 */
export function setUp(variables) {
  const at = { source: new Source(), worker: null, bucket: null, order, post, stored };

  before(async () => {
    at.worker = await startWorker(await at.source.listen(), variables);
    at.bucket = await at.worker.getR2Bucket("BUCKET");
  });
  beforeEach(async () => {
    at.source.answers.clear();
    at.source.seen.length = 0;
    const { objects } = await at.bucket.list();
    await at.bucket.delete(objects.map(({ key }) => key));
  });
  after(async () => {
    await at.worker.dispose();
    await at.source.close();
  });
  return at;

  /** Post an order that is right but for the fields given; undefined leaves a field out. */
  function order(fields = {}) {
    const right = { source_url: URL_OF.file, object_key: KEY, bucket: BUCKET_NAME };
    const more = { provider: "dropbox", email_id: "0f7f9b" };
    return post(JSON.stringify({ ...right, ...more, ...fields }));
  }

  async function post(body, headers = { "X-R2-FETCH-TOKEN": TOKEN }, method = "POST") {
    const init = { method, headers, body };
    const answer = await at.worker.dispatchFetch("https://worker.example/", init);
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, json: JSON.parse(text) };
  }

  async function stored(key = KEY) {
    const object = await at.bucket.get(key);
    return object && { object, bytes: Buffer.from(await object.arrayBuffer()) };
  }
}

export const success = (key, name) => ({
  success: true,
  r2_url: `${PUBLIC_BASE_URL}/${key}`,
  original_filename: name,
});
