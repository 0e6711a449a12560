/* The socket to this portal: comes back by itself, keeps the place in the lines, says how it is. */
"use strict";
(() => {
  const { hash } = window.roostConsole;
  const WAITS_S = [1, 2, 4, 8, 16, 30], SILENT_MS = 25_000, STABLE_MS = 10_000, TAIL = 50;
  const SIGNED_OUT = 4401, RIGHTS = 4410, STATE = 4409, RESTART = 1012;
  const FINAL = new Set([1009, 4400, SIGNED_OUT, 4403, 4404, 4429]);

  /* `told` hears of the way: {phase, leg, said, cause, retryAt, code}; `frame` gets each frame, with the lines of it
     that are new and whether some are missing before them. */
  window.roostConsole.makeSocket = (address, told, frame) => {
    let socket = null, timer = 0, watchdog = 0, tries = 0, since = 0, over = false, away = false;
    let place = null, current = null, tail = [], link = null;

    const url = () => {
      const made = new URL(address, location.href);
      made.protocol = made.protocol.replace("http", "ws");
      return made.href;
    };
    const drop = () => {
      clearTimeout(timer);
      clearTimeout(watchdog);
      link = null;
      if (!socket) return;
      const old = socket;
      socket = null;
      old.onopen = old.onmessage = old.onclose = old.onerror = null;
      old.close();
    };
    const watch = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => lost(1006, ""), SILENT_MS);
    };

    const waitFor = (code) => {
      if (code === RESTART) return 2 + Math.random() * 10; // first the pages that waited meanwhile
      if (code === STATE) return 30;
      if (code === RIGHTS && tries < 2) return 0;
      return WAITS_S[Math.min(tries, WAITS_S.length) - 1] * (0.75 + Math.random() / 2);
    };
    const lost = (code, reason) => {
      const stood = since && performance.now() - since > STABLE_MS;
      drop();
      tries = stood ? 1 : tries + 1;
      since = 0;
      over = FINAL.has(code);
      if (over) return told({ phase: "over", leg: "portal", said: reason, code });
      const seconds = waitFor(code);
      timer = setTimeout(() => document.hidden || connect(), seconds * 1000);
      told({ phase: "lost", leg: "portal", said: reason, code, retryAt: performance.now() + seconds * 1000 });
    };

    const connect = () => {
      drop();
      over = false;
      told({ phase: "connecting", leg: "portal" });
      socket = new WebSocket(url());
      socket.onopen = () => {
        const tailHashes = place ? tail.map(hash) : [];
        socket.send(JSON.stringify({ hello: place ? { ...place, tail: tailHashes } : null }));
      };
      socket.onmessage = (event) => {
        watch();
        let said;
        try {
          said = JSON.parse(event.data);
        } catch {
          return;
        }
        take(said);
      };
      socket.onclose = (event) => lost(event.code, event.reason);
      watch();
    };

    /* Only lines that this page has not got yet; `gap`: the numbers jump though nobody said so. */
    const newLines = (said) => {
      let { from, lines } = said;
      if (!current || !Array.isArray(lines) || !Number.isInteger(from)) return { lines: [], gap: false };
      const gap = current.next !== null && from > current.next && !said.dropped;
      if (from < current.next) lines = lines.slice(current.next - from);
      current.next = Math.max(current.next, from + said.lines.length);
      place = current;
      const newest = [];
      for (let at = lines.length - 1; at >= 0 && newest.length < TAIL; at -= 1) {
        if (lines[at] !== null) newest.unshift(lines[at]);
      }
      tail = tail.concat(newest).slice(-TAIL);
      return { lines, gap };
    };
    const take = (said) => {
      if (said.hello) {
        since = performance.now();
        if (!current || current.stream !== said.hello.stream) current = { stream: said.hello.stream, next: null };
      }
      const fresh = newLines(said);
      if (said.link) {
        link = said.link;
        const retryAt = link.retry_in_s === undefined ? undefined : performance.now() + link.retry_in_s * 1000;
        told({ phase: link.phase, leg: "node", said: link.said || "", cause: link.cause, retryAt });
      }
      frame(said, fresh.lines, fresh.gap);
    };

    const again = () => {
      if (over || away || (socket && since)) return;
      connect();
    };
    window.addEventListener("online", again);
    window.addEventListener("offline", () => socket && lost(1006, ""));
    document.addEventListener("visibilitychange", () => document.hidden || again());
    window.addEventListener("pagehide", () => {
      away = true;
      drop();
      since = 0;
    });
    window.addEventListener("pageshow", (event) => {
      away = false;
      if (event.persisted) again();
    });

    return {
      connect: () => {
        tries = 0;
        connect();
      },
      send: (message) => socket.send(JSON.stringify(message)),
      isLive: () => socket?.readyState === WebSocket.OPEN && ["live", "renewing"].includes(link?.phase),
    };
  };
})();
