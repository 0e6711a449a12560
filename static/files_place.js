/* Where somebody is in a folder's list: the row that an act leads to, and the place that is found again. */
"use strict";
(() => {
  let last = null; // the row that was looked at: its value and number, and its folder
  let wanted = null; // the same for the row that an act leads to, until the list is read again
  let place = null; // what was kept of this folder's list, until that list is drawn
  let left = ""; // the folder that was open before, on this page
  let waiting = null; // the list that is on its way

  const files = () => document.getElementById("files");
  const isWaiting = (list) => list.hasAttribute("aria-busy");
  const { rows, rowOf, link } = window.roostFiles;
  const value = (row) => row.querySelector("input")?.value ?? row.dataset.name; // who cannot choose has no boxes
  const find = (wish) => rows().find((row) => value(row) === wish);
  const key = (list) => `files ${list.dataset.root} ${list.dataset.directory}`;
  const at = (row) => ({ value: value(row), number: rows().indexOf(row), folder: key(files()) });

  /* What is kept, for as long as the tab is open. */
  const leave = () => {
    const list = files();
    left = list?.dataset.directory ?? "";
    const middle = rows().find((row) => row.getBoundingClientRect().bottom > innerHeight / 2) ?? rows().at(-1);
    if (!middle) return;
    const { q, sort, desc } = Object.fromEntries(new FormData(document.getElementById("filter")));
    const view = { ...(q && { q }), ...(sort !== "name" && { sort }), ...(desc === "1" && { desc }) };
    const kept = {
      view: new URLSearchParams(view).toString(),
      part: Math.ceil(rows().length / Number(list.dataset.each)),
      y: scrollY,
      middle: value(middle),
      top: middle.getBoundingClientRect().top,
      last: last?.folder === key(list) ? last.value : "",
    };
    try {
      sessionStorage.setItem(key(list), JSON.stringify(kept));
    } catch {
      // no room, or not allowed: then it is not found again
    }
  };
  const kept = (list) => {
    try {
      return JSON.parse(sessionStorage.getItem(key(list)));
    } catch {
      return null;
    }
  };

  const isBelow = (path, folder) => path !== folder && path.startsWith(folder === "/" ? folder : `${folder}/`);
  const parent = (path) => path.slice(0, path.lastIndexOf("/")) || "/";
  /* Whether the page before was that of a file in this folder, or of something else about this folder. */
  const isFromWithin = (list) => {
    const from = document.referrer ? new URL(document.referrer) : null;
    if (from?.origin !== location.origin || !from.pathname.startsWith(`${list.dataset.root}/`)) return false;
    const file = from.searchParams.get("file");
    return (file ? parent(file) : from.searchParams.get("directory")) === list.dataset.directory;
  };

  /* What was kept of a list, if somebody comes back to it and wants it as it was; a link back says nothing of that. */
  const back = (list) => {
    const found = kept(list);
    const isFirst = waiting === null;
    waiting = list;
    if (!found) return null;
    const here = new URLSearchParams(location.search);
    const view = new URLSearchParams([...here].filter(([name]) => ["q", "sort", "desc"].includes(name))).toString();
    const way = performance.getEntriesByType("navigation")[0]?.type;
    const isBack = isFirst ? ["back_forward", "reload"].includes(way) : isBelow(left, list.dataset.directory);
    if (isBack || !isFirst) return isBack && view === found.view ? found : null;
    if (!isWaiting(list) || !isFromWithin(list) || view) return null;
    const all = new URLSearchParams([...here, ...new URLSearchParams(found.view)]);
    if (found.view) history.replaceState(history.state, "", `?${all}`.replaceAll("%2F", "/"));
    const filter = document.getElementById("q"); // not there while the server's state forbids
    if (filter) filter.value = all.get("q") ?? "";
    return { ...found, isAsked: true };
  };

  /* Brings a row to where it was: heights of rows are guesses until they were in view, so it is done again until it
     stays there for ten frames, or until somebody's hand moves the page. */
  const align = (found) => {
    history.scrollRestoration = "manual"; // or the browser does it too, once all has loaded, for a page without rows
    const hand = new AbortController();
    for (const kind of ["wheel", "touchstart", "pointerdown", "keydown"]) {
      addEventListener(kind, () => hand.abort(), { capture: true, passive: true, signal: hand.signal });
    }
    const list = files();
    let still = 0;
    const step = (frame) => {
      if (files() !== list) hand.abort();
      if (hand.signal.aborted) return;
      const row = find(found.middle);
      const before = scrollY;
      if (row) scrollBy(0, row.getBoundingClientRect().top - found.top);
      else scrollTo(0, found.y);
      still = scrollY === before ? still + 1 : 0;
      if (still < 10 && frame < 120) requestAnimationFrame(() => step(frame + 1));
      else hand.abort();
    };
    step(0);
  };
  const settle = (found) => {
    align(found);
    const row = found.last && find(found.last);
    if (row && document.activeElement === document.body) link(row).focus({ preventScroll: true });
  };

  const isBusy = () => document.querySelector("dialog[open]")
    || document.activeElement?.matches("input:not([type=checkbox]), textarea, select");
  const go = (wish, isShown) => {
    const row = find(wish.value) ?? rows()[Math.min(wish.number, rows().length - 1)];
    if (!row) return;
    link(row).focus({ preventScroll: true });
    if (isShown) row.scrollIntoView({ block: "nearest" });
  };
  const drawn = () => {
    if (place) settle(place);
    else if (wanted?.folder === key(files())) {
      const notices = document.getElementById("notices"); // a long one on a phone stands above the list, to be read first
      if (!isBusy()) go(wanted, getComputedStyle(notices).position === "sticky");
    } else if (last?.folder === key(files()) && document.activeElement === document.body) go(last, false);
    place = wanted = null;
  };

  document.addEventListener("focusin", (event) => {
    const row = rowOf(event.target);
    if (row) last = at(row);
    else if (!event.target.closest("dialog")) last = null;
  });

  /* Of one thing its name is told; several were ticked. It comes before the list asks, and before the ticks go. */
  document.addEventListener("files-changed", (event) => {
    const { directory, name } = event.detail;
    if (!files() || directory !== files().dataset.directory) return;
    const row = name ? find(name) : rows().find((one) => one.querySelector("input")?.checked);
    wanted = row ? at(row) : { value: name, number: last?.number ?? 0, folder: key(files()) };
  }, true);

  document.addEventListener("htmx:configRequest", (event) => {
    const { elt, parameters } = event.detail;
    if (elt.id !== "files") return;
    if (isWaiting(elt) && elt !== waiting) place = back(elt);
    if (wanted?.value) {
      parameters.set("to", wanted.value);
      parameters.set("upto", 1);
    }
    if (!place) return;
    for (const [name, said] of place.isAsked ? new URLSearchParams(place.view) : []) parameters.set(name, said);
    parameters.set("part", place.part);
    parameters.set("upto", 1);
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id === "browser") leave();
  });
  window.addEventListener("pagehide", leave);
  document.addEventListener("htmx:load", (event) => {
    if (event.target.id === "files" && !isWaiting(event.target)) drawn();
  });
  if (files() && !isWaiting(files())) {
    place = back(files());
    drawn();
  }
})();
