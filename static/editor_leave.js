/* Text that is not saved is not lost by accident: links, htmx and the browser itself are held up and asked about. */
"use strict";
(() => {
  /* `isDirty()`: whether there is unsaved text; `box`: what must not be swapped away; `form`: its own form, which may;
     `save()`: a promise of whether it was saved; `question`: the <template> of the dialog. */
  window.roostEditor.makeGuard = ({ isDirty, box, form, save, question }) => {
    const dialog = document.getElementById("dialog");
    let isLeaving = false;

    const ask = (go) => {
      dialog.replaceChildren(question.content.cloneNode(true));
      const leave = () => {
        isLeaving = true;
        dialog.close();
        go();
      };
      dialog.querySelector("[data-leave]").addEventListener("click", leave);
      dialog.querySelector("[data-save-first]").addEventListener("click", async () => {
        dialog.close();
        if (await save()) leave();
      });
      if (!dialog.open) dialog.showModal();
    };

    const isHere = () => box.isConnected && isDirty() && !isLeaving;
    const leads = (link) => link && !link.target && !link.hasAttribute("data-theirs") && !link.hasAttribute("download") && !link.getAttribute("href").startsWith("#")
      && !["hx-get", "hx-post"].some((name) => link.hasAttribute(name));
    document.addEventListener("click", (event) => {
      const link = event.target.closest?.("a[href]");
      const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
      if (!isPlain || !leads(link) || !isHere()) return;
      event.preventDefault();
      event.stopPropagation();
      ask(() => location.assign(link.href));
    }, true);
    document.addEventListener("htmx:confirm", (event) => {
      const { elt, target, issueRequest } = event.detail;
      if (elt === form || form.contains(elt) || !target?.contains(box) || !isHere()) return;
      event.preventDefault();
      ask(() => issueRequest(true));
    });
    document.addEventListener("htmx:afterRequest", () => { isLeaving = false; });
    window.addEventListener("beforeunload", (event) => {
      if (isHere()) event.preventDefault();
    });
  };
})();
