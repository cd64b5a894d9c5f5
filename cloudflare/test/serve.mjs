/**
 * The running Worker as a server, for tests that are not written in JavaScript:
 *
 *   node serve.mjs '{"port": 0, "source": "127.0.0.1:8080", "variables": {"EXPIRES_HOURS": "1"}}'
 *
 * Whatever the Worker fetches is answered by `source`. Prints one line of JSON when it is ready:
 * {"worker": "http://127.0.0.1:…", "objects": "http://127.0.0.1:…"}. GET objects/KEY answers with
 * the object as a public bucket does, and with its custom metadata as the header X-Custom-Metadata
 * (JSON, ASCII). POST objects/ runs the scheduled clean-up, DELETE objects/ empties the bucket.
 */
import { once } from "node:events";
import http from "node:http";
import { startWorker } from "./runtime.mjs";

const HOST = "127.0.0.1";
const { port = 0, source, variables = {} } = JSON.parse(process.argv[2]);
const worker = await startWorker(source, variables, { host: HOST, port });
const bucket = await worker.getR2Bucket("BUCKET");

const METHODS = { GET: sendObject, POST: runCleanUp, DELETE: empty };
const objects = http.createServer((request, response) => {
  METHODS[request.method](request, response).catch((error) => response.writeHead(500).end(String(error)));
});
objects.listen(0, HOST);
await once(objects, "listening");

async function sendObject(request, response) {
  const object = await bucket.get(decodeURIComponent(request.url.slice(1)));
  if (!object) return response.writeHead(404).end();
  const { contentType, contentDisposition } = object.httpMetadata;
  response.writeHead(200, {
    "Content-Type": contentType ?? "application/octet-stream",
    "Content-Disposition": contentDisposition ?? "attachment",
    "X-Custom-Metadata": ascii(JSON.stringify(object.customMetadata)),
  });
  return response.end(Buffer.from(await object.arrayBuffer()));
}

async function runCleanUp(_request, response) {
  const { outcome } = await (await worker.getWorker()).scheduled({ cron: "17 * * * *" });
  response.writeHead(outcome === "ok" ? 204 : 500).end();
}

async function empty(_request, response) {
  const { objects: found } = await bucket.list();
  await bucket.delete(found.map(({ key }) => key));
  response.writeHead(204).end();
}

function ascii(json) {
  return json.replace(/[^\0-\x7f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

async function stop() {
  objects.close();
  objects.closeAllConnections();
  await worker.dispose();
  process.exit(0);
}

process.on("SIGTERM", stop);
process.on("SIGINT", stop);
const addresses = { worker: (await worker.ready).origin, objects: origin(objects) };
process.stdout.write(`${JSON.stringify(addresses)}\n`);

function origin(server) {
  return `http://${HOST}:${server.address().port}`;
}
