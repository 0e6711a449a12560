/* The log of one console: the newest lines as elements, following the end unless somebody reads further up. */
"use strict";
(() => {
  const { plain, nodes } = window.roostConsole;
  const MOST_LINES = 2000, MOST_LETTERS = 4_000_000, PER_FRAME = 400, AT_END = 3, SETTLE_MS = 500;

  /* A log in `box` (the element that scrolls). `words` holds the texts, `changed` is told what came and what went. */
  window.roostConsole.makeLog = (box, jumpButton, words, changed) => {
    let rows = [], waiting = [], letters = 0, missed = 0;
    let follows = true, touched = false, planned = false, lastTop = 0, everything = 0, settlesAt = 0;

    const isAtEnd = () => box.scrollHeight - box.clientHeight - box.scrollTop <= AT_END;
    const toEnd = () => {
      box.scrollTop = box.scrollHeight;
      lastTop = box.scrollTop;
    };
    const tellJump = () => {
      jumpButton.hidden = follows;
      const text = missed === 0 ? words.jump : (missed === 1 ? words.jump_one : words.jump_many).replace("{n}", missed);
      if (jumpButton.textContent !== text) jumpButton.textContent = text;
    };
    const hold = () => {
      if (!follows || box.scrollHeight <= box.clientHeight) return;
      follows = false;
      missed = waiting.length;
      tellJump();
    };
    const followOn = () => {
      follows = true;
      missed = 0;
      settlesAt = performance.now() + SETTLE_MS;
      tellJump();
      plan();
      toEnd();
    };

    const elementOf = (row) => {
      const element = document.createElement("div");
      element.className = row.kind === "line" ? "l" : `l mark ${row.kind}`;
      if (row.raw === null) element.textContent = row.text;
      else element.append(...nodes(row.raw));
      return element;
    };

    /* Old rows go only while the end is followed: what is being read never moves. */
    const cut = (room) => {
      let count = 0;
      while (count < rows.length && (rows.length - count > MOST_LINES - room || letters > MOST_LETTERS)) {
        letters -= rows[count].text.length;
        rows[count].element.remove();
        count += 1;
      }
      return count ? rows.splice(0, count) : [];
    };

    const next = () => {
      if (follows) return waiting.splice(0, PER_FRAME);
      const room = letters < MOST_LETTERS ? Math.max(0, MOST_LINES - rows.length) : 0;
      return waiting.splice(0, Math.min(room, PER_FRAME));
    };

    const draw = () => {
      planned = false;
      if (touched && follows) return;
      const fresh = next();
      if (fresh.length) {
        const fragment = document.createDocumentFragment();
        for (const row of fresh) {
          row.element = elementOf(row);
          letters += row.text.length;
          fragment.append(row.element);
        }
        const gone = follows ? cut(fresh.length) : [];
        rows.push(...fresh);
        box.append(fragment);
        if (follows) toEnd();
        changed(fresh, gone);
      }
      if (!follows) tellJump();
      if (waiting.length && follows) plan();
    };
    const plan = () => {
      if (planned) return;
      planned = true;
      requestAnimationFrame(draw);
    };

    /* More waits than can be shown: what would be pushed out at once is never made into elements. */
    const thin = () => {
      const before = waiting[0].skips ? waiting.shift().skips : 0, over = waiting.length - MOST_LINES + 1;
      const skips = before + over;
      waiting.splice(0, over, { kind: "gap", raw: null, text: words.too_many.replace("{n}", skips), skips });
    };
    const put = (row) => {
      waiting.push(row);
      everything += 1;
      if (!follows) missed += 1;
      if (waiting.length > 2 * MOST_LINES) thin();
      plan();
    };

    box.addEventListener("scroll", () => {
      if (isAtEnd()) {
        if (!follows) followOn();
      } else if (follows && performance.now() < settlesAt && !touched) toEnd(); // an earlier scroll still glides
      else if (box.scrollTop < lastTop - 1) hold();
      lastTop = box.scrollTop;
      changed([], []);
    }, { passive: true });
    box.addEventListener("wheel", (event) => event.deltaY < 0 && hold(), { passive: true });
    /* Under a finger or a pressed mouse (scrolling, selecting) nothing moves. */
    const press = (event) => {
      if (event.pointerType !== "touch") touched = true;
    };
    const release = () => {
      if (!touched) return;
      touched = false;
      if (!document.getSelection().isCollapsed && box.contains(document.getSelection().anchorNode)) hold();
      plan();
    };
    for (const name of ["pointerdown", "touchstart"]) box.addEventListener(name, press, { passive: true });
    for (const name of ["pointerup", "pointercancel", "dragend", "contextmenu", "touchend", "touchcancel", "blur"]) {
      window.addEventListener(name, (event) => event.pointerType !== "touch" && release(), { passive: true });
    }
    box.addEventListener("keydown", (event) => {
      if (["ArrowUp", "PageUp", "Home"].includes(event.key) && !event.ctrlKey && !event.altKey) hold();
    });
    jumpButton.addEventListener("click", () => {
      followOn();
      box.focus({ preventScroll: true });
    });
    new ResizeObserver(() => follows && toEnd()).observe(box);

    const all = () => rows.concat(waiting);
    return {
      line: (raw) => {
        const row = { kind: "line", raw, text: plain(raw) };
        put(row);
        return row.text;
      },
      mark: (kind, text) => put({ kind, raw: null, text }),
      clear: () => {
        changed([], rows);
        rows = [];
        waiting = [];
        letters = 0;
        box.replaceChildren();
        followOn();
      },
      reveal: (row) => {
        hold();
        box.scrollTop = row.element.offsetTop - (box.clientHeight - row.element.offsetHeight) / 2;
        lastTop = box.scrollTop;
      },
      toEnd: followOn,
      refit: () => follows && toEnd(),
      rows: () => rows,
      text: () => all().map((row) => row.text).join("\n"),
      isEmpty: () => everything === 0,
    };
  };
})();
