/* The console: every element with data-console becomes one. Its texts come from the page. */
"use strict";
(() => {
  const { makeLog, makeSearch, makeLine, makeSocket } = window.roostConsole;
  const SETTINGS = "roost.console", SIZES = 5, HISTORY_MS = 3000, LIVE_STATES = ["offline", "starting", "running", "stopping"];

  /* How all consoles look in this browser. */
  const settings = { wrap: true, size: 1, aloud: false };
  const readSettings = () => {
    try {
      const kept = JSON.parse(localStorage.getItem(SETTINGS) || "{}");
      for (const name of Object.keys(settings)) {
        if (typeof kept[name] === typeof settings[name]) settings[name] = kept[name];
      }
    } catch { /* what is kept makes no sense, or nothing may be kept: as it is made */ }
    settings.size = Math.max(0, Math.min(SIZES - 1, Math.round(settings.size)));
  };
  const keepSettings = () => {
    try {
      localStorage.setItem(SETTINGS, JSON.stringify(settings));
    } catch { /* then they last as long as the page */ }
    document.dispatchEvent(new CustomEvent("roost-console-settings"));
  };
  readSettings();
  window.addEventListener("storage", (event) => {
    if (event.key !== SETTINGS) return;
    readSettings();
    document.dispatchEvent(new CustomEvent("roost-console-settings"));
  });

  const textOf = (texts, name) => (Object.hasOwn(texts, name) ? texts[name] : "");
  const inSentence = (events, texts, say) => {
    for (const [name, text] of events) {
      if (name === "daemon message") say("daemon", `${texts.daemon} ${text}`);
      else if (name === "daemon error") say("bad", `${texts.daemon} ${text}`);
      else if (name === "transfer status") say("event", textOf(texts, `transfer ${text}`) || texts.transfer);
      else if (name === "backup completed") {
        let worked = true;
        try {
          worked = JSON.parse(text).is_successful !== false;
        } catch { /* then it is only known that it is over */ }
        say("event", worked ? texts["backup completed"] : texts["backup failed"]);
      } else if (textOf(texts, name)) say("event", texts[name]);
    }
  };

  const start = (root) => {
    const part = (name) => root.querySelector(`[data-${name}]`);
    const { identifier, name } = root.dataset;
    const texts = JSON.parse(root.dataset.texts), stateWords = JSON.parse(root.dataset.words);
    const box = part("log");
    let state = null, wasLive = false, quietUntil = 0, now = { phase: "connecting" }, ticking = 0;

    const tellOthers = (event, detail) => root.dispatchEvent(new CustomEvent(event, { bubbles: true, detail }));
    let search = null;
    const log = makeLog(box, part("jump"), texts, (fresh, gone) => search && search.changed(fresh, gone));
    search = makeSearch(part("search"), box, log, texts);

    /* The connection in words. The countdown is not read aloud; the sentence before it is. */
    const showLink = () => {
      const { phase, leg, said, retryAt, code } = now;
      const left = retryAt === undefined ? null : Math.max(0, Math.ceil((retryAt - performance.now()) / 1000));
      const words = {
        connecting: texts.connecting,
        live: texts.live,
        renewing: texts.live,
        lost: said || (leg === "portal" ? texts.lost_portal : texts.lost),
        over: said || texts.over,
      };
      root.dataset.phase = phase;
      if (part("said").textContent !== words[phase]) part("said").textContent = words[phase];
      const wait = left === null ? texts.again_soon : left ? texts.again_in.replace("{n}", left) : texts.again_now;
      part("wait").textContent = phase === "lost" ? wait : phase === "renewing" ? texts.renewing : "";
      const canTry = phase === "lost" ? leg === "portal" : phase === "over" && ![4401, 4403, 4404].includes(code);
      part("now").hidden = !canTry;
      part("sign-in").hidden = code !== 4401 || phase !== "over";
      part("leave").hidden = ![4403, 4404].includes(code) || phase !== "over";
    };
    const tick = () => {
      clearInterval(ticking);
      if (now.phase === "lost") ticking = setInterval(showLink, 1000);
    };
    const told = (next) => {
      const quickly = next.phase === "connecting" && now.phase === "lost";
      now = quickly ? { ...now, retryAt: performance.now() } : next;
      if (next.phase === "live" && !wasLive) {
        wasLive = true;
        quietUntil = performance.now() + HISTORY_MS; // what was printed before comes a moment later
        setTimeout(() => showEmpty(), HISTORY_MS + 50);
      }
      if (!["live", "renewing"].includes(next.phase)) line.lost();
      if (next.phase === "live" && now.phase !== "renewing") line.found();
      root.classList.toggle("never-live", !wasLive && ["lost", "over"].includes(now.phase));
      showLink();
      showEmpty();
      tick();
      const isPortal = next.leg === "portal" && next.phase === "lost";
      tellOthers("roost:link", { phase: next.phase, cause: next.cause || (isPortal ? "portal" : null) });
    };

    const showBadge = () => {
      const { panel } = root.dataset;
      const badge = root.querySelector(".badge") || (panel && document.querySelector(`${panel} .badge`));
      if (!badge || !stateWords[state]) return;
      const [label, tone] = stateWords[state];
      const isLiveWord = Object.values(stateWords).some(([word]) => word === badge.textContent);
      if (!isLiveWord || badge.textContent === label) return;
      badge.textContent = label;
      badge.className = `badge ${tone}`;
    };
    const showEmpty = () => {
      const empty = part("empty"), isOffline = (state ?? root.dataset.state) === "offline";
      const isFirst = now.phase === "connecting" && !wasLive;
      const isWaiting = isFirst || (!isOffline && performance.now() < quietUntil);
      empty.hidden = !log.isEmpty() || (!isFirst && !wasLive);
      part("empty-loading").hidden = !isWaiting;
      part("empty-nothing").hidden = isWaiting;
      part("empty-offline").hidden = !isOffline;
    };
    const askPanel = () => document.body.dispatchEvent(new CustomEvent("roost-state"));
    const setState = (next) => {
      if (!LIVE_STATES.includes(next)) return;
      const before = state;
      state = next;
      if (before !== null && before !== next) log.mark("state", texts[`is_${next}`]);
      if (before !== next) showBadge();
      if (before !== next) for (const wait of [300, 2500]) setTimeout(askPanel, wait);
      tellOthers("roost:status", { state });
    };

    const line = makeLine(root, identifier, texts, {
      isLive: () => socket.isLive(),
      send: (id, text) => socket.send({ command: { id, text } }),
    });
    const frame = (said, lines, gap) => {
      if (said.hello) line.allow(said.hello.may_command);
      const dropped = said.dropped === 1 ? texts.dropped_one : texts.dropped_many;
      if (said.dropped) log.mark("gap", dropped.replace("{n}", said.dropped));
      if (gap) log.mark("gap", texts.gap);
      if (lines.length) {
        const plain = [];
        for (const one of lines) {
          if (one === null) log.mark("gap", texts.gap);
          else plain.push(log.line(one));
        }
        tellOthers("roost:lines", { lines: plain, state });
      }
      for (const one of said.status || []) setState(one);
      if (said.stats) tellOthers("roost:stats", said.stats);
      inSentence(said.events || [], texts, log.mark);
      if (said.may_command !== undefined) line.allow(said.may_command);
      if (said.answer) line.answer(said.answer);
      if (lines.length || said.status || said.events) showEmpty();
    };
    const socket = makeSocket(root.dataset.socket, told, frame);

    const showSettings = () => {
      box.classList.toggle("nowrap", !settings.wrap);
      for (let one = 0; one < SIZES; one += 1) box.classList.toggle(`size-${one}`, settings.size === one);
      box.setAttribute("aria-live", settings.aloud ? "polite" : "off");
      part("wrap").setAttribute("aria-pressed", settings.wrap);
      part("aloud").setAttribute("aria-pressed", settings.aloud);
      part("smaller").disabled = settings.size === 0;
      part("larger").disabled = settings.size === SIZES - 1;
      log.refit();
    };
    document.addEventListener("roost-console-settings", showSettings);

    const done = (text) => {
      part("done").textContent = text;
      setTimeout(() => part("done").textContent === text && (part("done").textContent = ""), 4000);
    };
    const chosenText = () => {
      const chosen = document.getSelection();
      const isHere = !chosen.isCollapsed && box.contains(chosen.anchorNode) && box.contains(chosen.focusNode);
      return isHere ? String(chosen) : "";
    };
    const download = () => {
      const moment = new Date().toISOString().slice(0, 19).replace("T", "-").replaceAll(":", "");
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([log.text(), "\n"], { type: "text/plain;charset=utf-8" }));
      const clean = name.replace(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^[-.]+|-+$/g, "").slice(0, 60);
      link.download = `${clean || identifier}-${moment}.log`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
      done(texts.downloaded);
    };
    const change = (values) => {
      Object.assign(settings, values);
      keepSettings();
    };
    const acts = {
      find: () => search.open(),
      "copy-all": async () => {
        try {
          await navigator.clipboard.writeText(chosenText() || log.text());
          done(texts.copied);
        } catch { // the browser asked, and was told no
          done(texts.not_copied);
        }
      },
      download,
      clear: () => {
        log.clear();
        done(texts.cleared);
      },
      wrap: () => change({ wrap: !settings.wrap }),
      smaller: () => change({ size: settings.size - 1 }),
      larger: () => change({ size: settings.size + 1 }),
      aloud: () => change({ aloud: !settings.aloud }),
      now: () => socket.connect(),
    };
    const showTools = (open) => {
      part("more").setAttribute("aria-expanded", open);
      part("tools").classList.toggle("open", open);
    };
    for (const [act, what] of Object.entries(acts)) {
      part(act).addEventListener("click", () => {
        if (["copy-all", "download", "clear", "find"].includes(act)) showTools(false);
        what();
      });
      part(act).addEventListener("mousedown", (event) => event.preventDefault()); // what is selected stays selected
    }
    part("copy-all").hidden = !navigator.clipboard;
    part("more").addEventListener("click", () => showTools(part("more").getAttribute("aria-expanded") !== "true"));
    document.addEventListener("click", (event) => part("bar").contains(event.target) || showTools(false));
    part("bar").addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !part("tools").classList.contains("open")) return;
      showTools(false);
      part("more").focus();
    });
    root.addEventListener("keydown", (event) => {
      const command = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
      if (command && event.key.toLowerCase() === "f") search.open();
      else if (command && event.key === "End") log.toEnd();
      else return;
      event.preventDefault();
    });
    const window_ = part("popout");
    if (window_) {
      window_.addEventListener("click", (event) => {
        if (!window.open(window_.href, `console-${identifier}`, "popup,width=780,height=560")) return;
        event.preventDefault();
      });
    }
    for (const event of ["htmx:afterSwap", "htmx:oobAfterSwap"]) {
      document.addEventListener(event, () => socket.isLive() && showBadge());
    }

    root.classList.add("ready");
    showSettings();
    showEmpty();
    socket.connect();
  };

  /* How much room there is: from where a console begins to the end of what is seen, also above a touch keyboard. */
  const fit = () => {
    const view = window.visualViewport, seen = view ? view.height : window.innerHeight;
    const isOnLine = document.activeElement?.closest(".console-area [data-command-form]");
    const typing = Boolean(isOnLine) && seen < 540 && window.innerWidth < 900;
    document.documentElement.classList.toggle("typing", typing);
    document.documentElement.style.setProperty("--seen", `${Math.round(seen)}px`);
    document.documentElement.style.setProperty("--seen-top", `${Math.round(view ? view.offsetTop : 0)}px`);
    for (const main of document.querySelectorAll("[data-fill]")) {
      const above = Math.round(main.getBoundingClientRect().top + window.scrollY);
      if (!typing) main.style.setProperty("--above", `${above}px`);
    }
  };
  for (const root of document.querySelectorAll("[data-console]")) start(root);
  fit();
  window.addEventListener("resize", fit);
  for (const name of ["focusin", "focusout", "htmx:afterSettle"]) {
    document.addEventListener(name, () => requestAnimationFrame(fit));
  }
  new ResizeObserver(fit).observe(document.getElementById("notices"));
  for (const name of ["resize", "scroll"]) window.visualViewport?.addEventListener(name, fit);
})();
