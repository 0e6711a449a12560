/* What is uploaded next, and how each file ended. Nothing here touches the page or the network: `wire` asks the portal,
   `hooks` hears of it: changed(), arrived(), ask(files that are there already) -> those to replace, or null for none of
   the drop. Times are in milliseconds unless their name says seconds. */
"use strict";
window.roostUploadQueue = (() => {
  const { joined, batchOf, treesOf, everyOf, spread } = window.roostUploadPlan;
  const MOST_NAMES = 250, TRIES = 8, REFUSALS = 5, RENEWALS = 3;
  const WAITS_S = [2, 4, 8, 15, 30], LONGEST_WAIT_S = 60;
  const LOOKING = new Set(["checking"]);
  const OPEN = new Set(["checking", "asking", "waiting", "sending", "storing"]);
  const MOVING = new Set(["sending", "storing"]);
  const AGAIN = new Set(["failed", "unknown", "cancelled"]);

  const make = (wire, hooks) => {
    const running = new Set();
    let items = [], ids = 0, atOnce = 2, limitBytes = null, sftp = null;
    let pausing = null, losses = 0, waits = 0, refusals = 0, renewals = 0, asking = Promise.resolve(), isBusy = false;

    const set = (chosen, state, why = "") => {
      for (const one of chosen) {
        one.state = state;
        one.why = why;
        if (state === "waiting" || state === "checking") one.sent = 0;
        if (state === "done") one.sent = one.size;
      }
      hooks.changed();
    };
    const still = (chosen, states) => chosen.filter((one) => states.has(one.state));
    const isOpen = () => items.some((one) => OPEN.has(one.state));

    /* Nothing is asked before a pause is over. `kind` is busy, lost or out: the last ends by hand only. */
    const pause = (kind, seconds, why = "") => {
      const until = performance.now() + seconds * 1000;
      if (pausing && (pausing.until > until || pausing.kind === "out")) return;
      clearTimeout(pausing?.timer);
      const old = pausing;
      pausing = { kind, why, until, timer: 0, ended: old?.ended ?? [] };
      if (Number.isFinite(until)) pausing.timer = setTimeout(goOn, seconds * 1000);
      hooks.changed();
    };
    const goOn = () => {
      if (!pausing) return;
      clearTimeout(pausing.timer);
      const { ended } = pausing;
      pausing = null;
      for (const end of ended) end();
      hooks.changed();
      pump();
    };
    const rest = () => pausing && new Promise((resolve) => pausing.ended.push(resolve));
    const waitFor = (answer) => {
      if (answer.kind === "out") return pause("out", Infinity);
      if (answer.kind === "wait") {
        const longest = Math.max(answer.seconds, LONGEST_WAIT_S);
        pause("busy", Math.min(longest, answer.seconds * 2 ** Math.min(waits, 4)), answer.why);
        waits += 1;
      } else {
        pause("lost", WAITS_S[Math.min(losses, WAITS_S.length - 1)]);
        losses += 1;
      }
      return null;
    };
    const renewed = async () => {
      renewals += 1;
      if (renewals > RENEWALS) return false;
      await wire.renew();
      return true;
    };
    /* Ask until there is an answer that says something; {kind: "cut"} when nobody wants it any more. */
    const persist = async (call, isWanted) => {
      while (isWanted()) {
        await rest();
        const answer = isWanted() ? await call() : { kind: "cut" };
        if (!["wait", "lost", "out", "token"].includes(answer.kind)) return answer;
        if (answer.kind !== "token") waitFor(answer);
        else if (!(await renewed())) return { kind: "refused", why: answer.why };
      }
      return { kind: "cut" };
    };

    /* What files of those names are there: {files: Map of name to size, folders: Set of names}; or why that is not said.
       isBlind: this person may not see what is there. */
    const lookFor = async (path, names) => {
      const found = { files: new Map(), folders: new Set(), refused: "", isBlind: false };
      for (let at = 0; at < names.length; at += MOST_NAMES) {
        const part = names.slice(at, at + MOST_NAMES);
        const answer = await persist(() => wire.check(path, part), () => still(items, LOOKING).length > 0);
        if (answer.kind === "cut") return found;
        if (answer.kind !== "ok") return { ...found, refused: answer.why || "refused" };
        waits = 0;
        atOnce = answer.at_once ?? atOnce;
        limitBytes = answer.limit_bytes ?? limitBytes;
        sftp = answer.sftp ?? sftp;
        if (answer.blind) return { ...found, isBlind: true };
        for (const name of answer.present) found.files.set(name, answer.sizes?.[name]);
        for (const name of answer.folders) found.folders.add(name);
      }
      return found;
    };
    /* Walks down into the folders that are there; files that are there, or may be, go to `taken` with their sizes. */
    const look = async (node, taken) => {
      const files = still(node.items, LOOKING);
      const found = await lookFor(node.path, [...new Set([...files.map((one) => one.name), ...node.folders.keys()])]);
      if (found.refused) return set(still(everyOf(node), LOOKING), "failed", found.refused);
      if (found.isBlind) {
        for (const one of still(everyOf(node), LOOKING)) if (!one.isFolder) taken.set(Object.assign(one, { isUnseen: true }));
        return null;
      }
      for (const one of still(files, LOOKING)) {
        if (found.folders.has(one.name)) set([one], one.isFolder ? "done" : "failed", one.isFolder ? "" : "folder_there");
        else if (found.files.has(one.name) && one.isFolder) set([one], "failed", "file_there");
        else if (found.files.has(one.name)) taken.set(one, found.files.get(one.name));
      }
      for (const [name, folder] of node.folders) {
        if (found.folders.has(name)) await look(folder, taken);
        else if (found.files.has(name)) set(still(everyOf(folder), LOOKING), "failed", "file_there");
      }
      return null;
    };

    /* Look what is there before anything is sent, and ask once about what would be replaced. */
    const prepare = async (chosen) => {
      isBusy = true;
      set(chosen, "checking");
      const there = new Map();
      for (const tree of treesOf(chosen)) await look(tree, there);
      set(still(chosen, LOOKING).filter((one) => limitBytes !== null && one.size > limitBytes), "large");
      for (const [one, size] of there) { // the answer was lost, not the file
        if (one.state === "checking" && one.isInDoubt && size === one.size) set([one], "done");
      }
      const left = still(chosen, LOOKING), taken = left.filter((one) => there.has(one) && !one.isReplacing);
      if (taken.length && !(await askAbout(taken, left))) return null;
      set(still(left, LOOKING), "waiting");
      pump();
      return finish([], "done");
    };
    const askAbout = async (taken, left) => {
      set(taken, "asking");
      const before = asking;
      let end;
      asking = new Promise((resolve) => (end = resolve));
      await before;
      const chosen = await hooks.ask(still(taken, OPEN));
      end();
      if (chosen === null) {
        finish(still(left, OPEN), "cancelled");
        return false;
      }
      for (const one of still(taken, OPEN)) {
        one.isReplacing = chosen.has(one);
        set([one], one.isReplacing ? "checking" : "skipped");
      }
      return true;
    };
    const finish = (chosen, state, why = "") => {
      set(chosen, state, why);
      if (isBusy && !isOpen()) {
        isBusy = false;
        hooks.ended();
      }
      return null;
    };

    /* Nobody knows what became of these: look, and send what is not there. */
    const again = async (chosen, isInDoubt) => {
      set(chosen, "checking");
      for (const one of chosen) {
        one.isInDoubt = isInDoubt;
        one.tries += 1;
        if (!one.isFolder && !(await wire.isReadable(one.file))) set([one], "failed", "unreadable");
        else if (one.tries > TRIES) set([one], "failed", "cut");
      }
      return prepare(still(chosen, LOOKING));
    };

    const refused = (batch, answer) => {
      refusals += 1;
      const isForAll = answer.isForAll || refusals > REFUSALS;
      if (batch.length > 1 && !isForAll) { // perhaps because of one of them
        for (const one of batch) one.isAlone = true;
        return set(batch, "waiting");
      }
      return set(isForAll ? [...batch, ...still(items, new Set(["waiting"]))] : batch, "failed", answer.why);
    };
    const withNewToken = async (batch, answer) => {
      if (await renewed()) set(batch, "waiting");
      else refused(batch, answer);
      pump();
      finish([], "done");
    };
    const tooLarge = (batch, answer) => {
      limitBytes = answer.limitBytes ?? limitBytes;
      sftp = answer.sftp ?? sftp;
      const isKnown = batch.some((one) => limitBytes !== null && one.size > limitBytes);
      for (const one of batch) {
        const isLarge = isKnown ? one.size > limitBytes : batch.length === 1;
        one.isAlone = true;
        set([one], isLarge ? "large" : "waiting");
      }
    };
    const stored = (batch, answer) => {
      const ends = new Map((answer.files || []).map((one) => [one.name, one]));
      losses = waits = refusals = renewals = 0;
      for (const one of batch) {
        const end = one.isFolder ? { state: "done" } : ends.get(one.name);
        set([one], ["done", "failed"].includes(end?.state) ? end.state : "unknown", end?.why || "");
      }
      hooks.arrived();
    };
    const settle = (request, answer) => {
      const batch = still(request.batch, MOVING);
      switch (answer.kind) {
        case "ok": return stored(batch, answer);
        case "cut": return set(batch, "waiting");
        case "large": return tooLarge(batch, answer);
        case "token": return withNewToken(batch, answer);
        case "refused": return refused(batch, answer);
        case "present": return again(batch, false);
        default:
          waitFor(answer);
          if (answer.kind === "lost" || request.isAll) return again(batch, true);
          return set(batch, "waiting");
      }
    };
    const run = async (batch) => {
      const [first] = batch, request = { batch, isAll: false, cut: () => {} };
      running.add(request);
      set(batch, "sending");
      let answer;
      if (first.isFolder) {
        answer = await wire.makeFolder(first.directory, first.name);
      } else {
        const sending = wire.send(first.directory, batch, first.isReplacing, (bytes, isAll) => {
          request.isAll = isAll;
          spread(batch, bytes);
          if (isAll) set(still(batch, MOVING), "storing");
          hooks.changed();
        });
        request.cut = sending.cut;
        answer = await sending.answer;
      }
      running.delete(request);
      settle(request, answer);
      finish([], "done");
      pump();
    };
    const pump = () => {
      while (!pausing && running.size < atOnce) {
        const batch = batchOf(still(items, new Set(["waiting"])));
        if (!batch.length) return;
        void run(batch);
      }
    };

    /* What has been handed to the node's machine as a whole cannot be taken back. */
    const cancel = (chosen) => {
      const ended = still(chosen, new Set(["waiting", "checking", "sending"]));
      const cut = [...running].filter((one) => !one.isAll && one.batch.some((item) => ended.includes(item) && item.state === "sending"));
      finish(ended, "cancelled");
      for (const one of cut) one.cut();
      if (pausing && !isOpen()) goOn();
    };
    const add = (root, found) => {
      if (!isOpen()) items = items.filter((one) => AGAIN.has(one.state) && one.state !== "cancelled");
      const made = found.map((one) => ({
        isFolder: false, file: null, size: one.file?.size ?? 0, ...one, id: (ids += 1), root, state: "checking", why: "",
        directory: one.folder.reduce(joined, root), sent: 0, tries: 0, isReplacing: false, isAlone: false, isInDoubt: false,
        isUnseen: false, // whether one of its name is there
      }));
      items.push(...made);
      set(made.filter((one) => one.fault), "failed");
      for (const one of made) if (one.fault) one.why = one.fault;
      return prepare(made.filter((one) => !one.fault));
    };
    const retry = (chosen) => {
      const ended = chosen.filter((one) => AGAIN.has(one.state) && !one.fault);
      for (const one of ended) Object.assign(one, { tries: 0, isReplacing: false, isUnseen: false, isInDoubt: one.state === "unknown" });
      return ended.length ? prepare(ended) : null;
    };
    const clear = () => {
      if (!isOpen()) items = [];
      hooks.changed();
    };
    const seen = () => ({ items, pausing, limitBytes, sftp, isOpen: isOpen() });
    return { add, cancel, retry, clear, resume: goOn, seen, canRetry: (one) => AGAIN.has(one.state) && !one.fault };
  };

  return { make, OPEN };
})();
