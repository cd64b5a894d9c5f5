import { once } from "node:events";
import http from "node:http";

/**
 * Stands for every host of the internet. Answers are set by path: a function of (request,
 * response), or [status, headers, body]. `seen` are the requests as "https://host/path".
 */
export class Source {
  constructor() {
    this.answers = new Map();
    this.seen = [];
    this.server = http.createServer((request, response) => {
      const scheme = request.headers["x-forwarded-proto"];
      this.seen.push(`${scheme}://${request.headers.host}${request.url}`);
      const answer = this.answers.get(request.url.split("?")[0]) ?? [404, {}, "nothing here"];
      if (typeof answer === "function") return answer(request, response);
      const [status, headers, body] = answer;
      response.writeHead(status, { "Content-Length": Buffer.byteLength(body), ...headers });
      response.end(body);
    });
  }

  async listen(port = 0) {
    this.server.listen(port, "127.0.0.1");
    await once(this.server, "listening");
    return `127.0.0.1:${this.server.address().port}`;
  }

  /** A file, with its length declared. */
  file(path, body, headers = {}) {
    const all = { "Content-Type": "application/octet-stream", ...headers };
    this.answers.set(path, [200, all, body]);
  }

  /** A file in pieces, its length not declared. */
  chunked(path, pieces, headers = {}) {
    this.answers.set(path, async (_request, response) => {
      response.writeHead(200, { "Content-Type": "application/octet-stream", ...headers });
      for (const piece of pieces) if (!response.write(piece)) await once(response, "drain");
      response.end();
    });
  }

  redirect(path, location, status = 302) {
    this.answers.set(path, [status, { Location: location }, ""]);
  }

  async close() {
    this.server.close();
    this.server.closeAllConnections();
  }
}
