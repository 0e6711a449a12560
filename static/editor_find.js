/* Finding and replacing in the editor. The bar is the page's own (templates/files/_editor_tools.html). */
"use strict";
(() => {
  const MOST_COUNTED = 1000;

  /* `bar` holds the fields and buttons; `view` is a CodeMirror editor. Gives open(), close(), update(viewUpdate). */
  window.roostEditor.makeFind = (cm, bar, view, words) => {
    const part = (name) => bar.querySelector(`[data-find-${name}]`);
    const field = part("field"), other = part("other"), count = part("count");
    let planned = 0;

    const query = () => cm.getSearchQuery(view.state);
    const matches = () => {
      const cursor = query().getCursor(view.state), { from, to } = view.state.selection.main;
      let number = 0, at = 0;
      for (let next = cursor.next(); !next.done && number < MOST_COUNTED; next = cursor.next()) {
        number += 1;
        if (next.value.from === from && next.value.to === to) at = number;
      }
      return { number, at };
    };
    const tell = () => {
      planned = 0;
      let text = "";
      if (!bar.hidden && query().search && !query().valid) text = words.find_invalid;
      else if (!bar.hidden && query().search) {
        const { number, at } = matches();
        text = !number ? words.find_none : number === MOST_COUNTED ? words.find_many : at ? words.find_at : words.find_all;
        text = text.replace("{at}", at).replace("{n}", number);
      }
      if (count.textContent !== text) count.textContent = text;
    };
    const plan = () => { planned ||= setTimeout(tell, 120); };

    const isOn = (name) => part(name).getAttribute("aria-pressed") === "true";
    /* Take what the fields say, and show the first match from where the cursor is. */
    const look = (moves) => {
      const isPattern = isOn("pattern");
      const wanted = new cm.SearchQuery({ search: field.value, replace: other?.value ?? "", caseSensitive: isOn("case"), regexp: isPattern, literal: !isPattern });
      view.dispatch({ effects: cm.setSearchQuery.of(wanted) });
      if (moves && wanted.valid) {
        const from = view.state.selection.main.from;
        let found = wanted.getCursor(view.state, from).next();
        if (found.done) found = wanted.getCursor(view.state).next();
        if (!found.done) {
          const { from: start, to: end } = found.value;
          view.dispatch({ selection: { anchor: start, head: end }, effects: cm.EditorView.scrollIntoView(start, { y: "center" }) });
        }
      }
      plan();
    };
    const close = () => {
      bar.hidden = true;
      cm.closeSearchPanel(view);
      view.focus();
    };
    const open = (replaces) => {
      bar.hidden = false;
      const { from, to } = view.state.selection.main;
      cm.openSearchPanel(view);
      const chosen = to - from < 200 ? view.state.sliceDoc(from, to) : "";
      if (chosen && !chosen.includes("\n")) field.value = chosen;
      look(false);
      const first = replaces && field.value && other ? other : field;
      first.focus();
      first.select();
    };
    const acts = { next: cm.findNext, previous: cm.findPrevious, replace: cm.replaceNext, "replace-all": cm.replaceAll };
    for (const [name, run] of Object.entries(acts)) part(name)?.addEventListener("click", () => { run(view); plan(); });
    for (const name of ["case", "pattern"]) {
      part(name).addEventListener("click", (event) => {
        event.currentTarget.setAttribute("aria-pressed", String(!isOn(name)));
        look(true);
      });
    }
    part("close").addEventListener("click", close);
    field.addEventListener("input", () => look(true));
    other?.addEventListener("input", () => look(false));
    bar.addEventListener("keydown", (event) => {
      if (event.key === "Escape") close();
      else if (event.key === "Enter" && event.target === field) (event.shiftKey ? cm.findPrevious : cm.findNext)(view);
      else if (event.key === "Enter" && event.target === other) cm.replaceNext(view);
      else return;
      event.preventDefault();
      plan();
    });
    const update = (change) => (change.docChanged || change.selectionSet) && !bar.hidden && plan();
    return { open, close, update, isOpen: () => !bar.hidden };
  };
})();
