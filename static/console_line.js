/* The command line: one command at a time over the socket, else the form as it is; history kept in this browser. */
"use strict";
(() => {
  const MOST_KEPT = 50;

  const history = (identifier) => {
    const key = `roost.history.${identifier}`;
    const read = () => {
      try {
        const kept = JSON.parse(localStorage.getItem(key) || "[]");
        return Array.isArray(kept) ? kept.filter((one) => typeof one === "string") : [];
      } catch {
        return [];
      }
    };
    const add = (text) => {
      const kept = read();
      if (kept[0] === text) return;
      try {
        localStorage.setItem(key, JSON.stringify([text, ...kept].slice(0, MOST_KEPT)));
      } catch { /* no room, or not allowed: the line works without */ }
    };
    return { read, add };
  };

  /* The command line in `root`. `way` says whether commands go over the socket (`isLive`) and sends them (`send`). */
  window.roostConsole.makeLine = (root, identifier, words, way) => {
    const kept = history(identifier);
    let queue = [], flying = null, number = 0, at = -1, draft = "", refused = "", isOld = false;

    const form = () => root.querySelector("[data-command-form]");
    const field = () => root.querySelector("[data-command]");
    const tell = (text, tone) => {
      const told = root.querySelector("[data-told]");
      if (!told) return;
      told.textContent = text;
      told.className = `told ${tone}`;
      const wrong = root.querySelector("[data-wrong]");
      if (wrong) wrong.textContent = "";
      field().removeAttribute("aria-invalid");
    };
    const giveBack = (text) => {
      if (field() && !field().value) {
        field().value = text;
        suggest();
      }
    };

    /* What history would add behind the text; "" when nothing fits or the line is too long to show it. */
    const rest = () => {
      const input = field(), text = input.value;
      if (!text || text === refused || input.selectionStart !== text.length) return "";
      if (input.scrollWidth > input.clientWidth) return "";
      const fits = kept.read().find((one) => one.length > text.length && one.startsWith(text));
      return fits ? fits.slice(text.length) : "";
    };
    const suggest = () => {
      const ghost = root.querySelector("[data-ghost]");
      if (!ghost) return;
      const typed = document.createElement("span"), more = rest();
      typed.textContent = more ? field().value : "";
      ghost.replaceChildren(typed, more);
    };
    const accept = () => {
      const more = rest();
      if (!more) return false;
      field().value += more;
      suggest();
      return true;
    };
    const walk = (step) => {
      const all = kept.read(), input = field(), next = Math.max(-1, Math.min(all.length - 1, at + step));
      if (next === at) return;
      if (at === -1) draft = input.value;
      at = next;
      input.value = at === -1 ? draft : all[at];
      input.setSelectionRange(input.value.length, input.value.length);
      suggest();
    };

    const pump = () => {
      if (flying || !queue.length) return;
      isOld = false;
      flying = queue.shift();
      tell(queue.length ? words.sending_more.replace("{n}", queue.length) : words.sending, "");
      way.send(flying.id, flying.text);
    };
    const submit = (event) => {
      const text = field().value.split(/[\r\n]+/).join(" ").trim();
      at = -1;
      if (text) kept.add(text);
      if (!way.isLive()) return;
      event.preventDefault();
      event.stopPropagation();
      if (!text) return tell(words.empty, "bad");
      queue.push({ id: (number += 1), text });
      field().value = "";
      suggest();
      pump();
    };

    const onKey = (event) => {
      if (event.target !== field() || event.isComposing) return;
      const bare = !event.ctrlKey && !event.altKey && !event.metaKey && !event.shiftKey;
      if (!bare) return;
      if (event.key === "ArrowUp") walk(1);
      else if (event.key === "ArrowDown") walk(-1);
      else if (event.key === "Escape" && rest()) refused = field().value;
      else if (!["Tab", "ArrowRight"].includes(event.key) || !accept()) return;
      event.preventDefault();
      suggest();
    };
    const keys = { up: () => walk(1), down: () => walk(-1), tab: accept };

    root.addEventListener("submit", (event) => event.target === form() && submit(event), true);
    root.addEventListener("keydown", onKey);
    root.addEventListener("input", (event) => {
      if (event.target !== field()) return;
      at = -1;
      refused = "";
      suggest();
    });
    root.addEventListener("pointerdown", (event) => {
      if (event.target.closest("[data-key], [data-send]") && field() === document.activeElement) event.preventDefault();
    });
    root.addEventListener("click", (event) => {
      const key = event.target.closest("[data-key]");
      if (!key) return;
      keys[key.dataset.key]();
      field().focus({ preventScroll: true });
    });

    return {
      answer: ({ id, outcome, said }) => {
        if (!flying || flying.id !== id) return;
        const { text } = flying;
        flying = null;
        if (outcome === "sent") tell(words.sent.replace("{command}", text), "good");
        else tell(said || words.unknown, outcome === "unknown" ? "warn" : "bad");
        if (outcome === "dropped" || outcome === "refused") giveBack(text);
        pump();
      },
      lost: () => {
        const left = queue[0];
        if (flying || left) isOld = true;
        if (flying) tell(words.unknown, "warn");
        else if (left) tell(words.not_sent, "bad");
        if (left) giveBack(left.text);
        queue = [];
        flying = null;
      },
      /* Live again: what was said of a lost connection is over. */
      found: () => {
        if (isOld) setTimeout(() => isOld && tell("", ""), 30_000);
      },
      /* Whether this person may send; the line was made by the server only for somebody who might. */
      allow: (may) => {
        if (form()) form().hidden = !may;
        const reason = root.querySelector("[data-may-not]");
        if (!reason) return;
        reason.hidden = may && Boolean(form());
        if (may && !form()) reason.textContent = words.granted;
      },
    };
  };
})();
