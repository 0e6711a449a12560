/* Egg features: what the console prints while a server does not come up, and the dialog that helps.

   Listens to what the console tells its root. Each feature is offered once until the server starts again; a line of
   history shows the band only, a line that is printed now opens the dialog too. */
"use strict";
(() => {
  const STARTS = /^container@\S+~ |^\[[^\]]* Daemon\]: Updating process configuration files/;
  const dialog = document.getElementById("dialog");
  const waiting = [];
  let open = null;

  const next = () => {
    if (!dialog || dialog.open || open || !waiting.length) return;
    const band = waiting.shift();
    if (band.isConnected && !band.hidden) {
      open = band;
      const asked = htmx.ajax("GET", band.dataset.dialog, { target: dialog, swap: "innerHTML" });
      asked.catch(() => {}).then(() => {
        if (!dialog.open) open = null;
      });
    } else {
      next();
    }
  };
  dialog?.addEventListener("close", () => {
    open = null;
    setTimeout(next, 300);
  });

  const watch = (place) => {
    const root = place.closest("[data-console]");
    if (!root || place.dataset.watched) return;
    place.dataset.watched = "yes";
    const features = [...place.querySelectorAll("[data-feature]")].map((band) => ({
      band,
      needles: JSON.parse(band.dataset.needles),
    }));
    const seen = new Set();
    let state = null;
    let early = false;

    const forget = () => {
      seen.clear();
      for (const { band } of features) {
        band.hidden = true;
        const at = waiting.indexOf(band);
        if (at >= 0) waiting.splice(at, 1);
      }
    };
    const offer = (band) => {
      band.hidden = false;
      if (early || open === band) return;
      waiting.push(band);
      next();
    };
    const look = (line) => {
      if (STARTS.test(line)) forget();
      const text = line.toLowerCase();
      for (const one of features) {
        if (seen.has(one) || !one.needles.some((needle) => text.includes(needle))) continue;
        seen.add(one);
        offer(one.band);
      }
    };

    root.addEventListener("roost:status", (event) => {
      const before = state;
      state = event.detail.state;
      if (state === "running" || (state === "starting" && before !== null && before !== "starting")) forget();
    });
    root.addEventListener("roost:lines", (event) => {
      early = event.detail.state === null || event.detail.state === undefined;
      if (!early) state = event.detail.state;
      if (state === "running") return;
      for (const line of event.detail.lines) if (line) look(line);
    });
  };

  const watchAll = (within) => {
    for (const place of within.querySelectorAll("[data-egg-features]")) watch(place);
  };
  watchAll(document);
  document.addEventListener("htmx:load", (event) => watchAll(event.target));
})();
