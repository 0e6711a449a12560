/* Choosing a preset ticks its boxes at once; ticking by hand makes it one's own choice. How many are ticked is said. */
"use strict";
(() => {
  const count = (form) => {
    const said = form.querySelector("[data-chosen]");
    said.querySelector("b").textContent = form.querySelectorAll("[name=permissions]:checked").length;
    said.hidden = false;
  };
  const expand = (form, preset) => {
    form.querySelector("[name=expanded]").value = preset.value; // the boxes are seen: no need to show them again
    if (!preset.dataset.gives) return;
    const gives = new Set(JSON.parse(preset.dataset.gives));
    for (const box of form.querySelectorAll("[name=permissions]:enabled")) box.checked = gives.has(box.value);
  };
  document.addEventListener("change", (event) => {
    const form = event.target.closest(".permissions");
    if (!form) return;
    if (event.target.name === "preset") {
      expand(form, event.target);
    } else if (event.target.name === "permissions") {
      form.querySelector("[name=preset][value=own]").checked = true;
    }
    count(form);
  });
  const begin = (root) => root.querySelectorAll(".permissions").forEach((form) => {
    const preset = form.querySelector("[name=preset]:checked"); // it may have been chosen before this script was here
    if (preset?.dataset.gives && preset.value !== form.querySelector("[name=expanded]").value) expand(form, preset);
    count(form);
  });
  document.addEventListener("htmx:load", (event) => begin(event.target.parentNode ?? document));
  begin(document);
})();
