/* Live figures and charts: listens to what the console tells its root, writes the figures as the server would have
   written them, and keeps the charts going. */
"use strict";
(() => {
  const { bytes, cpu, share, filled, duration, now, known, load, series, draw, GAP_S } = window.roostFigures;
  const OLD_S = 8;
  const WARN = 80;
  const BAD = 90;

  const start = (section) => {
    const root = section.closest("[data-console]");
    if (!root || section.dataset.started) return;
    section.dataset.started = "yes";
    const texts = section.dataset;
    const limits = { cpu: Number(texts.cpuLimit), memory: Number(texts.memoryLimit), disk: Number(texts.diskLimit), network: 0 };
    const kept = { cpu: series(1), memory: series(1), disk: series(1), network: series(2) };
    const age = section.querySelector("[data-age]");
    const toggle = section.querySelector("[data-toggle]");
    let charts = null;
    let state = null;
    let isLost = false;
    let sample = null;
    let base = null;

    const put = (name, text) => {
      const place = section.querySelector(`[data-value="${name}"]`);
      if (place.textContent !== text) place.textContent = text;
    };
    const use = (name, used) => {
      const tile = section.querySelector(`[data-tile="${name}"]`);
      const percent = used === null ? 0 : share(used, limits[name]);
      tile.classList.toggle("is-bad", percent >= BAD);
      tile.classList.toggle("is-warn", percent >= WARN && percent < BAD);
      tile.querySelector("[data-tone]").textContent = percent >= WARN ? filled(texts.textShare, { share: percent }) : "";
    };
    const waits = () => ({ starting: texts.textStarting, stopping: texts.textStopping })[state] || "–";
    const offline = () => {
      for (const name of ["cpu", "memory", "in", "out", "uptime"]) put(name, texts.textOffline);
      for (const name of ["in-rate", "out-rate"]) put(name, "");
      for (const name of ["cpu", "memory"]) use(name, null);
      for (const name of ["cpu", "memory", "network"]) kept[name].gap();
      base = null;
    };
    const begins = () => {
      for (const name of ["cpu", "memory", "in", "out"]) put(name, "–");
      put("uptime", waits());
    };
    const redraw = () => {
      if (charts && isOpen() && !document.hidden) for (const one of charts) one.again();
    };
    const isOpen = () => getComputedStyle(section.querySelector("[data-chart]")).display !== "none";

    /* Bytes each second since the sample before; the counters begin at 0 with each start. */
    const rates = (at, rx, tx) => {
      if (rx === null || tx === null) return;
      if (base && at - base.at < 0.5) return;
      if (base && at - base.at <= GAP_S) {
        const each = [rx - base.rx, tx - base.tx].map((more) => Math.max(0, more) / (at - base.at));
        kept.network.add(at, each);
        each.forEach((rate, line) => put(line ? "out-rate" : "in-rate", filled(texts.textPerSecond, { size: bytes(rate) })));
      }
      base = { at, rx, tx };
    };
    const show = (stats) => {
      const at = now();
      const disk = known(stats.disk_bytes);
      if (disk !== null) {
        put("disk", bytes(disk));
        use("disk", disk);
        kept.disk.add(at, [disk]);
      }
      if (state === "offline") return offline();
      const percent = known(stats.cpu_absolute);
      const memory = known(stats.memory_bytes);
      const rx = known(stats.network?.rx_bytes);
      const tx = known(stats.network?.tx_bytes);
      for (const [name, value, text] of [["cpu", percent, cpu], ["memory", memory, bytes]]) {
        if (value === null) continue;
        put(name, text(value));
        use(name, value);
        kept[name].add(at, [value]);
      }
      if (rx !== null) put("in", bytes(rx));
      if (tx !== null) put("out", bytes(tx));
      rates(at, rx, tx);
      put("uptime", known(stats.uptime) ? duration(stats.uptime, texts) : waits());
      return undefined;
    };
    const tell = () => {
      const seconds = sample === null ? 0 : now() - sample;
      const isOld = sample !== null && (isLost || (state !== "offline" && seconds > OLD_S));
      section.classList.toggle("is-old", isOld);
      if (sample === null) return;
      const text = isOld ? filled(texts.textOld, { time: duration(seconds * 1000, texts) }) : "";
      if (age.textContent !== text) age.textContent = text;
    };

    root.addEventListener("roost:stats", (event) => {
      if (event.detail.state) state = event.detail.state;
      sample = now();
      isLost = false;
      show(event.detail);
      tell();
      redraw();
    });
    root.addEventListener("roost:status", (event) => {
      const before = state;
      state = event.detail.state;
      if (before === "offline" && state !== "offline") begins();
      if (state !== "offline") return;
      sample ??= now();
      offline();
      tell();
      redraw();
    });
    root.addEventListener("roost:link", (event) => {
      isLost = !["live", "renewing"].includes(event.detail.phase);
      if (isLost) {
        for (const one of Object.values(kept)) one.gap();
        base = null;
      }
      tell();
    });
    setInterval(() => {
      tell();
      redraw();
    }, 1000);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      for (const one of charts || []) one.recolour();
    });

    const build = async () => {
      if (charts || !isOpen()) return;
      try {
        await load(texts);
      } catch {
        for (const place of section.querySelectorAll("[data-at]")) place.textContent = texts.textFailed;
        return;
      }
      charts ||= [...section.querySelectorAll("[data-chart]")].map((place) =>
        draw(place, section, place.dataset.chart, kept[place.dataset.chart], limits[place.dataset.chart]),
      );
    };
    const opened = () => {
      toggle.setAttribute("aria-expanded", String(isOpen()));
      if (isOpen()) new IntersectionObserver((seen, watch) => {
        if (!seen.some((one) => one.isIntersecting)) return;
        watch.disconnect();
        build();
      }).observe(section);
    };
    const open = (isWanted) => {
      section.classList.toggle("is-open", isWanted);
      section.classList.toggle("is-closed", !isWanted);
    };
    const stored = () => {
      try {
        return localStorage.getItem(texts.stored);
      } catch {
        return null;
      }
    };
    if (stored()) open(stored() === "open");
    toggle.hidden = false;
    toggle.addEventListener("click", () => {
      open(!isOpen());
      opened();
      redraw();
      try {
        localStorage.setItem(texts.stored, isOpen() ? "open" : "closed");
      } catch {
        /* the choice lasts as long as the page */
      }
    });
    opened();
  };

  const startAll = (within) => {
    for (const section of within.querySelectorAll("[data-figures]")) start(section);
  };
  startAll(document);
  document.addEventListener("htmx:load", (event) => startAll(event.target));
})();
