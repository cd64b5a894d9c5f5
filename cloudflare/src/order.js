import { PROVIDER_NAMES, isSharedFolder, sourceUrl } from "./providers.js";
import { Refusal } from "./refusal.js";

const MAX_BODY_BYTES = 32_768;
const MAX_KEY_BYTES = 1024; // R2's own limit
const KEY = /^([a-z]+)\/[0-9a-f]{8}\/[0-9a-f]{8}\/([^/\\\p{Cc}\p{Cs}\u2028\u2029]+)$/u;
const FIELDS = ["source_url", "object_key", "bucket", "provider"];
const MAX_EMAIL_ID_LENGTH = 200;

/**
 * @typedef {object} Order
 * @property {URL} source
 * @property {import("./providers.js").Provider} provider
 * @property {boolean} isFolder
 * @property {string} key
 * @property {string} emailId noted beside the file, so that a person finds its mail
 */

/**
 * Checks all that the caller sends; whoever has no token learns nothing else.
 * @param {Request} request
 * @param {import("./settings.js").Settings} settings
 * @returns {Promise<Order>}
 */
export async function readOrder(request, settings) {
  if (request.method !== "POST") throw new Refusal(405, "only POST", { Allow: "POST" });
  const token = request.headers.get("X-R2-FETCH-TOKEN") ?? "";
  if (!(await areEqual(token, settings.token))) throw new Refusal(401, "wrong or missing token");
  return checked(await readFields(request), settings);
}

/** Takes the same time wherever they differ: equal lengths by hashing, then no early end. */
async function areEqual(left, right) {
  const hash = (text) => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return crypto.subtle.timingSafeEqual(await hash(left), await hash(right));
}

async function readFields(request) {
  let fields;
  try {
    fields = JSON.parse(await boundedText(request));
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(400, "the body is no JSON");
  }
  for (const name of FIELDS) {
    const value = fields?.[name];
    if (typeof value !== "string" || !value) throw new Refusal(400, `${name} is no text`);
  }
  return fields;
}

async function boundedText(request) {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_BODY_BYTES) throw new Refusal(413, "the body is too large");
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function checked(fields, settings) {
  const { provider, object_key: key } = fields;
  if (fields.bucket !== settings.bucketName) throw new Refusal(400, "bucket is not ours");
  if (!PROVIDER_NAMES.includes(provider)) throw new Refusal(400, "provider is not known");
  const [, keyProvider, fileName] = KEY.exec(key) ?? [];
  const isTraversal = fileName === "." || fileName === "..";
  const bytes = new TextEncoder().encode(key).length;
  if (keyProvider !== provider || isTraversal || bytes > MAX_KEY_BYTES) {
    throw new Refusal(400, "object_key is not {provider}/{8 hex}/{8 hex}/{filename}");
  }
  const source = sourceUrl(fields.source_url, provider);
  const emailId = String(fields.email_id ?? "").slice(0, MAX_EMAIL_ID_LENGTH);
  return { source, provider, key, emailId, isFolder: isSharedFolder(source, provider) };
}
