import { contentDisposition } from "./filename.js";
import { Refusal } from "./refusal.js";
import { expiryMetadata, extend, lookUp } from "./expiry.js";
import { readUpTo } from "./source.js";

// R2 wants parts of one size, 5 MiB at least, and may be asked a thousand times in a call, which
// makes 5 GB. No more than that, because an isolate has 128 MB for all transfers in it.
const PART_BYTES = 5 * 1024 * 1024;
// An object that is about to expire is fetched again: the clean-up may be at it.
const MARGIN = 60_000;

/**
 * The original name of an object that is there already, and there it stays; undefined if none is.
 * @param {import("./settings.js").Settings} settings
 * @param {string} key
 * @returns {Promise<{originalFilename: string | null} | undefined>}
 */
export async function reuse({ bucket, lifetime }, key) {
  const { object, expiresAt } = await lookUp(bucket, key);
  const now = Date.now();
  if (!object || !(expiresAt > now + Math.min(MARGIN, lifetime / 10))) return undefined;
  await extend(bucket, key, now + lifetime);
  return { originalFilename: object.customMetadata?.original_filename ?? null };
}

/**
 * Nothing is there afterwards if it fails.
 * @param {import("./settings.js").Settings} settings
 * @param {import("./order.js").Order} order
 * @param {import("./source.js").SourceFile} file
 * @param {AbortSignal} signal
 */
export async function store(settings, order, file, signal) {
  const options = describe(settings, order, file);
  try {
    if (file.length === null) await storeInParts(settings, order.key, file, options);
    else await storeStream(settings.bucket, order.key, file, options, signal);
  } catch (error) {
    if (error instanceof Refusal || signal.aborted) throw error;
    console.warn("transfer broken", order.key, error);
    throw new Refusal(502, "the transfer broke off");
  }
}

function describe({ lifetime }, { emailId }, { contentType, originalFilename }) {
  const name = originalFilename ? { original_filename: originalFilename } : {};
  return {
    httpMetadata: {
      contentType,
      contentDisposition: contentDisposition(originalFilename),
      cacheControl: "private", // no cache on the way shows it after its time
    },
    customMetadata: { ...expiryMetadata(Date.now() + lifetime), ...name, email_id: emailId },
  };
}

/** The bytes go from socket to socket without passing through this script. */
async function storeStream(bucket, key, { head, reader, length, body }, options, signal) {
  const { readable, writable } = new FixedLengthStream(length);
  await Promise.all([bucket.put(key, readable, options), pump()]);

  async function pump() {
    const writer = writable.getWriter();
    await writer.write(head);
    writer.releaseLock();
    reader.releaseLock();
    await body.pipeTo(writable, { signal });
  }
}

async function storeInParts({ bucket, maxBytes }, key, { head, reader }, options) {
  const first = await fill(reader, head);
  if (first.length > maxBytes) throw tooLarge();
  if (first.length < PART_BYTES) {
    await bucket.put(key, first, options);
    return;
  }
  const upload = await bucket.createMultipartUpload(key, options);
  try {
    await upload.complete(await uploadParts(upload, first, reader, maxBytes));
  } catch (error) {
    await upload.abort();
    throw error;
  }
}

async function uploadParts(upload, first, reader, maxBytes) {
  const parts = [];
  let size = 0;
  for (let part = first; part.length > 0; part = await readUpTo(reader, PART_BYTES)) {
    size += part.length;
    if (size > maxBytes) throw tooLarge();
    parts.push(await upload.uploadPart(parts.length + 1, part));
  }
  return parts;
}

async function fill(reader, head) {
  const rest = await readUpTo(reader, PART_BYTES - head.length);
  const part = new Uint8Array(head.length + rest.length);
  part.set(head);
  part.set(rest, head.length);
  return part;
}

function tooLarge() {
  return new Refusal(413, "the file is too large");
}
