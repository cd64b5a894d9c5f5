"use strict";

// The secret stands after # in the address, which a browser sends to nobody. It goes into the
// form, and out of the address bar and the history.
(() => {
    const field = document.getElementById("id_secret");
    const row = document.getElementById("magic-link-secret");

    const take = () => {
        const secret = location.hash.slice(1);
        if (!secret) {
            return;
        }
        field.value = secret;
        row.hidden = true;
        history.replaceState(null, "", location.pathname + location.search);
    };

    take();
    addEventListener("hashchange", take);
})();
