import { Refusal } from "./refusal.js";

const HOUR = 3_600_000;

/**
 * @typedef {object} Settings
 * @property {R2Bucket} bucket
 * @property {string} bucketName
 * @property {string} token
 * @property {string} publicBaseUrl without a slash at its end
 * @property {number} lifetime milliseconds
 * @property {number} maxBytes
 * @property {number} timeout milliseconds
 * @property {number} folderTimeout milliseconds
 */

/**
 * Read at each request, so that a fault is an answer and not a Worker that does not start.
 * @param {Record<string, any>} env
 * @returns {Settings}
 */
export function settings(env) {
  return {
    bucket: required(env, "BUCKET"),
    bucketName: required(env, "R2_BUCKET_NAME"),
    token: required(env, "R2_FETCH_TOKEN"),
    publicBaseUrl: required(env, "R2_PUBLIC_BASE_URL").replace(/\/+$/, ""),
    lifetime: positive(env, "EXPIRES_HOURS", 24) * HOUR,
    maxBytes: positive(env, "MAX_BYTES", 5_000_000_000),
    timeout: positive(env, "TIMEOUT_SECONDS", 15) * 1000,
    folderTimeout: positive(env, "FOLDER_TIMEOUT_SECONDS", 120) * 1000,
  };
}

function required(env, name) {
  if (!env[name]) throw new Refusal(500, `the Worker lacks its setting ${name}`);
  return env[name];
}

function positive(env, name, fallback) {
  const value = Number(env[name] ?? fallback);
  if (!Number.isFinite(value) || value <= 0) {
    throw new Refusal(500, `the Worker's setting ${name} is no number above 0`);
  }
  return value;
}
