/**
 * When an object may go. R2 cannot change the metadata of an object without writing it anew, and
 * to write gigabytes anew takes longer than the relay waits: so a longer life is an empty object
 * beside it, a lease, and the later one of the two dates counts.
 */
const LEASES = ".leases/"; // no provider's name begins with a dot

/** @param {number} time milliseconds since 1970 */
export function expiryMetadata(time) {
  return { expires_at: new Date(time).toISOString() };
}

/**
 * @param {R2Object | null} object with its customMetadata
 * @returns {number} NaN if the object is none of ours
 */
export function ownExpiry(object) {
  return Date.parse(object?.customMetadata?.expires_at ?? "");
}

/**
 * @param {R2Bucket} bucket
 * @param {string} key
 * @param {number} until milliseconds since 1970
 */
export async function extend(bucket, key, until) {
  await bucket.put(LEASES + key, "", { customMetadata: expiryMetadata(until) });
}

/**
 * The object as it is now and when it may go.
 * @param {R2Bucket} bucket
 * @param {string} key
 */
export async function lookUp(bucket, key) {
  const [object, lease] = await Promise.all([bucket.head(key), bucket.head(LEASES + key)]);
  const own = ownExpiry(object);
  return { object, expiresAt: lease ? Math.max(own, ownExpiry(lease)) : own };
}
