// A button with data-copy copies the value of that input. Without JavaScript it stays hidden.
document.addEventListener("DOMContentLoaded", () => {
  for (const button of document.querySelectorAll("button[data-copy]")) {
    const input = document.getElementById(button.dataset.copy);
    button.hidden = false;
    button.addEventListener("click", async () => {
      input.select();
      try {
        await navigator.clipboard.writeText(input.value);
      } catch {
        document.execCommand("copy"); // pages without https have no clipboard of their own
      }
      button.textContent = button.dataset.copied;
    });
  }
});
