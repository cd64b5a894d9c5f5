// A form that is sent twice by a double click is sent once.
(() => {
  const MILLISECONDS = 10000; // then whoever waits for an answer that never came may try again
  const pressed = new WeakSet();

  document.addEventListener("submit", (event) => {
    const by = event.submitter ?? event.target;
    const elsewhere = event.target.target || by.formTarget;
    if (event.defaultPrevented || elsewhere || event.target.method !== "post") return;
    if (pressed.has(by)) {
      event.preventDefault();
      return;
    }
    pressed.add(by);
    by.setAttribute("aria-busy", "true");
    const release = () => {
      pressed.delete(by);
      by.removeAttribute("aria-busy");
    };
    setTimeout(release, MILLISECONDS);
    addEventListener("pageshow", release, { once: true }); // back to a page that was kept
  });
})();
