/* What was dropped or picked, as a flat list: files with the folders they are in, and folders with nothing in them.
   Nothing here touches the page. */
"use strict";
window.roostUploadTree = (() => {
  const LONGEST_NAME = 255;
  const coder = new TextEncoder();

  /* Whether a node could have a file of that name; the portal refuses the others, too. */
  const isName = (name) => !["", ".", ".."].includes(name.trim()) && !/[/\p{Cc}\p{Cs}]/u.test(name)
    && coder.encode(name).length <= LONGEST_NAME;

  /* A browser gives the entries of a folder in parts of 100; an empty part is the end. */
  const entriesOf = async (folder) => {
    const reader = folder.createReader(), found = [];
    for (;;) {
      const part = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (!part.length) return found;
      found.push(...part);
    }
  };
  const fileOf = (entry) => new Promise((resolve, reject) => entry.file(resolve, reject));

  const walk = async (entry, folder, found, most) => {
    if (found.files.length + found.folders.length > most) return;
    try {
      if (entry.isFile) {
        found.files.push({ file: await fileOf(entry), name: entry.name, folder });
        return;
      }
      const inside = [...folder, entry.name], entries = await entriesOf(entry);
      if (!entries.length) found.folders.push(inside);
      for (const one of entries) await walk(one, inside, found, most);
    } catch {
      found.unread.push({ name: entry.name, folder });
    }
  };

  /* Of a drop: {files: [{file, name, folder: [names]}], folders: [[names]], unread: [{name, folder}]}. Stops a little
     after `most`. What was dropped can be asked for only while the event is being handled: call it at once. */
  const ofDrop = async (transfer, most) => {
    const items = [...transfer.items].filter((one) => one.kind === "file");
    const tops = items.map((one) => one.webkitGetAsEntry?.() || one.getAsFile());
    const found = { files: [], folders: [], unread: [] };
    for (const top of tops) {
      if (top instanceof File) found.files.push({ file: top, name: top.name, folder: [] });
      else if (top) await walk(top, [], found, most);
    }
    return found;
  };

  /* Of a field for files or for a folder. */
  const ofField = (files) => {
    const found = { files: [], folders: [], unread: [] };
    for (const file of files) {
      const folder = (file.webkitRelativePath || file.name).split("/").slice(0, -1);
      found.files.push({ file, name: file.name, folder });
    }
    return found;
  };

  return { isName, ofDrop, ofField };
})();
