/* In which requests files go, and into which folders to look before. Nothing here touches the page. */
"use strict";
window.roostUploadPlan = (() => {
  const MOST_FILES = 25, MOST_BYTES = 8 * 1024 * 1024;

  const joined = (folder, name) => `${folder === "/" ? "" : folder}/${name}`;

  /* Which of the waiting files go in the next request: small ones of one folder together, a large one by itself. */
  const batchOf = (waiting) => {
    const [first] = waiting;
    if (!first) return [];
    const isLone = (one) => one.isFolder || one.isAlone || one.size > MOST_BYTES;
    if (isLone(first)) return [first];
    const batch = [], names = new Set();
    let bytes = 0;
    for (const one of waiting) {
      const fits = one.directory === first.directory && one.isReplacing === first.isReplacing && !names.has(one.name);
      if (!fits || isLone(one) || bytes + one.size > MOST_BYTES) continue;
      batch.push(one);
      names.add(one.name);
      bytes += one.size;
      if (batch.length === MOST_FILES) break;
    }
    return batch;
  };

  /* Files as a tree of folders from the folder they are put into, to look only into those that are there. */
  const treesOf = (items) => {
    const trees = new Map();
    const node = (path) => ({ path, items: [], folders: new Map() });
    for (const one of items) {
      if (!trees.has(one.root)) trees.set(one.root, node(one.root));
      let at = trees.get(one.root);
      for (const name of one.folder) {
        if (!at.folders.has(name)) at.folders.set(name, node(joined(at.path, name)));
        at = at.folders.get(name);
      }
      at.items.push(one);
    }
    return [...trees.values()];
  };

  /* All files of a tree. */
  const everyOf = (node) => [...node.items, ...[...node.folders.values()].flatMap(everyOf)];

  /* How much of a request's body belongs to which of its files. */
  const spread = (batch, bytes) => {
    for (const one of batch) {
      one.sent = Math.min(one.size, Math.max(0, bytes));
      bytes -= one.size;
    }
  };

  return { joined, batchOf, treesOf, everyOf, spread };
})();
