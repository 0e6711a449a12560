/* The editor of a file: takes over the plain textarea, without losing cursor and undo when it is saved. Without this
   script, or without CodeMirror, the textarea stays what it is. */
"use strict";
(() => {
  const { make, makeFind, makeGuard, makeKeeper } = window.roostEditor;
  const WRAPS = "roost-editor-wraps";
  const root = document.documentElement, isMac = /Mac|iP/.test(navigator.platform);

  const remembered = () => {
    let told = null;
    try { told = localStorage.getItem(WRAPS); } catch { /* a private window keeps nothing */ }
    return told ? told === "yes" : window.innerWidth < 600; // on a phone a long line is not read sideways
  };
  const remember = (wraps) => {
    try { localStorage.setItem(WRAPS, wraps ? "yes" : "no"); } catch { /* it is asked again then */ }
  };

  const startTools = (cm, box, editor, find) => {
    const { view } = editor, part = (name) => box.querySelector(`[data-${name}]`);
    const wrap = part("wrap"), undo = part("undo"), redo = part("redo");
    wrap.setAttribute("aria-pressed", String(remembered()));
    wrap.addEventListener("click", () => {
      const wraps = wrap.getAttribute("aria-pressed") !== "true";
      wrap.setAttribute("aria-pressed", String(wraps));
      remember(wraps);
      editor.wrap(wraps);
    });
    for (const [button, run] of [[undo, cm.undo], [redo, cm.redo]]) {
      button?.addEventListener("mousedown", (event) => event.preventDefault()); // a touch keyboard stays out
      button?.addEventListener("click", () => run(view));
    }
    part("find").addEventListener("click", () => (find.isOpen() ? find.close() : find.open()));
    const show = () => {
      for (const [button, depth] of [[undo, cm.undoDepth], [redo, cm.redoDepth]]) {
        if (button) button.disabled = depth(view.state) === 0;
      }
    };
    show();
    return show;
  };

  /* After a conflict: what the file holds now goes into the editor, and one's own text into what can be undone. */
  const takeTheirs = (form, put) => {
    form.addEventListener("click", (event) => {
      if (!event.target.closest("[data-theirs]")) return;
      event.preventDefault();
      form.elements.base.value = form.elements.over.value;
      put(form.querySelector("#theirs").value);
    });
  };

  /* CodeMirror in place of the textarea, which keeps the text that the form sends. */
  const startCode = (cm, area, box, bar, words, keeper) => {
    const host = document.createElement("div"), isReadOnly = area.readOnly, hadFocus = document.activeElement === area;
    const at = [area.selectionStart, area.selectionEnd];
    host.className = "code";
    area.after(host);
    let find = null, showTools = null;
    const editor = make(cm, host, {
      text: area.value, file: area.dataset.editor, label: area.labels[0]?.textContent.trim() ?? area.dataset.editor,
      isReadOnly, wraps: remembered(), phrases: JSON.parse(bar.dataset.phrases),
      keys: [
        { key: "Mod-f", run: () => { find.open(); return true; } },
        { key: "Mod-h", run: () => { find.open(true); return true; } },
        { key: "Mod-Alt-f", run: () => { find.open(true); return true; } },
        { key: "F3", run: cm.findNext, shift: cm.findPrevious }, { key: "Mod-g", run: cm.findNext, shift: cm.findPrevious },
      ],
      onUpdate: (change) => {
        find?.update(change);
        showTools?.();
        if (change.docChanged) keeper.touched();
      },
    });
    const { view } = editor;
    const put = () => {
      if (!isReadOnly) area.value = view.state.doc.toString();
      return view.state.doc;
    };
    keeper.moveTo(() => view.state.doc, put);
    find = makeFind(cm, box.querySelector("[data-find-bar]"), view, words);
    showTools = startTools(cm, box, editor, find);
    area.hidden = true;
    box.classList.add("ready");
    takeTheirs(area.form, (text) => {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text }, userEvent: "input.theirs" });
      keeper.accept();
      view.focus();
    });
    if (hadFocus) {
      view.dispatch({ selection: { anchor: at[0], head: at[1] } });
      view.focus();
    }
    return find;
  };

  const takeOver = async (area) => {
    const box = area.closest(".editor"), bar = box.querySelector("[data-editor-bar]");
    const words = JSON.parse(bar.dataset.words), keeper = makeKeeper(area, bar, words);
    let find = null;
    makeGuard({ isDirty: keeper.isDirty, box, form: area.form, save: keeper.save, question: document.querySelector("[data-leave-question]") });
    document.addEventListener("keydown", (event) => {
      const isCommand = isMac ? event.metaKey : event.ctrlKey;
      if (!box.isConnected || event.defaultPrevented || event.altKey || event.shiftKey || !isCommand) return;
      const key = event.key.toLowerCase();
      if (key === "s") keeper.save();
      else if ((key === "f" || key === "h") && find && !document.querySelector("dialog[open]")) find.open(key === "h");
      else return;
      event.preventDefault();
    });
    keeper.show();
    try {
      const cm = await import(bar.dataset.bundle);
      if (box.isConnected) find = startCode(cm, area, box, bar, words, keeper);
    } catch (error) {
      console.warn("The plain text field stays: the editor did not load.", error);
    }
    fit();
  };

  /* How much room there is: from where the editor begins to the end of what is seen, also above a touch keyboard. */
  const fit = () => {
    const box = document.querySelector(".editor.ready"), view = window.visualViewport;
    if (!box) return;
    const seen = view ? view.height : window.innerHeight;
    const typing = box.contains(document.activeElement) && seen < 540 && window.innerWidth < 900;
    root.classList.toggle("typing", typing);
    root.style.setProperty("--seen", `${Math.round(seen)}px`);
    root.style.setProperty("--seen-top", `${Math.round(view ? view.offsetTop : 0)}px`);
    if (!typing) root.style.setProperty("--above", `${Math.round(box.getBoundingClientRect().top + window.scrollY)}px`);
  };
  window.addEventListener("resize", fit);
  for (const name of ["focusin", "focusout", "htmx:afterSettle"]) {
    document.addEventListener(name, () => requestAnimationFrame(fit));
  }
  for (const name of ["resize", "scroll"]) window.visualViewport?.addEventListener(name, fit);
  new ResizeObserver(fit).observe(document.getElementById("notices"));

  const taken = new WeakSet();
  const look = (where) => {
    for (const area of where.querySelectorAll("textarea[data-editor]")) {
      if (taken.has(area)) continue;
      taken.add(area);
      takeOver(area);
    }
  };
  look(document);
  document.addEventListener("htmx:load", (event) => look(event.target));
})();
