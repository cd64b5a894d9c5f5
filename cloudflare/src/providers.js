import { Refusal } from "./refusal.js";

const MAX_URL_LENGTH = 4000;
// The URL parser drops or turns these silently, so what we judge would not be what was sent.
const UNTIDY = /[\s\\\p{Cc}]/u;

/**
 * Who may be asked for files. `hosts` are where a link may begin; `content` is where the provider
 * may send us on to, besides. Each is meant with all that is below it. A redirect stays with its
 * provider. Hosts that others can rent a place on (S3, CloudFront) are not here on purpose:
 * with them a redirect could lead to a stranger's server.
 */
const PROVIDERS = {
  dropbox: { hosts: ["dropbox.com"], content: ["dropboxusercontent.com"] },
  fromsmash: { hosts: ["fromsmash.com"], content: ["fromsmash.co"] },
  swisstransfer: { hosts: ["swisstransfer.com"], content: [] },
  wetransfer: { hosts: ["wetransfer.com"], content: [] },
};

/** @typedef {keyof typeof PROVIDERS} Provider */

export const PROVIDER_NAMES = /** @type {Provider[]} */ (Object.keys(PROVIDERS));

/**
 * @param {string} text
 * @param {Provider} provider
 * @returns {URL}
 */
export function sourceUrl(text, provider) {
  return allowed(text, undefined, PROVIDERS[provider].hosts);
}

/**
 * @param {string} location as the provider wrote it
 * @param {URL} from
 * @param {Provider} provider
 * @returns {URL}
 */
export function redirectUrl(location, from, provider) {
  const { hosts, content } = PROVIDERS[provider];
  return allowed(location, from, [...hosts, ...content]);
}

/**
 * @param {URL} source
 * @param {Provider} provider
 */
export function isSharedFolder(source, provider) {
  return provider === "dropbox" && source.pathname.startsWith("/scl/fo/");
}

function allowed(text, base, hosts) {
  const what = base ? "the source redirects to a URL that" : "source_url";
  const refuse = (why) => new Refusal(403, `${what} ${why}`);
  if (text.length > MAX_URL_LENGTH || UNTIDY.test(text) || !URL.canParse(text, base)) {
    throw refuse("is no proper URL");
  }
  const url = new URL(text, base);
  if (url.protocol !== "https:") throw refuse("is not https");
  if (url.username || url.password) throw refuse("has a user name");
  if (url.port) throw refuse("names a port");
  if (!hosts.some((host) => url.hostname === host || url.hostname.endsWith(`.${host}`))) {
    throw refuse("has a host that is not allowed");
  }
  return url;
}
