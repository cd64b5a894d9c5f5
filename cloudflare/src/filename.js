const MAX_LENGTH = 200;
const PARAMETER = /;\s*([\w!#$&+.^`|~*-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)/gs;
const EXTENDED = /^([\w-]+)'[\w-]*'(.*)$/s;
// Control characters, and those that turn the direction of the text ("gpj.exe" shown as "exe.jpg").
const INVISIBLE = /[\p{Cc}\p{Cs}\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu;

/**
 * The name that a Content-Disposition gives (RFC 6266), safe as a name in any folder.
 * `filename*` wins over `filename`.
 * @param {string | null} header
 * @returns {string | null}
 */
export function originalFilename(header) {
  const values = new Map();
  for (const [, name, value] of (header ?? "").matchAll(PARAMETER)) {
    const lower = name.toLowerCase();
    if (!values.has(lower)) values.set(lower, unquoted(value.trim()));
  }
  return safe(extended(values.get("filename*"))) ?? safe(values.get("filename"));
}

/**
 * The header under which the stored object is downloaded again.
 * @param {string | null} name
 */
export function contentDisposition(name) {
  if (!name) return "attachment";
  const encoded = encodeURIComponent(name).replace(/['()*]/g, (c) => `%${hex(c)}`);
  return `attachment; filename*=UTF-8''${encoded}`;
}

function hex(character) {
  return character.charCodeAt(0).toString(16);
}

function unquoted(value) {
  return value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/gs, "$1") : value;
}

/** charset'language'percent-encoded (RFC 5987) */
function extended(value) {
  const [, charset, text] = EXTENDED.exec(value ?? "") ?? [];
  if (text === undefined) return undefined;
  const latin = text.replace(/%([0-9a-f]{2})/gi, (_, code) => String.fromCharCode(`0x${code}`));
  if (/[^\0-\xff]/.test(latin)) return undefined;
  const bytes = Uint8Array.from(latin, (character) => character.charCodeAt(0));
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes);
  } catch {
    return undefined; // an unknown charset, or not what it says
  }
}

function safe(name) {
  const visible = (name ?? "").replace(INVISIBLE, "").replaceAll("\ufffd", "_");
  const last = visible.split(/[/\\]/).pop().trim();
  if (/^\.*$/.test(last)) return null;
  return shortened(last);
}

function shortened(name) {
  const characters = [...name];
  if (characters.length <= MAX_LENGTH) return name;
  const dot = characters.lastIndexOf(".");
  const ending = dot > 0 && characters.length - dot <= 20 ? characters.slice(dot) : [];
  return [...characters.slice(0, MAX_LENGTH - ending.length), ...ending].join("");
}
