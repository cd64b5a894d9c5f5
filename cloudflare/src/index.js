import { cleanUp } from "./cleanup.js";
import { readOrder } from "./order.js";
import { Refusal } from "./refusal.js";
import { settings } from "./settings.js";
import { openSource } from "./source.js";
import { reuse, store } from "./storage.js";

export default {
  async fetch(request, env, context) {
    const answer = respond(request, env);
    context.waitUntil(answer); // tidies up although the caller has hung up
    return answer;
  },

  async scheduled(_event, env) {
    console.log("expired objects deleted:", await cleanUp(env.BUCKET));
  },
};

/** Every outcome is JSON, and no outcome is an exception. */
async function respond(request, env) {
  try {
    const known = settings(env);
    return await transfer(await readOrder(request, known), known);
  } catch (error) {
    if (error instanceof Refusal) return failure(error.status, error.message, error.headers);
    console.error(error);
    return failure(500, "the Worker failed");
  }
}

/**
 * @param {import("./order.js").Order} order
 * @param {import("./settings.js").Settings} settings
 */
async function transfer(order, settings) {
  const known = (await reuse(settings, order.key)) ?? (await fetchAndStore(order, settings));
  return Response.json({
    success: true,
    r2_url: publicUrl(settings.publicBaseUrl, order.key),
    original_filename: known.originalFilename,
  });
}

async function fetchAndStore(order, settings) {
  const limit = order.isFolder ? settings.folderTimeout : settings.timeout;
  const signal = AbortSignal.timeout(limit);
  try {
    const file = await openSource(order, settings.maxBytes, signal);
    await store(settings, order, file, signal);
    return file;
  } catch (error) {
    if (error instanceof Refusal || !signal.aborted) throw error;
    throw new Refusal(504, `the transfer took longer than ${limit / 1000} s`);
  }
}

/** The key as it is, but for characters that mean something else in a URL. */
function publicUrl(base, key) {
  return `${base}/${encodeURI(key).replace(/[?#]/g, encodeURIComponent)}`;
}

function failure(status, error, headers) {
  return Response.json({ success: false, error }, { status, headers });
}
