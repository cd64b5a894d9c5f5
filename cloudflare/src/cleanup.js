import { lookUp, ownExpiry } from "./expiry.js";

// One run may ask R2 a thousand times: a list and a deletion per page (of a hundred objects or
// more), two looks per suspect.
const MAX_PAGES = 150;
const MAX_SUSPECTS = 300;
// Where the next run goes on. It bears no date, so it is never deleted as a file.
const POSITION = ".cleanup-position";

/**
 * Delete what has expired. A run that has done its share leaves the rest to the next one.
 * @param {R2Bucket} bucket
 * @returns {Promise<number>} how many were deleted
 */
export async function cleanUp(bucket, maxPages = MAX_PAGES, maxSuspects = MAX_SUSPECTS) {
  let startAfter = await (await bucket.get(POSITION))?.text();
  let deleted = 0;
  let left = maxSuspects;
  for (let page = 0; page < maxPages && left > 0; page++) {
    const list = await bucket.list({ startAfter, include: ["customMetadata"] });
    const suspects = list.objects.filter((object) => ownExpiry(object) <= Date.now());
    const looked = suspects.slice(0, left);
    left -= looked.length;
    deleted += await deleteExpired(bucket, looked);
    const wholePage = looked.length === suspects.length;
    if (wholePage && !list.truncated) {
      await bucket.delete(POSITION);
      return deleted;
    }
    startAfter = (wholePage ? list.objects : looked).at(-1)?.key ?? startAfter;
  }
  await bucket.put(POSITION, publicPart(startAfter));
  return deleted;
}

/** Who knows a whole key can read the file, and the position may be read by anybody. */
function publicPart(key) {
  return key.replace(/(\/[0-9a-f]{8})\/[0-9a-f]{8}\/[^/]*$/, "$1");
}

/** Looks at each once more: it may have got a lease, or been written anew. */
async function deleteExpired(bucket, suspects) {
  const expired = [];
  for (const { key } of suspects) {
    const { object, expiresAt } = await lookUp(bucket, key);
    if (object && expiresAt <= Date.now()) expired.push(key);
  }
  if (expired.length > 0) await bucket.delete(expired);
  return expired.length;
}
