/* Choosing a preset ticks its boxes at once; ticking by hand makes it one's own choice. How many are ticked is said. */
"use strict";
(() => {
  const count = (form) => {
    const said = form.querySelector("[data-chosen]");
    said.querySelector("b").textContent = form.querySelectorAll("[name=permissions]:checked").length;
    said.hidden = false;
  };
  document.addEventListener("change", (event) => {
    const form = event.target.closest(".permissions");
    if (!form) return;
    if (event.target.name === "preset") {
      form.querySelector("[name=expanded]").value = event.target.value; // the boxes are seen: no need to show them again
      if (event.target.dataset.gives) {
        const gives = new Set(JSON.parse(event.target.dataset.gives));
        for (const box of form.querySelectorAll("[name=permissions]:enabled")) box.checked = gives.has(box.value);
      }
    } else if (event.target.name === "permissions") {
      form.querySelector("[name=preset][value=own]").checked = true;
    }
    count(form);
  });
  const begin = (root) => root.querySelectorAll(".permissions").forEach(count);
  document.addEventListener("htmx:load", (event) => begin(event.target.parentNode ?? document));
  begin(document);
})();
