import { fileURLToPath } from "node:url";
import { Miniflare } from "miniflare";

const root = fileURLToPath(new URL("../src/", import.meta.url));
export const TOKEN = "token-of-the-worker";
export const BUCKET_NAME = "test-bucket";
export const PUBLIC_BASE_URL = "https://files.example.org";

/**
 * The Worker on its real runtime, with a real R2 bucket in memory. Whatever it fetches, from
 * whatever host, is answered by the source.
 * @param {string} source address as host:port
 * @param {Record<string, string>} [variables]
 * @param {object} [options] further options of Miniflare
 */
export async function startWorker(source, variables = {}, options = {}) {
  const worker = new Miniflare({
    rootPath: root,
    scriptPath: "index.js",
    modules: true,
    modulesRoot: root,
    modulesRules: [{ type: "ESModule", include: ["**/*.js"] }],
    compatibilityDate: "2026-04-01",
    cf: false,
    r2Buckets: { BUCKET: BUCKET_NAME },
    bindings: {
      R2_FETCH_TOKEN: TOKEN,
      R2_BUCKET_NAME: BUCKET_NAME,
      R2_PUBLIC_BASE_URL: PUBLIC_BASE_URL,
      ...variables,
    },
    outboundService: {
      external: { address: source, http: { forwardedProtoHeader: "X-Forwarded-Proto" } },
    },
    ...options,
  });
  await worker.ready;
  return worker;
}
