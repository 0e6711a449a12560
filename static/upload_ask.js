/* The question whether files that are there already, or may be, are replaced: all, none, or those that are ticked. */
"use strict";
window.roostUploadAsk = (box, texts) => {
  const { filled } = window.roostFigures;
  const part = (name) => box.querySelector(`[data-${name}]`);
  const button = (answer) => box.querySelector(`[data-answer=${answer}]`);
  const ticks = () => [...box.querySelectorAll("input:checked")];

  const rowOf = (item, at, isAlone) => {
    const row = document.createElement("li"), label = document.createElement(isAlone ? "span" : "label");
    const name = document.createElement("bdi");
    name.textContent = [...item.folder, item.name].join("/");
    if (!isAlone) {
      const tick = document.createElement("input");
      tick.type = "checkbox";
      tick.value = at;
      label.className = "tick";
      label.append(tick);
    }
    label.append(name);
    row.append(label);
    return row;
  };
  const showTicked = () => {
    const found = ticks().length;
    button("ticked").hidden = !found;
    button("ticked").textContent = filled(texts.ask_ticked, { n: found });
  };

  /* Gives the set of files to replace; null when the upload shall not be made at all. */
  return (items) => new Promise((resolve) => {
    const isAlone = items.length === 1;
    const title = isAlone ? filled(texts.ask_one, { name: items[0].name }) : filled(texts.ask, { n: items.length });
    part("ask-title").textContent = items.some((one) => one.isUnseen) ? texts.ask_unseen : title;
    button("all").textContent = isAlone ? texts.replace_one : texts.replace;
    button("none").textContent = isAlone ? texts.skip_one : texts.skip;
    part("ask-names").replaceChildren(...items.map((one, at) => rowOf(one, at, isAlone)));
    part("ask-names").hidden = isAlone && !items[0].folder.length;
    showTicked();

    const over = new AbortController();
    const answered = (found) => {
      over.abort();
      box.close();
      resolve(found);
    };
    const answers = {
      all: () => new Set(items),
      ticked: () => new Set(ticks().map((one) => items[Number(one.value)])),
      none: () => new Set(),
      cancel: () => null,
    };
    for (const [name, found] of Object.entries(answers)) {
      button(name).addEventListener("click", () => answered(found()), { signal: over.signal });
    }
    box.addEventListener("change", showTicked, { signal: over.signal });
    box.addEventListener("close", () => answered(null), { signal: over.signal }); // with Escape
    box.showModal();
    part("ask-title").focus();
  });
};
