/* Saving the text of the editor: by htmx, one save at a time, and what is not saved is known and never thrown away. */
"use strict";
(() => {
  /* Whether somebody is signed in again, whose token the form then has. */
  const renewed = async (form) => {
    try {
      const answer = await fetch(location.href);
      if (new URL(answer.url).pathname !== location.pathname) return false;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      form.elements.csrf_token.value = page.querySelector("[name=csrf_token]").value;
      return true;
    } catch {
      return false;
    }
  };

  /* Whether the text is saved, and saving it. `text()` is a string or CodeMirror's text, `kept` the same of what is saved. */
  window.roostEditor.makeKeeper = (area, bar, words) => {
    const form = area.form, told = form.querySelector("#told"), isReadOnly = area.readOnly;
    const said = area.closest(".editor").querySelector("[data-editor-said]"), button = bar.querySelector("[data-save]");
    let text = () => area.value, write = text, written = "", sent = null, ended = "", done = null, isOver = false;
    let kept = told.querySelector(".warn, .bad") ? null : area.defaultValue; // null: what stands there was not saved

    const isSame = (one, other) => one === other || (typeof one !== "string" && other !== null && one.eq(other));
    const isDirty = () => !isReadOnly && !isSame(text(), kept);
    const show = () => {
      if (isReadOnly) return;
      const state = sent !== null ? "saving" : ended === "failed" ? "failed" : isDirty() ? "dirty" : ended || "clean";
      if (said.dataset.state === state) return;
      said.dataset.state = state;
      said.textContent = state === "saved" && told.textContent.trim() || words[state];
    };
    const touched = () => {
      if (sent === null) ended = "";
      show();
    };
    /* A promise of whether it was saved. One save at a time: what is typed meanwhile stays unsaved. */
    const save = () => {
      if (isReadOnly || sent !== null) return Promise.resolve(false);
      return new Promise((end) => {
        done = end;
        form.requestSubmit(button);
      });
    };
    const end = (isSaved) => {
      if (isSaved) {
        kept = sent;
        button.textContent = words.save; // a new file is there now
      }
      ended = isSaved ? "saved" : "failed";
      sent = null;
      show();
      if (!isSaved) {
        told.tabIndex = -1;
        told.focus({ preventScroll: true }); // a touch keyboard makes room
        told.scrollIntoView();
      }
      done?.(isSaved);
      done = null;
    };
    form.addEventListener("submit", () => write(), true);
    form.addEventListener("htmx:confirm", (event) => {
      if (event.target !== form) return;
      if (isOver) {
        event.preventDefault();
        tryAgain(event.detail.issueRequest);
      } else written = write(); // what htmx reads next is what is sent
    });
    const tryAgain = async (send) => {
      isOver = !await renewed(form);
      if (isOver) {
        end(false);
        return;
      }
      written = write();
      send(true);
    };
    /* The session has ended: the page stays, because it holds what was typed. */
    form.addEventListener("htmx:beforeOnLoad", (event) => {
      if (event.target !== form || event.detail.xhr.status !== 401) return;
      event.preventDefault();
      isOver = true;
      told.replaceChildren(document.querySelector("[data-session-over]").content.cloneNode(true));
    });
    form.addEventListener("htmx:beforeRequest", (event) => {
      if (event.target !== form) return;
      sent = written;
      show();
    });
    form.addEventListener("htmx:afterRequest", (event) => {
      if (event.target === form && sent !== null) end(event.detail.xhr.status === 200);
    });
    area.addEventListener("input", touched);
    return {
      isDirty, save, show, touched,
      /* The text that now stands there is what the file holds. */
      accept: () => {
        kept = text();
        ended = "";
        told.replaceChildren();
        show();
      },
      /* From here on the text is where `read` says, and `put` brings it into the textarea. */
      moveTo: (read, put) => {
        if (area.value === kept) kept = read();
        text = read;
        write = put;
      },
    };
  };
})();
