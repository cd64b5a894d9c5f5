// Shows how far the mail has got, again and again until it has arrived. Without JavaScript there
// is a link that does the same.
const SECONDS = 2;

document.addEventListener("DOMContentLoaded", () => {
  const progress = document.getElementById("progress");
  let shown = progress.innerHTML;

  const tidy = () => {
    for (const each of progress.querySelectorAll("[data-without-script]")) each.hidden = true;
  };
  // The steps above and the way on say, too, that the mail has arrived.
  const renew = async () => {
    const answer = await fetch(location.href, { credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const id of ["steps", "go-on"]) {
      const newer = answer.ok && page.getElementById(id);
      if (newer) document.getElementById(id)?.replaceWith(newer);
    }
  };
  const look = async () => {
    try {
      const answer = await fetch(progress.dataset.address, { credentials: "same-origin" });
      if (answer.redirected) return; // logged out: nothing more is to be seen here
      const text = answer.ok ? await answer.text() : shown;
      if (text !== shown) {
        progress.innerHTML = shown = text;
        tidy();
        if (progress.querySelector("[data-finished]")) await renew();
      }
    } catch {
      // The web process restarts, or the network is away: the next look may do.
    }
    if (!progress.querySelector("[data-finished]")) setTimeout(look, SECONDS * 1000);
  };

  tidy();
  if (!progress.querySelector("[data-finished]")) setTimeout(look, SECONDS * 1000);
});
