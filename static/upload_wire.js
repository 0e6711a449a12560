/* What uploading asks of the portal, and what its answers mean. Nothing here touches the page.

   Every answer is one of these: {kind: "ok", ...}, "present" (some names are taken), "large" (limitBytes, sftp), "wait"
   (seconds), "lost" (no answer), "cut" (we ended it), "out" (the session is over), "token" (ours is worth nothing any
   more), "refused" (why; isForAll: nothing else will be taken, either). */
"use strict";
window.roostUploadWire = (() => {
  const QUIET_MS = 60_000, ANSWER_MS = 180_000, CALL_MS = 30_000;
  const LONGEST_WAIT_S = 300;

  const bodyOf = (xhr) => {
    try {
      const found = JSON.parse(xhr.responseText);
      return found && typeof found === "object" ? found : null;
    } catch {
      return null;
    }
  };
  const waitOf = (xhr) => {
    const said = Number(xhr.getResponseHeader("Retry-After"));
    return Number.isFinite(said) && said >= 1 ? Math.min(said, LONGEST_WAIT_S) : 5;
  };
  const meaning = (xhr) => {
    const { status } = xhr, body = bodyOf(xhr), why = body?.error || "";
    if (status === 401 || new URL(xhr.responseURL || location.href).pathname === "/login") return { kind: "out" };
    if (status === 429 || status === 503) return { kind: "wait", seconds: waitOf(xhr), why };
    if (status >= 200 && status < 300) return { kind: "ok", ...body };
    if (status === 400) return { kind: "token", why };
    if (status === 409 && body?.present) return { kind: "present" };
    if (status === 413) return { kind: "large", why, limitBytes: body?.limit_bytes ?? null, sftp: body?.sftp ?? null };
    if ([502, 504].includes(status)) return { kind: "lost" }; // the way to the portal, or Roost starting anew
    return { kind: "refused", why, isForAll: [403, 404, 409].includes(status) };
  };

  /* One request; `told(bytes, isAll)` hears how much of the body is on its way. Ends by itself when nothing moves. */
  const ask = (token, address, body, headers, told = () => {}) => {
    const xhr = new XMLHttpRequest();
    let timer = 0;
    const answer = new Promise((resolve) => {
      const over = (found) => {
        clearTimeout(timer);
        resolve(found);
      };
      const watch = (after) => {
        clearTimeout(timer);
        timer = setTimeout(() => {
          xhr.onabort = () => over({ kind: "lost" });
          xhr.abort();
        }, after);
      };
      xhr.open("POST", address);
      xhr.setRequestHeader("Accept", "application/json");
      xhr.setRequestHeader("X-CSRFToken", token);
      for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value);
      xhr.upload.onprogress = (event) => {
        watch(QUIET_MS);
        told(event.loaded, false);
      };
      xhr.upload.onload = () => {
        watch(ANSWER_MS);
        told(Infinity, true);
      };
      xhr.onload = () => over(meaning(xhr));
      xhr.onerror = () => over({ kind: "lost" });
      xhr.onabort = () => over({ kind: "cut" });
      watch(CALL_MS);
      xhr.send(body);
    });
    return { answer, cut: () => xhr.abort() };
  };

  /* `addresses` holds those of the portal: upload, check, folder, and page, which has a form with a token. */
  return (addresses, firstToken) => {
    let token = firstToken;

    /* After signing in again the old token is worth nothing: the page for one file holds a new one. */
    const renew = async () => {
      try {
        const page = await fetch(addresses.page, { headers: { Accept: "text/html" } });
        const found = new DOMParser().parseFromString(await page.text(), "text/html");
        token = found.querySelector("input[name=csrf_token]")?.value || token;
      } catch {
        // the next request says what is wrong
      }
    };
    const call = (address, values) => {
      const fields = new URLSearchParams(values);
      return ask(token, address, fields, { "Content-Type": "application/x-www-form-urlencoded" }).answer;
    };
    const at = (address, values) => `${address}?${new URLSearchParams(values)}`;

    /* Which of these names are taken in a folder: {present: [name of a file], sizes: {name: bytes}, folders: [name],
       limit_bytes, sftp: {address, username}, at_once}. */
    const check = (directory, names) =>
      call(addresses.check, [["directory", directory], ...names.map((name) => ["name", encodeURIComponent(name)])]);
    /* The answer of a dialog is meant for people: whether the folder is there now is looked up. */
    const makeFolder = async (directory, name) => {
      const made = await call(addresses.folder, { directory, new_name: name });
      const found = ["ok", "refused"].includes(made.kind) ? await check(directory, [name]) : made;
      if (found.kind !== "ok") return found;
      return found.folders?.includes(name) ? found : { kind: "refused", why: made.why || "not_made" };
    };
    /* Several files of one folder in one request: their names and sizes in a line, then their bytes. */
    const send = (directory, files, isReplacing, told) => {
      const line = new TextEncoder().encode(`${JSON.stringify(files.map(({ name, size }) => [name, size]))}\n`);
      const body = new Blob([line, ...files.map(({ file }) => file)], { type: "application/octet-stream" });
      const address = at(addresses.upload, { directory, replace: isReplacing ? "1" : "0" });
      const headers = { "Content-Type": "application/octet-stream" };
      return ask(token, address, body, headers, (bytes, isAll) => told(Math.max(0, bytes - line.length), isAll));
    };
    const isReadable = async (file) => {
      try {
        await file.slice(0, 1).arrayBuffer();
        return true;
      } catch {
        return false;
      }
    };
    return { check, makeFolder, send, renew, isReadable };
  };
})();
