/* Searching in a log: plain text, capital or not. Matches are painted where one looks, counted everywhere. */
"use strict";
(() => {
  const { folded } = window.roostConsole;
  const MOST_PAINTED = 2000;
  const paints = typeof Highlight === "function" && CSS.highlights;
  const found = paints ? new Highlight() : null, chosen = paints ? new Highlight() : null;
  if (paints) {
    chosen.priority = 1;
    CSS.highlights.set("found", found);
    CSS.highlights.set("chosen", chosen);
  }

  const starts = (row, word) => {
    row.folded ??= folded(row.text);
    const all = [];
    for (let at = row.folded.indexOf(word); at >= 0; at = row.folded.indexOf(word, at + word.length)) all.push(at);
    return all;
  };
  /* The range of letters in an element, across its pieces. */
  const rangeOf = (element, from, to) => {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT), range = document.createRange();
    let passed = 0;
    while (walker.nextNode()) {
      const node = walker.currentNode, end = passed + node.length;
      if (from >= passed && from < end) range.setStart(node, from - passed);
      if (to > passed && to <= end) {
        range.setEnd(node, to - passed);
        return range;
      }
      passed = end;
    }
    return null;
  };

  /* `bar` is the row with the field, its buttons and the count; gives what the console tells it. */
  window.roostConsole.makeSearch = (bar, box, log, words) => {
    const field = bar.querySelector("[data-search-field]"), count = bar.querySelector("[data-search-count]");
    let word = "", total = 0, current = null, mine = [], planned = false;

    const hits = (row) => (row.searched === word ? row.hits : (row.searched = word, row.hits = starts(row, word)));
    const sum = (rows) => rows.reduce((all, row) => all + hits(row).length, 0);

    const tell = () => {
      let text = "";
      if (word && !total) text = words.found_none;
      else if (word) {
        let before = 0;
        for (const row of current ? log.rows() : []) {
          if (row === current.row) break;
          before += hits(row).length;
        }
        const number = current ? before + current.index + 1 : 0;
        text = (current ? words.found_at : words.found).replace("{at}", number).replace("{n}", total);
      }
      if (count.textContent !== text) count.textContent = text;
    };
    const unpaint = () => {
      for (const range of mine) {
        found.delete(range);
        chosen.delete(range);
      }
      mine = [];
    };
    /* Only what is in sight gets painted, so that a word that is everywhere costs no more than a rare one. */
    const paint = () => {
      planned = false;
      tell();
      if (!paints) return;
      unpaint();
      if (!word || !total) return;
      const rows = log.rows(), top = box.scrollTop, end = top + box.clientHeight;
      let low = 0, high = rows.length;
      while (low < high) {
        const middle = (low + high) >> 1, element = rows[middle].element;
        if (element.offsetTop + element.offsetHeight < top) low = middle + 1;
        else high = middle;
      }
      for (let at = low; at < rows.length && rows[at].element.offsetTop <= end && mine.length < MOST_PAINTED; at += 1) {
        hits(rows[at]).forEach((from, index) => {
          const range = rangeOf(rows[at].element, from, from + word.length);
          if (!range) return;
          mine.push(range);
          (current && current.row === rows[at] && current.index === index ? chosen : found).add(range);
        });
      }
    };
    const plan = () => {
      if (planned || bar.hidden) return;
      planned = true;
      requestAnimationFrame(paint);
    };

    const choose = (row, index) => {
      if (current) current.row.element.classList.remove("current");
      current = row ? { row, index } : null;
      if (row) {
        row.element.classList.add("current");
        log.reveal(row);
      }
      plan();
    };
    const step = (back) => {
      const rows = log.rows();
      if (!word || !total || !rows.length) return;
      const next = current ? current.index + (back ? -1 : 1) : -1;
      if (current && next >= 0 && next < hits(current.row).length) return choose(current.row, next);
      const from = current ? rows.indexOf(current.row) : back ? rows.length : 0;
      for (let turn = current ? 1 : back ? 1 : 0; turn <= rows.length; turn += 1) {
        const at = (from + (back ? -turn : turn) + 2 * rows.length) % rows.length, count = hits(rows[at]).length;
        if (count) return choose(rows[at], back ? count - 1 : 0);
      }
    };
    const look = () => {
      word = folded(field.value);
      choose(null);
      total = word ? sum(log.rows()) : 0;
      if (word) step(true);
      plan();
    };
    const open = () => {
      const chosenText = String(document.getSelection()).trim();
      bar.hidden = false;
      if (chosenText && chosenText.length < 100 && !chosenText.includes("\n")) field.value = chosenText;
      field.focus();
      field.select();
      look();
    };
    const close = () => {
      bar.hidden = true;
      word = "";
      total = 0;
      choose(null);
      if (paints) unpaint();
      box.focus({ preventScroll: true });
    };

    field.addEventListener("input", look);
    bar.addEventListener("keydown", (event) => {
      if (event.key === "Escape") close();
      else if (event.key === "Enter" && event.target === field) step(event.shiftKey);
      else return;
      event.preventDefault();
    });
    bar.querySelector("[data-search-up]").addEventListener("click", () => step(true));
    bar.querySelector("[data-search-down]").addEventListener("click", () => step(false));
    bar.querySelector("[data-search-close]").addEventListener("click", close);

    return {
      open,
      changed: (fresh, gone) => {
        if (bar.hidden || !word) return;
        total += sum(fresh) - sum(gone);
        if (current && gone.includes(current.row)) choose(null);
        plan();
      },
    };
  };
})();
