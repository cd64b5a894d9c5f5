// The newest lines of a protocol log stay in sight, and come by themselves while it is kept.
const SECONDS = 3;

document.addEventListener("DOMContentLoaded", () => {
  const area = document.getElementById("protocol");
  if (!area) {
    return;
  }
  area.scrollTop = area.scrollHeight;
  const isBeingRead = () =>
    area.selectionStart !== area.selectionEnd ||
    area.scrollTop + area.clientHeight < area.scrollHeight - 40;
  const refresh = async () => {
    try {
      const answer = await fetch(area.dataset.refresh);
      if (answer.ok && !isBeingRead()) {
        const text = await answer.text();
        if (text !== area.value) {
          area.value = text;
          area.scrollTop = area.scrollHeight;
          document.getElementById("protocol-quiet")?.remove();
        }
      }
    } catch {
      // The next look may find the server again.
    }
  };
  if (area.dataset.refresh) {
    setInterval(refresh, SECONDS * 1000);
  }
});
