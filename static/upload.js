/* Uploading on a page of files: what is dropped or picked goes into the folder that is shown. */
"use strict";
(() => {
  const MOST = 10_000, DRAW_MS = 200, LIST_MS = 5000;
  const root = document.getElementById("uploads");
  if (!root) return;
  const tree = window.roostUploadTree, { filled } = window.roostFigures;
  const texts = JSON.parse(root.dataset.texts), { files } = root.dataset;
  const one = (name) => document.querySelector(`[data-${name}]`);
  const ask = window.roostUploadAsk(one("upload-ask"), texts);
  const band = window.roostUploadBand(root, one("upload-row"), one("upload-status"), texts);
  const wire = window.roostUploadWire({
    upload: `${files}/upload`, check: `${files}/upload/check`, folder: `${files}/new-folder`, page: `${files}/upload`,
  }, root.dataset.token);

  const shownFolder = () => document.querySelector("#files[data-directory]")?.dataset.directory ?? root.dataset.directory;
  const tell = (text) => {
    const told = document.createElement("div");
    told.className = "band warn";
    told.textContent = text;
    document.getElementById("notices").replaceChildren(told);
  };

  /* The list is drawn anew now and then while files arrive, and at the end. */
  let listTimer = 0;
  const drawList = () => {
    clearTimeout(listTimer);
    const isRead = document.querySelector("#files.htmx-request"); // it would be read twice, and the first time in vain
    listTimer = isRead ? setTimeout(drawList, 300) : 0;
    if (isRead) return;
    window.htmx.trigger(document.body, "files-changed");
  };

  let drawTimer = 0;
  const draw = () => {
    drawTimer = 0;
    const seen = queue.seen();
    band.draw(seen, queue.canRetry);
    if (seen.pausing) drawTimer = setTimeout(draw, 500); // the seconds to wait
  };
  const queue = window.roostUploadQueue.make(wire, {
    ask,
    changed: () => (drawTimer ||= setTimeout(draw, DRAW_MS)),
    arrived: () => (listTimer ||= setTimeout(drawList, LIST_MS)),
    ended: () => {
      clearTimeout(drawTimer);
      draw();
      band.say(band.saidAtEnd());
      drawList();
    },
  });

  const take = (found, folder) => {
    const { length } = found.files, pathOf = ({ folder, name }) => [...folder, name].join("/");
    found.files.sort((one, other) => pathOf(one).localeCompare(pathOf(other), undefined, { numeric: true }));
    if (length + found.folders.length > MOST) return tell(filled(texts.too_many, { n: MOST }));
    const items = [
      ...found.folders.map((path) => ({ isFolder: true, name: path.at(-1), folder: path.slice(0, -1) })),
      ...found.files,
      ...found.unread.map((unread) => ({ ...unread, fault: "unreadable" })),
    ];
    if (!items.length) return tell(texts.nothing);
    for (const item of items) if (![item.name, ...item.folder].every(tree.isName)) item.fault ??= "name";
    band.say(length === 1 ? texts.started_one : filled(texts.started, { n: length }));
    return queue.add(folder, items);
  };

  const pathWords = (folder) => (folder === "/" ? texts.root : folder);
  const pick = one("upload-pick");
  const canPickFolders = "webkitdirectory" in HTMLInputElement.prototype && window.matchMedia("(pointer: fine)").matches;
  const choose = (kind) => pick.querySelector(`[data-field=${kind}]`).click();
  document.addEventListener("click", (event) => { // before htmx or the browser follow the link
    const link = event.target.closest("a[data-upload]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (!canPickFolders) return choose("files");
    one("pick-title").textContent = filled(texts.pick, { folder: pathWords(shownFolder()) });
    pick.showModal();
  }, true);
  pick.addEventListener("click", (event) => {
    const pressed = event.target.closest("button");
    if (pressed?.dataset.pick) choose(pressed.dataset.pick);
    if (pressed || event.target === pick) pick.close();
  });
  for (const field of pick.querySelectorAll("input")) {
    field.addEventListener("change", () => {
      void take(tree.ofField(field.files), shownFolder());
      field.value = ""; // the same file can be picked again
    });
  }

  const over = one("drop-over");
  const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
  const show = (isOver) => {
    over.hidden = !isOver;
    if (isOver) one("drop-said").textContent = filled(texts.drop, { folder: pathWords(shownFolder()) });
  };
  for (const name of ["dragenter", "dragover"]) {
    document.addEventListener(name, (event) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      const isAsking = Boolean(document.querySelector("dialog[open]"));
      event.dataTransfer.dropEffect = isAsking ? "none" : "copy";
      show(!isAsking);
    });
  }
  document.addEventListener("dragleave", (event) => event.relatedTarget || show(false));
  document.addEventListener("drop", async (event) => {
    show(false);
    if (!holdsFiles(event)) return;
    event.preventDefault();
    if (document.querySelector("dialog[open]")) return;
    const folder = shownFolder();
    await take(await tree.ofDrop(event.dataTransfer, MOST), folder);
  });

  const itemOf = (element) => {
    const id = Number(element.closest("[data-id]").dataset.id);
    return queue.seen().items.filter((item) => item.id === id);
  };
  root.addEventListener("click", (event) => {
    const pressed = event.target.closest("button");
    if (!pressed) return;
    const acts = {
      cancel: () => queue.cancel(queue.seen().items),
      retry: () => queue.retry(queue.seen().items),
      clear: () => queue.clear(),
      resume: () => queue.resume(),
    };
    if (pressed.dataset.act) acts[pressed.dataset.act]();
    else if ("cancel" in pressed.dataset) queue.cancel(itemOf(pressed));
    else if ("again" in pressed.dataset) queue.retry(itemOf(pressed));
    draw();
  });
  window.addEventListener("online", () => queue.seen().pausing?.kind === "lost" && queue.resume());
  window.addEventListener("beforeunload", (event) => {
    if (queue.seen().isOpen) event.preventDefault();
  });
})();
