/* The file list by keyboard: arrows go, Space selects, Shift selects a range, Enter opens; F2, Delete, Backspace and "/". */
"use strict";
(() => {
  const { rows, rowOf, link } = window.roostFiles;
  const box = (row) => row.querySelector("input") ?? row; // without boxes nothing is ticked: a row stands for its own
  const focused = () => rowOf(document.activeElement);

  const go = (row) => {
    if (!row) return;
    link(row).focus();
    row.scrollIntoView({ block: "nearest" });
  };

  const reach = (row) => {
    if (!row) return;
    const from = focused();
    if (from && !box(from).checked) box(from).click();
    if (!box(row).checked) box(row).dispatchEvent(new MouseEvent("click", { shiftKey: true, bubbles: true, cancelable: true }));
    go(row);
  };

  const step = (by, isReaching) => {
    const all = rows();
    const at = all.indexOf(focused());
    const to = at < 0 ? 0 : Math.max(0, Math.min(all.length - 1, at + by));
    (isReaching ? reach : go)(all[to]);
  };

  const ask = (address, row) => {
    if (!row || !address) return;
    const asked = new URLSearchParams({ directory: document.getElementById("files").dataset.directory, name: box(row).value });
    htmx.ajax("GET", `${address}?${asked}`, { target: "#dialog", swap: "innerHTML" });
  };

  const rename = () => {
    const ticked = rows().filter((row) => box(row).checked);
    ask(document.getElementById("files").dataset.rename, focused() ?? (ticked.length === 1 ? ticked[0] : null));
  };

  const remove = () => {
    if (document.querySelector(".bulk.on")) document.querySelector("[data-delete]")?.click();
    else ask(document.getElementById("files").dataset.remove, focused());
  };

  const keys = {
    ArrowDown: (event) => step(1, event.shiftKey),
    ArrowUp: (event) => step(-1, event.shiftKey),
    Home: (event) => step(-rows().length, event.shiftKey),
    End: (event) => step(rows().length, event.shiftKey),
    " ": () => focused() && box(focused()).click(),
    Enter: () => link(focused()).click(),
    F2: rename,
    Delete: remove,
    Backspace: () => document.querySelector("[data-up]")?.click(),
    Escape: () => document.querySelector("[data-clear]")?.click(),
    "/": () => document.getElementById("q")?.focus(),
  };

  const isMeant = (event) => {
    const at = event.target;
    if (document.querySelector("dialog[open]") || event.altKey || event.defaultPrevented) return false;
    if (at.matches("textarea, select, input:not([type=checkbox])") || at.isContentEditable) return false;
    if (event.ctrlKey || event.metaKey) return event.key === "a" && document.getElementById("all") !== null;
    if (event.key === "Enter") return focused() !== null && at.matches("input");
    if (event.key === " ") return focused() !== null && at.matches(".name");
    if (at.closest(".menu, .bulk, .tools") && event.key !== "/") return false;
    return event.key in keys && (rows().length > 0 || ["Backspace", "/"].includes(event.key));
  };

  document.addEventListener("keydown", (event) => {
    if (!document.getElementById("files") || !isMeant(event)) return;
    event.preventDefault();
    const all = document.getElementById("all");
    if (event.key === "a" && (event.ctrlKey || event.metaKey)) {
      if (!all.checked) all.click();
    } else keys[event.key](event);
  });
})();
