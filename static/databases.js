/* A password that was shown does not stay in the page once its dialog is closed. */
"use strict";
(() => {
  const dialog = document.getElementById("dialog");
  dialog.addEventListener("close", () => {
    if (dialog.querySelector("[data-secret]")) dialog.replaceChildren();
  });
})();
