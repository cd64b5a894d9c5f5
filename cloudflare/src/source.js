import { originalFilename } from "./filename.js";
import { redirectUrl } from "./providers.js";
import { Refusal } from "./refusal.js";

const MAX_REDIRECTS = 6;
const REDIRECTS = [301, 302, 303, 307, 308];
const SNIFF_BYTES = 1024;
const HTML_TYPES = ["text/html", "application/xhtml+xml"];
const HTML_START = /^\s*(?:<!--[^]*?-->\s*)*<(?:!doctype\s+html|html)\b/i;
// The last two say "some bytes"; then the bytes themselves decide.
const ZIP_TYPES = [
  "application/zip",
  "application/x-zip",
  "application/x-zip-compressed",
  "application/octet-stream",
  "application/binary",
];

/**
 * @typedef {object} SourceFile
 * @property {Uint8Array} head the first bytes
 * @property {ReadableStream} body all others, read by
 * @property {ReadableStreamBYOBReader} reader
 * @property {number | null} length of the whole, null when the source does not say
 * @property {string} contentType
 * @property {string | null} originalFilename
 */

/**
 * The file behind the link, checked as far as its first bytes tell.
 * @param {import("./order.js").Order} order
 * @param {number} maxBytes
 * @param {AbortSignal} signal ends it all, also the reading of the body
 * @returns {Promise<SourceFile>}
 */
export async function openSource(order, maxBytes, signal) {
  const response = await follow(order, signal);
  const file = checkedHeaders(response, order.isFolder, maxBytes);
  file.head = await readUpTo(file.reader, Math.min(SNIFF_BYTES, file.length ?? SNIFF_BYTES));
  checkHead(file.head, order.isFolder);
  return file;
}

async function follow({ source, provider }, signal) {
  let url = source;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const response = await ask(url, signal);
    if (!REDIRECTS.includes(response.status)) return response;
    await response.body?.cancel();
    url = redirectUrl(response.headers.get("Location") ?? "", url, provider);
  }
  throw new Refusal(502, "the source redirects too often");
}

async function ask(url, signal) {
  const headers = { Accept: "*/*", "Accept-Encoding": "identity", "User-Agent": "render-signal" };
  try {
    return await fetch(url, { headers, redirect: "manual", signal });
  } catch (error) {
    if (signal.aborted) throw error;
    console.warn("source unreachable", url.hostname, error);
    throw new Refusal(502, "the source cannot be reached");
  }
}

function checkedHeaders(response, isFolder, maxBytes) {
  const { headers, body } = response;
  if (response.status !== 200) throw new Refusal(502, `the source answered ${response.status}`);
  const contentType = headers.get("Content-Type") ?? "application/octet-stream";
  const type = contentType.split(";")[0].trim().toLowerCase();
  if (HTML_TYPES.includes(type)) throw new Refusal(422, "the source is a page, not a file");
  if (isFolder && !ZIP_TYPES.includes(type)) throw new Refusal(422, "the folder is no ZIP");
  const length = declaredLength(headers);
  if (length > maxBytes) throw new Refusal(413, "the file is too large");
  if (length === 0 || !body) throw new Refusal(422, "the file is empty");
  const name = originalFilename(headers.get("Content-Disposition"));
  const reader = body.getReader({ mode: "byob" });
  return { head: new Uint8Array(0), body, reader, length, contentType, originalFilename: name };
}

/** A compressed answer is unpacked for us: its Content-Length is another one. */
function declaredLength(headers) {
  const encoding = headers.get("Content-Encoding") ?? "identity";
  const length = headers.get("Content-Length") ?? "";
  return encoding === "identity" && /^\d+$/.test(length) ? Number(length) : null;
}

function checkHead(head, isFolder) {
  if (head.length === 0) throw new Refusal(422, "the file is empty");
  if (HTML_START.test(new TextDecoder().decode(head))) {
    throw new Refusal(422, "the source is a page, not a file");
  }
  if (isFolder && !isZip(head)) throw new Refusal(422, "the folder is no ZIP");
}

/** PK and the mark of a first entry, or of an archive without any. */
function isZip([p, k, third, fourth]) {
  const mark = `${third},${fourth}`;
  return p === 0x50 && k === 0x4b && (mark === "3,4" || mark === "5,6");
}

/**
 * Exactly so many bytes, fewer only at the end of the stream.
 * @param {ReadableStreamBYOBReader} reader
 * @param {number} size
 * @returns {Promise<Uint8Array>}
 */
export async function readUpTo(reader, size) {
  const { value } = await reader.readAtLeast(size, new Uint8Array(size));
  return value ?? new Uint8Array(0);
}
