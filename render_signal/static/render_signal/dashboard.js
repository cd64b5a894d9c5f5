"use strict";
/* Fetches the dashboard again while somebody looks at it. Without it the page stays as it was, and
   has a link to reload it. */
(() => {
  const board = document.getElementById("dashboard");
  if (!board) return;
  const heard = document.getElementById("dashboard-heard");
  const pause = Number(board.dataset.seconds) * 1000;
  const reachable = "a, button, summary, [tabindex]";
  let timer = 0;

  const headline = () => board.querySelector("#dashboard-headline")?.textContent ?? "";
  /* What stays the same of a link or a button when its number or its time changes. */
  const name = (element) => element.id || [
    element.pathname, element.getAttribute("aria-label"), element.getAttribute("aria-describedby"),
  ].join("|");
  const twins = (key) => [...board.querySelectorAll(reachable)].filter((each) => name(each) === key);

  function sayThatItFailed() {
    const said = document.getElementById("dashboard-said");
    if (!said) return;
    said.textContent = said.dataset.failed;
    said.classList.add("failed");
    hear(said.dataset.failed);
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
      }
    } catch {
      sayThatItFailed();
    }
    clearTimeout(timer);
    timer = setTimeout(refresh, pause);
  }

  document.addEventListener("visibilitychange", refresh);
  timer = setTimeout(refresh, pause);
})();
