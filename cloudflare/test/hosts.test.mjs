import assert from "node:assert/strict";
import { test } from "node:test";
import { setUp } from "./setup.mjs";

const PATH = "/scl/fi/abc/file.bin";
const at = setUp();
const HOST = "has a host that is not allowed";

for (const [url, why] of [
  ["https://evil-dropbox.com/x", HOST],
  ["https://dropbox.com.evil.com/x", HOST],
  ["https://evil.com/dropbox.com", HOST],
  ["https://evil.com/?https://www.dropbox.com/", HOST],
  ["https://evil.com#www.dropbox.com/", HOST],
  ["https://www.dropbox.com./x", HOST],
  ["https://com/x", HOST],
  ["https://127.0.0.1/x", HOST],
  ["https://[::1]/x", HOST],
  ["https://2130706433/x", HOST],
  ["https://dl.dropboxusercontent.com/x", HOST],
  ["https://www.swisstransfer.com/d/x", HOST], // of another provider
  ["https://user@www.dropbox.com/x", "has a user name"],
  ["https://:secret@www.dropbox.com/x", "has a user name"],
  ["https://www.dropbox.com@evil.com/x", "has a user name"],
  ["https://www.dropbox.com:8443/x", "names a port"],
  ["https://www.dropbox.com:80/x", "names a port"],
  ["http://www.dropbox.com/x", "is not https"],
  ["ftp://www.dropbox.com/x", "is not https"],
  ["file:///etc/passwd", "is not https"],
  ["data:text/plain,x", "is not https"],
  ["//www.dropbox.com/x", "is no proper URL"],
  ["www.dropbox.com/x", "is no proper URL"],
  ["https://evil.com\\.dropbox.com/x", "is no proper URL"],
  ["https://www.drop\tbox.com/x", "is no proper URL"],
  [" https://www.dropbox.com/x", "is no proper URL"],
  ["https://www.dropbox.com/a b", "is no proper URL"],
  ["https://www.dropbox.com/x\r\nX-A: b", "is no proper URL"],
  [`https://www.dropbox.com/${"x".repeat(4000)}`, "is no proper URL"],
]) {
  test(`${JSON.stringify(url).slice(0, 60)} is not asked`, async () => {
    const { status, json } = await at.order({ source_url: url });
    assert.deepEqual([status, json], [403, { success: false, error: `source_url ${why}` }]);
    assert.deepEqual(at.source.seen, []);
  });

  if (!url.startsWith("/") && !url.startsWith("www") && !url.startsWith("https://dl.")) {
    test(`${JSON.stringify(url).slice(0, 60)} is not followed`, async () => {
      at.source.answers.set(PATH, (_request, response) => {
        response.writeHead(302, { Location: url.replace(/[\r\n]/g, "\t") }).end();
      });
      const { status, json } = await at.order();
      // White space around a header's value is no part of it.
      if (url.startsWith(" ")) return assert.notEqual(status, 200);
      const error = `the source redirects to a URL that ${why}`;
      assert.deepEqual([status, json], [403, { success: false, error }]);
      assert.equal(at.source.seen.length, 1);
    });
  }
}

for (const [provider, url] of [
  ["dropbox", "https://dropbox.com/s/x"],
  ["dropbox", "https://WWW.Dropbox.COM:443/s/x"],
  ["fromsmash", "https://company.fromsmash.com/x"],
  ["swisstransfer", "https://www.swisstransfer.com/d/x"],
  ["wetransfer", "https://wetransfer.com/downloads/x"],
]) {
  test(`${url} is asked`, async () => {
    const { href, pathname } = new URL(url);
    at.source.file(pathname, "x");
    const key = `${provider}/01234567/89abcdef/file`;
    const { status } = await at.order({ source_url: url, provider, object_key: key });
    assert.deepEqual([status, at.source.seen], [200, [href]]);
  });
}

for (const [provider, url, content] of [
  ["dropbox", "https://www.dropbox.com/s/a", "https://uc1.dl.dropboxusercontent.com/cd/b?dl=1"],
  ["fromsmash", "https://fromsmash.com/a", "https://download.eu-west-3.fromsmash.co/transfer/b"],
  ["swisstransfer", "https://www.swisstransfer.com/a", "https://dl-1.swisstransfer.com/b"],
  ["wetransfer", "https://wetransfer.com/a", "https://download.wetransfer.com/b"],
]) {
  test(`${provider} may send us on to its content`, async () => {
    const { pathname } = new URL(content);
    at.source.redirect(new URL(url).pathname, content);
    at.source.file(pathname, "the file", { "Content-Disposition": "attachment; filename=b.txt" });
    const key = `${provider}/01234567/89abcdef/file`;
    const { status, json } = await at.order({ source_url: url, provider, object_key: key });
    assert.deepEqual([status, json.original_filename], [200, "b.txt"]);
    assert.equal(String((await at.stored(key)).bytes), "the file");
    assert.deepEqual(at.source.seen, [url, content]);
  });
}

test("a redirect may be relative, and of any kind", async () => {
  for (const code of [301, 302, 303, 307, 308]) {
    at.source.redirect(PATH, "/moved", code);
    at.source.file("/moved", "x");
    const key = `dropbox/01234567/89abcdef/${code}`;
    assert.equal((await at.order({ object_key: key })).status, 200);
  }
});

test("a second redirect is checked like the first", async () => {
  at.source.redirect(PATH, "https://dl.dropboxusercontent.com/b");
  at.source.redirect("/b", "https://dropboxusercontent.com.evil.com/c");
  assert.equal((await at.order()).status, 403);
  assert.equal(at.source.seen.length, 2);
});

test("the content of one provider is none of another", async () => {
  at.source.redirect(PATH, "https://download.eu-west-3.fromsmash.co/b");
  assert.equal((await at.order()).status, 403);
});

test("redirects end", async () => {
  at.source.redirect(PATH, PATH);
  const { status, json } = await at.order();
  assert.deepEqual([status, json.error], [502, "the source redirects too often"]);
  assert.equal(at.source.seen.length, 7);
});

test("a redirect to nowhere leads to the same page again and ends", async () => {
  at.source.answers.set(PATH, (_request, response) => response.writeHead(302).end());
  assert.equal((await at.order()).status, 502);
});
