/* What HTML cannot do alone: the viewer's zone, copying, the dialog, polls that rest, and a lost connection said. */
"use strict";
(() => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
  document.cookie = `tz=${encodeURIComponent(zone).replace(/%2F/g, "/")}; path=/; max-age=31536000; samesite=lax`;

  const dialog = document.getElementById("dialog");
  const offline = document.getElementById("offline");
  let waits = 0;

  const offerCopy = (root) => {
    if (!navigator.clipboard) return;
    for (const button of root.querySelectorAll("[data-copy][hidden]")) button.hidden = false;
  };
  offerCopy(document);

  document.addEventListener("click", async (event) => {
    const copy = event.target.closest("[data-copy]");
    if (copy) {
      await navigator.clipboard.writeText(copy.dataset.copy);
      const use = copy.querySelector("use");
      const before = use.getAttribute("href");
      use.setAttribute("href", before.replace(/#.*/, "#done"));
      setTimeout(() => use.setAttribute("href", before), 1500);
    } else if (event.target.closest("[data-close-notice]")) {
      event.target.closest(".band").remove();
    } else if (event.target.closest("[data-close]") && dialog.open) {
      event.preventDefault();
      dialog.close();
    } else if (event.target === dialog) {
      dialog.close();
    }
    for (const menu of document.querySelectorAll(".menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") for (const menu of document.querySelectorAll(".menu[open]")) menu.open = false;
  });

  document.addEventListener("htmx:load", (event) => offerCopy(event.target));
  const notices = document.getElementById("notices"); // htmx tells nobody that what is inside was swapped
  new MutationObserver(() => {
    const told = notices.querySelector(".good");
    if (told) setTimeout(() => told.remove(), 12000);
    if (notices.childElementCount) notices.scrollIntoView({ block: "nearest" }); // a long one on a phone moves with the page
  }).observe(notices, { childList: true });

  /* One question led to the next, and took away what had the focus. */
  const enter = () => {
    const fields = [...dialog.querySelectorAll("input:not([type=hidden]), select, textarea")];
    (fields.find((one) => one.getClientRects().length) ?? dialog.querySelector(".act, a[href], button"))?.focus();
  };
  /* While a change runs its question says so; what closes the dialog then takes nothing back. */
  const work = (form, isBusy) => {
    for (const one of form.querySelectorAll("[data-busy]")) {
      if (isBusy) one.dataset.idle = one.textContent;
      one.textContent = isBusy ? one.dataset.busy : (one.dataset.idle ?? one.textContent);
    }
  };
  document.addEventListener("htmx:beforeSend", (event) => {
    if (event.target.matches("#dialog form")) work(event.target, true);
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target !== dialog || !dialog.innerHTML.trim()) return;
    if (!dialog.open) dialog.showModal();
    else if (document.activeElement === document.body) enter();
  });
  /* A form of the page came back with what is wrong, and took the focus with it. */
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.xhr?.status !== 422 || dialog.open || document.activeElement !== document.body) return;
    document.querySelector("main [aria-invalid=true]")?.focus();
  });
  /* What somebody asked for comes back to where they asked: nothing that the page reads again by itself takes that place
     away meanwhile. A poll comes again anyway; a place that follows a change is read once more afterwards. */
  const acts = new Set();
  const late = new Map();
  const change = (asked) => /.+-changed$/.exec(asked.triggeringEvent?.type)?.[0];
  const isOwn = (asked) => asked.elt.hasAttribute("data-poll") || Boolean(change(asked));
  const followLate = () => {
    for (const [place, name] of late) {
      if (place.isConnected && !place.classList.contains("htmx-request")) htmx.trigger(place, name);
    }
    late.clear();
  };
  document.addEventListener("htmx:beforeSend", ({ detail: { requestConfig, target, xhr } }) => {
    if (isOwn(requestConfig)) return;
    const act = [requestConfig.elt, target];
    xhr.addEventListener("loadstart", () => acts.add(act));
    xhr.addEventListener("loadend", () => {
      acts.delete(act);
      followLate();
    });
  });
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const { requestConfig, xhr } = detail;
    if (xhr.status !== 200 || !isOwn(requestConfig)) return;
    const place = requestConfig.elt.getAttribute("hx-swap") === "none" ? document.body : detail.target;
    if (![...acts].some((act) => act.some((one) => place.contains(one)))) return;
    detail.shouldSwap = false;
    if (change(requestConfig)) late.set(requestConfig.elt, change(requestConfig));
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!event.target.hasAttribute("data-poll")) return;
    if (document.hidden || waits > 0) {
      waits = Math.max(0, waits - 1);
      event.preventDefault();
    }
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.target.matches("#dialog form")) work(event.target, false);
    const leadsOn = event.detail.target === dialog && dialog.innerHTML.trim(); // one question led to the next
    const stays = event.target.hasAttribute("data-poll") || event.detail.xhr?.status === 422 || leadsOn;
    if (!stays && dialog.open && dialog.contains(event.target)) dialog.close();
    if (event.detail.successful) {
      offline.hidden = true;
      waits = 0;
    }
  });
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, (event) => {
      offline.hidden = false;
      if (event.target.hasAttribute("data-poll")) waits = 2;
    });
  }
})();
