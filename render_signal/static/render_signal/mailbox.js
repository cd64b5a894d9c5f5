// Fills in the server of the chosen provider, guesses the provider from the address, and shows
// what it demands. Without JavaScript a button does the same.
document.addEventListener("DOMContentLoaded", () => {
  const provider = document.getElementById("id_provider");
  const address = document.getElementById("id_imap_user");
  const server = document.querySelector("[data-server]");
  let chosen = provider.value !== "";

  const put = (name, value) => {
    const field = document.getElementById(`id_${name}`);
    if (!field.disabled) field.value = value;
  };
  const value = (name) => document.getElementById(`id_${name}`).value.trim().toLowerCase();
  const isPreset = (host) =>
    [...provider.options].some((option) => option.dataset.host && option.dataset.host === host);
  const show = () => {
    const option = provider.selectedOptions[0];
    for (const panel of document.querySelectorAll("[data-provider]")) {
      panel.hidden = panel.dataset.provider !== provider.value;
    }
    document.querySelector("[data-password]").hidden = provider.value === "microsoft";
    if (!option.dataset.host) {
      if (provider.value && isPreset(value("imap_host"))) {
        put("imap_host", "");
        put("imap_port", "993");
        put("imap_security", "tls");
      }
      server.open = true;
      return;
    }
    put("imap_host", option.dataset.host);
    put("imap_port", option.dataset.port);
    put("imap_security", option.dataset.security);
    server.open = false;
  };
  const guess = () => {
    const text = address.value.trim();
    for (const shown of document.querySelectorAll("[data-user]")) {
      shown.textContent = /^[^\s@]+@[^\s@]+$/.test(text) ? ` --user ${text}` : "";
    }
    if (chosen) return;
    const domain = text.slice(text.lastIndexOf("@") + 1).toLowerCase();
    for (const option of provider.options) {
      if (domain && (option.dataset.domains || "").split(" ").includes(domain)) {
        provider.value = option.value;
        show();
      }
    }
  };

  for (const button of document.querySelectorAll("[data-without-script]")) button.hidden = true;
  if (!provider.value) server.open = false;
  provider.addEventListener("change", () => {
    chosen = provider.value !== "";
    show();
  });
  address.addEventListener("input", guess);
});
