/* The band that shows what is on its way: in all, and file by file. */
"use strict";
window.roostUploadBand = (root, template, status, texts) => {
  const { bytes, duration, filled } = window.roostFigures;
  const { OPEN } = window.roostUploadQueue;
  const MOST_ROWS = 120, FEW = 6, RATE_MS = 8000, PER_FILE = 32 * 1024;
  const OVER = ["done", "skipped", "cancelled"], WRONG = ["failed", "unknown", "large"];
  const part = (name) => root.querySelector(`[data-${name}]`);
  const rows = new Map();
  let samples = [], moved = 0, said = 0, wasOpen = false, wasWrong = false;

  const say = (text) => (status.textContent = text);
  const write = (element, text) => element.textContent !== text && (element.textContent = text);

  /* Work done, in bytes: a file has some of its own, whatever its size, so that many small ones move the bar, too. */
  const progressOf = (items) => {
    let size = 0, sent = 0, whole = 0, work = 0;
    for (const one of items) {
      if (one.state === "skipped" || one.state === "large") continue;
      const isOver = !OPEN.has(one.state);
      size += one.size;
      sent += one.sent;
      whole += one.size + PER_FILE;
      work += isOver ? one.size + PER_FILE : one.sent;
    }
    return { size, sent, whole, work };
  };
  const paceOf = ({ sent, work }) => {
    const now = performance.now();
    moved = Math.max(moved, work);
    samples = [...samples.filter((one) => one.at > now - RATE_MS), { at: now, sent, work: moved }];
    const [first] = samples, seconds = (now - first.at) / 1000;
    if (seconds < 1) return { rate: 0, workRate: 0 };
    return { rate: Math.max(0, sent - first.sent) / seconds, workRate: (moved - first.work) / seconds };
  };

  const stateOf = (one) => {
    if (one.state === "sending") return filled(texts.sending, { percent: Math.floor((100 * one.sent) / (one.size || 1)) });
    if (one.state === "unknown") return one.why || texts.unknown;
    if (one.state !== "failed") return texts[one.state];
    return texts[one.why] || one.why || texts.refused;
  };
  const makeRow = (one) => {
    const row = template.content.firstElementChild.cloneNode(true);
    row.dataset.id = one.id;
    row.querySelector("[data-name]").textContent = one.name;
    row.querySelector("[data-folder]").textContent = one.isFolder ? texts.empty_folder : one.folder.join("/");
    row.querySelector("[data-again]").setAttribute("aria-label", filled(texts.retry_this, one));
    row.querySelector("[data-cancel]").setAttribute("aria-label", filled(texts.cancel_this, one));
    row.querySelector("[data-bar]").setAttribute("aria-label", filled(texts.progress_of, one));
    return row;
  };
  const drawRow = (row, one, canRetry) => {
    row.dataset.state = one.state;
    write(row.querySelector("[data-state]"), stateOf(one));
    row.querySelector("[data-again]").hidden = !canRetry(one);
    row.querySelector("[data-cancel]").hidden = !["checking", "waiting", "sending"].includes(one.state);
    const bar = row.querySelector("[data-bar]");
    bar.hidden = !["sending", "storing"].includes(one.state) || one.isFolder;
    bar.value = one.size ? Math.floor((1000 * one.sent) / one.size) : 0;
  };
  /* Of very many files those that say most: what went wrong, what moves, then what comes next and what came last. */
  const chosenOf = (items) => {
    if (items.length <= MOST_ROWS) return items;
    const some = MOST_ROWS / 4, of = (states) => items.filter((one) => states.includes(one.state));
    const chosen = new Set([
      ...of(WRONG).slice(0, 2 * some), ...of(["sending", "storing"]), ...of(["waiting", "checking"]).slice(0, some),
      ...of(OVER).slice(-some),
    ]);
    return items.filter((one) => chosen.has(one));
  };
  const drawRows = (items, canRetry) => {
    const chosen = chosenOf(items), ids = new Set(chosen.map((one) => one.id));
    for (const [id, row] of rows) if (!ids.has(id)) rows.delete(id) && row.remove();
    let after = null; // rows keep their order, so that only new ones are put in: what has the focus keeps it
    for (const one of chosen) {
      if (!rows.has(one.id)) {
        rows.set(one.id, makeRow(one));
        if (after) after.after(rows.get(one.id));
        else part("rows").prepend(rows.get(one.id));
      }
      after = rows.get(one.id);
      drawRow(after, one, canRetry);
    }
    part("more").hidden = chosen.length === items.length;
    write(part("more"), filled(texts.more, { n: items.length - chosen.length }));
  };

  const drawPause = (pausing) => {
    part("pause").hidden = !pausing;
    part("sign-in").hidden = pausing?.kind !== "out";
    const resume = root.querySelector("[data-act=resume]");
    resume.hidden = !pausing;
    if (!pausing) return;
    const seconds = Math.max(0, Math.ceil((pausing.until - performance.now()) / 1000));
    const pattern = pausing.kind === "busy" && pausing.why ? texts.busy_why : texts[pausing.kind];
    write(part("pause"), filled(pattern, { seconds, why: pausing.why }));
    write(resume, pausing.kind === "out" ? texts.go_on : texts.now);
  };
  const drawLarge = (items, limitBytes, sftp) => {
    part("large").hidden = !items.some((one) => one.state === "large");
    if (part("large").hidden) return;
    write(part("large-said"), limitBytes === null ? texts.large_any : filled(texts.large_limit, { limit: bytes(limitBytes) }));
    part("sftp").hidden = !sftp;
    if (!sftp) return;
    const address = sftp.address.replace("//", `//${sftp.username}@`);
    write(part("sftp-address"), address);
    part("sftp").querySelector(".copy").dataset.copy = address;
    part("sftp").querySelector(".copy").hidden = !navigator.clipboard;
  };

  const titleOf = (files, isOpen) => {
    const done = files.filter((one) => one.state === "done").length, all = files.length;
    if (files.some((one) => one.state === "checking") && !done) return texts.looking;
    if (isOpen) return all === 1 ? texts.title_one : filled(texts.title, { done, all });
    return all === 1 && done === 1 ? texts.arrived_one : filled(texts.arrived, { done, all });
  };
  const drawHead = ({ items, isOpen, pausing }) => {
    const files = items.filter((one) => !one.isFolder);
    const progress = progressOf(items), { rate, workRate } = paceOf(progress);
    const left = progress.whole - progress.work;
    const words = [filled(texts.figures, { sent: bytes(progress.sent), size: bytes(progress.size) })];
    if (isOpen && !pausing && rate > 0) words.push(filled(texts.rate, { rate: bytes(rate) }));
    if (isOpen && !pausing && workRate > 0) {
      words.push(filled(texts.left, { time: duration(Math.ceil(left / workRate) * 1000, root.dataset) }));
    }
    write(part("title"), titleOf(files.length ? files : items, isOpen));
    write(part("figures"), words.join(" · "));
    const share = progress.whole ? progress.work / progress.whole : 1;
    part("all").value = Math.floor(1000 * share);
    part("all").hidden = !isOpen;
    return Math.floor(4 * share) * 25;
  };
  const drawActs = ({ items, isOpen }, canRetry) => {
    const again = items.filter(canRetry).length, retry = root.querySelector("[data-act=retry]");
    retry.hidden = isOpen || !again;
    write(retry, filled(texts.retry_all, { n: again }));
    root.querySelector("[data-act=cancel]").hidden = !isOpen;
    root.querySelector("[data-act=clear]").hidden = isOpen;
  };

  /* Leaving this page would end what is on its way: links that lead away open a page of their own meanwhile. */
  const STAYS = "[hx-boost], [hx-get], [data-entry], [data-upload], [data-close], [target], [href^='#']";
  document.addEventListener("click", (event) => {
    const link = wasOpen && event.target.closest?.("a[href]");
    if (!link || link.matches(STAYS) || link.closest("[hx-boost]")) return;
    link.target = "_blank";
    setTimeout(() => link.removeAttribute("target")); // once the browser has followed it
  }, true);

  const draw = (seen, canRetry) => {
    const { items, isOpen } = seen, isWrong = items.some((one) => WRONG.includes(one.state));
    if (isOpen && !wasOpen) [samples, moved, said] = [[], 0, 0];
    root.hidden = !items.length;
    root.classList.toggle("is-open", isOpen);
    root.classList.toggle("is-wrong", isWrong && !isOpen);
    root.classList.toggle("is-done", !isOpen && items.every((one) => one.state === "done"));
    const quarter = drawHead(seen);
    part("stays").hidden = !isOpen;
    drawPause(seen.pausing);
    drawLarge(items, seen.limitBytes, seen.sftp);
    drawActs(seen, canRetry);
    drawRows(items, canRetry);
    const isRoomy = items.length <= FEW && window.innerWidth >= 900;
    if ((isOpen && !wasOpen && isRoomy) || (isWrong && !wasWrong)) part("details").open = true;
    if (isOpen && quarter > said && quarter < 100) say(filled(texts.so_far, { percent: quarter }));
    said = Math.max(said, quarter);
    [wasOpen, wasWrong] = [isOpen, isWrong];
  };
  return { draw, say, saidAtEnd: () => part("title").textContent };
};
