/* Selecting files in a folder's list: one by one, ranges, everything that fits, also what is not drawn yet. */
"use strict";
(() => {
  let chosen = new Set(); // the values of ticked boxes; always rows that are drawn
  let isAll = false; // everything that fits, drawn or not, but for `but`
  let but = new Set();
  let anchor = null;
  let list = null;
  let place = "";
  let version = "";
  document.body.classList.add("scripted");

  /* What else works with the list finds its rows here. */
  const ROW = "#selection .rows li:not(.next)";
  window.roostFiles = {
    rows: () => [...document.querySelectorAll(ROW)],
    rowOf: (node) => node?.closest(ROW) ?? null,
    link: (row) => row.querySelector(".name"),
  };

  const boxes = () => [...document.querySelectorAll('#selection input[name="name"]')];
  const isOn = (value) => (isAll ? !but.has(value) : chosen.has(value));
  const total = () => Number(list.dataset.total);
  const count = () => (isAll ? total() - but.size : chosen.size);

  const clear = () => {
    chosen = new Set();
    but = new Set();
    isAll = false;
    anchor = null;
  };

  const set = (value, on) => {
    if (isAll) but[on ? "delete" : "add"](value);
    else chosen[on ? "add" : "delete"](value);
    if (isAll && count() === 0) clear();
  };

  const say = () => {
    const number = count();
    const bulk = document.querySelector(".bulk");
    if (!bulk) return;
    const said = bulk.querySelector(".count");
    const pattern = list.hasAttribute("data-partly") ? said.dataset.of : said.dataset.text;
    said.textContent = pattern.replace("{n}", number).replace("{all}", total());
    bulk.classList.toggle("on", number > 0);
    const all = document.getElementById("all");
    all.checked = number > 0 && number === total();
    all.indeterminate = number > 0 && number < total();
  };

  /* After a swap: what is gone is no longer chosen, what is still there stays so. */
  const paint = () => {
    const now = document.getElementById("files");
    if (!now) return;
    const all = document.getElementById("all");
    if (now !== list) {
      const here = now.dataset.root + now.dataset.directory;
      const isOther = isAll && all?.value !== version;
      if (here !== place || isOther) clear();
      const drawn = new Set(boxes().map((box) => box.value));
      chosen = new Set([...chosen].filter((value) => drawn.has(value)));
      list = now;
      place = here;
      version = all?.value ?? "";
      anchor = null;
    }
    for (const box of boxes()) box.checked = isOn(box.value);
    say();
  };

  const tick = (box, isRange) => {
    const on = box.checked;
    const all = boxes();
    const from = all.findIndex((one) => one.value === anchor);
    const to = all.indexOf(box);
    const range = isRange && from >= 0 ? all.slice(Math.min(from, to), Math.max(from, to) + 1) : [box];
    for (const one of range) {
      one.checked = on;
      set(one.value, on);
    }
    anchor = box.value;
    say();
  };

  const tickAll = (on) => {
    clear();
    if (on && list.hasAttribute("data-partly")) isAll = true;
    else if (on) chosen = new Set(boxes().map((box) => box.value));
    for (const box of boxes()) box.checked = on;
    say();
  };

  document.addEventListener("click", (event) => {
    const hit = event.target;
    if (hit.matches?.('#selection input[name="name"]')) tick(hit, event.shiftKey);
    else if (hit.id === "all") tickAll(hit.checked);
    else if (hit.closest?.("[data-clear]")) tickAll(false);
    const menu = hit.closest?.(".menu.new a") && hit.closest("details");
    if (menu) menu.open = false;
    const entry = hit.closest?.("a[data-entry]");
    if (entry && !(event.ctrlKey || event.metaKey || event.shiftKey)) {
      event.preventDefault();
      htmx.ajax("GET", entry.getAttribute("href"), { target: "#dialog", swap: "innerHTML" });
    }
  });

  /* What is sent: the fewer names, those chosen or those not; a form of names has its limits. */
  document.addEventListener("formdata", (event) => {
    if (event.target.id !== "selection") return;
    const data = event.formData;
    const rest = isAll ? [...but] : boxes().map((box) => box.value).filter((value) => !chosen.has(value));
    const isShorter = chosen.size > 100 && rest.length < chosen.size && !list.hasAttribute("data-partly");
    data.delete("all");
    if (!isAll && !isShorter) return;
    data.delete("name");
    data.append("all", document.getElementById("all").value);
    for (const value of rest) data.append("but", value);
  });

  /* A list that is read again has as many rows as before. */
  document.addEventListener("htmx:configRequest", (event) => {
    const drawn = boxes().length;
    if (event.detail.elt.id !== "files" || !drawn) return;
    event.detail.parameters.set("part", Math.ceil(drawn / Number(list.dataset.each)));
    event.detail.parameters.set("upto", 1);
  });

  /* What was chosen has been acted on, or handed over. */
  document.addEventListener("files-changed", (event) => {
    if (event.detail.directory) tickAll(false);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { successful, requestConfig } = event.detail;
    if (successful && requestConfig.verb === "post" && /\/archive(\?|$)/.test(requestConfig.path)) tickAll(false);
  });

  /* Another name mostly ends like the one before. */
  document.addEventListener("focusin", (event) => {
    const field = event.target;
    if (field.name !== "new_name" || field.value !== field.defaultValue) return;
    const end = field.value.search(/(\.tar)?\.[^.]+$/);
    field.setSelectionRange(0, end > 0 ? end : field.value.length);
  });

  let isDue = false;
  document.addEventListener("htmx:load", () => {
    if (isDue) return;
    isDue = true;
    queueMicrotask(() => {
      isDue = false;
      paint();
    });
  });
  window.addEventListener("pageshow", paint);
  paint();
})();
