"use strict";
/* Fetches the dashboard again while somebody looks at it. Without it the page stays as it was, and
   has a link to reload it. */
(() => {
  const board = document.getElementById("dashboard");
  if (!board) return;
  const said = document.getElementById("dashboard-said");
  const heard = document.getElementById("dashboard-heard");
  const pause = Number(board.dataset.seconds) * 1000;
  const reachable = "a, button, summary, [tabindex]";
  let timer = 0;
  let fresh = new Date();

  const time = () => fresh.toLocaleTimeString(document.documentElement.lang);
  const headline = () => board.querySelector("#dashboard-headline")?.textContent ?? "";
  const name = (element) => [
    element.id, element.getAttribute("href"), element.getAttribute("aria-label"),
    element.getAttribute("aria-describedby"), element.textContent.trim(),
  ].join("|");
  const twins = (key) => [...board.querySelectorAll(reachable)].filter((each) => name(each) === key);

  function say(failed) {
    said.textContent = `${failed ? said.dataset.failed : said.dataset.fresh} ${time()}`;
    said.classList.toggle("failed", failed);
  }

  function hear(text) {
    if (heard.textContent !== text) heard.textContent = text;
  }

  function isBeingRead() {
    const selection = getSelection();
    return !selection.isCollapsed && board.contains(selection.anchorNode);
  }

  function replace(text) {
    const focused = board.contains(document.activeElement) ? document.activeElement : null;
    const key = focused && name(focused);
    const place = focused ? twins(key).indexOf(focused) : 0;
    const open = [...board.querySelectorAll("details[open]")].map((each) => each.id);
    const [left, top] = [scrollX, scrollY];
    const before = headline();
    board.innerHTML = text;
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    if (focused) {
      const again = twins(key)[place] ?? board.querySelector("#dashboard-headline");
      again?.focus({ preventScroll: true });
    }
    scrollTo(left, top);
    if (headline() !== before) hear(headline());
  }

  async function refresh() {
    clearTimeout(timer);
    if (document.hidden) return;
    try {
      if (!isBeingRead()) {
        const answer = await fetch(board.dataset.address, {
          credentials: "same-origin", redirect: "error", signal: AbortSignal.timeout(10000),
        });
        if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
        replace(await answer.text());
        fresh = new Date();
      }
      say(false);
    } catch {
      say(true);
      hear(said.textContent);
    }
    clearTimeout(timer);
    timer = setTimeout(refresh, pause);
  }

  document.addEventListener("visibilitychange", refresh);
  say(false);
  timer = setTimeout(refresh, pause);
})();
