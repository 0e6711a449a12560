/* CodeMirror as Roost uses it: languages by a file's name, colours from editor.css, keys, what is not editable. */
"use strict";
(() => {
  const LANGUAGES = [
    ["yaml", /\.ya?ml$/], ["json", /\.(json[5c]?|mcmeta)$/], ["properties", /\.(properties|ini|cfg|conf|cnf|lang)$|^\.env/],
    ["toml", /\.toml$/], ["xml", /\.(xml|x?html?|svg)$/], ["shell", /\.(sh|bash)$|^\.(bashrc|profile)$/],
    ["java", /\.(java|kt|groovy|gradle)$/], ["javascript", /\.[cm]?[jt]s$/], ["lua", /\.lua$/],
    ["log", /\.log([.-]\d+)*$/],
  ];
  /* What has a copy's ending is written in the language of its original. */
  const COPY = /(\.(bak|old|orig|default|dist|example|sample|disabled|new)|~)$/;

  const nameOf = (file, text) => {
    let name = file.split("/").pop().toLowerCase();
    while (COPY.test(name)) name = name.replace(COPY, "");
    return LANGUAGES.find(([, end]) => end.test(name))?.[0] ?? (/^#!.*\b(ba|da|z)?sh\b/.test(text) ? "shell" : "");
  };

  /* Logs of game servers: times, levels, who says it, and where an error came from. */
  const LOG = {
    name: "log",
    token: (stream) => {
      if (stream.sol() && stream.match(/^\s+at [\w$.<>/]+(\([^)]*\))?|^\s*\.\.\. \d+ more/)) return "trace";
      if (stream.match(/^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d+)?)?(Z|[+-]\d\d:?\d\d)?)?\b|^\d\d:\d\d:\d\d([.,]\d+)?\b/)) return "time";
      if (stream.match(/^(FATAL|SEVERE|ERROR|ERR|CRITICAL|Caused by:|[\w$.]*(Exception|Error)\b)/)) return "error";
      if (stream.match(/^WARN(ING)?\b/)) return "warning";
      if (stream.match(/^(INFO|DEBUG|TRACE|FINE|CONFIG)\b/)) return "level";
      if (stream.match(/^"[^"]*"/)) return "string";
      if (!stream.match(/^[\w$.-]+/)) stream.next();
      return null;
    },
  };

  const languageOf = (cm, file, text) => {
    const name = nameOf(file, text), { tags } = cm;
    if (!name) return [];
    const levels = { trace: tags.comment, time: tags.comment, error: tags.invalid, warning: tags.changed, level: tags.keyword };
    /* Words of the older modes, which CodeMirror knows alone, but not beside others ("string property"). */
    const words = { property: tags.propertyName, variable: tags.variableName, attribute: tags.attributeName, tag: tags.tagName,
      def: tags.definition(tags.variableName), type: tags.typeName, builtin: tags.standard(tags.variableName), error: tags.invalid };
    return cm.StreamLanguage.define({ ...(name === "log" ? LOG : cm[name]), tokenTable: name === "log" ? levels : words });
  };

  const colours = (cm) => {
    const t = cm.tags;
    const style = (tag, name, more = {}) => ({ tag, color: `var(--code-${name})`, ...more });
    return cm.syntaxHighlighting(cm.HighlightStyle.define([
      style([t.comment, t.meta, t.documentMeta, t.processingInstruction], "comment"),
      style([t.string, t.special(t.string), t.quote, t.regexp, t.character], "string"),
      style([t.number, t.bool, t.atom, t.null, t.unit, t.self], "value"),
      style([t.keyword, t.controlKeyword, t.operatorKeyword, t.modifier, t.tagName, t.angleBracket, t.heading], "keyword"),
      style([t.definition(t.variableName), t.propertyName, t.definition(t.propertyName), t.attributeName, t.labelName], "key"),
      style([t.standard(t.variableName), t.standard(t.name), t.typeName, t.className, t.namespace, t.macroName], "type"),
      style(t.changed, "warning", { fontWeight: "600" }),
      style(t.invalid, "wrong", { fontWeight: "600" }),
    ]));
  };

  const looks = (cm) => cm.EditorView.theme({
    "&": { height: "100%", color: "var(--text)", backgroundColor: "var(--card)", fontSize: "var(--code-size, 16px)" },
    "&.cm-focused": { outline: "none" },
    ".cm-scroller": { fontFamily: "var(--code-font)", lineHeight: "1.5", overscrollBehavior: "contain" },
    ".cm-content": { caretColor: "var(--text)", padding: "6px 0 40vh", minHeight: "100%" },
    ".cm-line": { padding: "0 12px 0 8px" },
    ".cm-gutters": { backgroundColor: "var(--card)", color: "var(--quiet)", border: "0", fontVariantNumeric: "tabular-nums" },
    ".cm-lineNumbers .cm-gutterElement": { minWidth: "2.2em", padding: "0 4px 0 8px" },
    ".cm-activeLine": { backgroundColor: "var(--code-line)" },
    ".cm-activeLineGutter": { backgroundColor: "var(--code-line)", color: "var(--text)" },
    ".cm-cursor, .cm-dropCursor": { borderLeft: "2px solid var(--text)" },
    ".cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": { background: "var(--code-chosen)" },
    ".cm-searchMatch": { backgroundColor: "var(--code-found)", outline: "none" },
    ".cm-searchMatch-selected": { backgroundColor: "var(--code-found-now)", outline: "2px solid var(--text)" },
    "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--code-found)" },
    "&.cm-focused .cm-nonmatchingBracket": { color: "var(--code-wrong)", backgroundColor: "transparent" },
    ".cm-specialChar": { color: "var(--code-wrong)", backgroundColor: "var(--quiet-soft)", borderRadius: "3px" },
    ".cm-panels": { display: "none" },
  });

  /* How lines are set in: with what most set in lines of this file begin; two spaces where none does. */
  const unitOf = (text) => {
    const begins = text.slice(0, 60000).match(/^(\t+|  +)(?=\S)/gm) ?? [];
    const tabs = begins.filter((one) => one[0] === "\t").length;
    if (tabs * 2 > begins.length) return "\t";
    const widths = begins.filter((one) => one[0] === " ").map((one) => one.length);
    return widths.length && widths.every((width) => width % 4 === 0) ? "    " : "  ";
  };

  const pushIn = (cm) => (view) => {
    const { state } = view;
    if (state.selection.ranges.some((range) => !range.empty)) return cm.indentMore(view);
    const unit = state.facet(cm.indentUnit);
    view.dispatch(state.update(state.replaceSelection(unit), { scrollIntoView: true, userEvent: "input" }));
    return true;
  };

  /* An editor in `host`. `options`: file, text, label, isReadOnly, wraps, phrases; keys (CodeMirror's bindings); onUpdate.
     It stands in a shadow tree, where CodeMirror makes its style sheets without <style>, which our policy forbids. */
  const make = (cm, host, options) => {
    const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
    const wrapping = new cm.Compartment();
    const wrapped = (wraps) => (wraps ? cm.EditorView.lineWrapping : []);
    const state = cm.EditorState.create({
      doc: options.text,
      extensions: [
        cm.lineNumbers(), cm.highlightSpecialChars(), cm.history(), cm.drawSelection(), cm.dropCursor(), cm.bracketMatching(),
        cm.highlightActiveLine(), cm.highlightActiveLineGutter(), cm.indentOnInput(), cm.indentUnit.of(unitOf(options.text)),
        cm.EditorState.tabSize.of(4), cm.EditorState.phrases.of(options.phrases),
        cm.EditorState.readOnly.of(options.isReadOnly), cm.EditorView.editable.of(!options.isReadOnly),
        cm.EditorView.contentAttributes.of({ "aria-label": options.label, autocapitalize: "none", spellcheck: "false", tabindex: "0" }),
        cm.keymap.of([...options.keys, { key: "Tab", run: pushIn(cm), shift: cm.indentLess }, ...cm.historyKeymap, ...cm.defaultKeymap]),
        cm.search({ createPanel: () => ({ dom: document.createElement("div"), top: true }),
          scrollToMatch: (range) => cm.EditorView.scrollIntoView(range, { y: "center" }) }),
        languageOf(cm, options.file, options.text), colours(cm), looks(cm), wrapping.of(wrapped(options.wraps)),
        cm.EditorView.updateListener.of(options.onUpdate),
      ],
    });
    const view = new cm.EditorView({ state, root, parent: root });
    return { view, wrap: (wraps) => view.dispatch({ effects: wrapping.reconfigure(wrapped(wraps)) }) };
  };

  window.roostEditor = { make, nameOf };
})();
