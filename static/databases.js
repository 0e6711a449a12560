/* A password that was shown does not stay in the page once its dialog is closed, or the page is left and kept. */
"use strict";
(() => {
  const dialog = document.getElementById("dialog");
  const secret = () => dialog.querySelector("[data-secret]");
  dialog.addEventListener("close", () => {
    if (secret()) dialog.replaceChildren();
  });
  addEventListener("pagehide", () => {
    if (!secret()) return;
    dialog.replaceChildren();
    dialog.close();
  });
})();
