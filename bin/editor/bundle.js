/* What static/editor*.js take from CodeMirror, and nothing else: the bundle holds what is named here. */
export {Compartment, EditorState} from "@codemirror/state";
export {
  EditorView, drawSelection, dropCursor, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap,
  lineNumbers,
} from "@codemirror/view";
export {
  defaultKeymap, history, historyKeymap, indentLess, indentMore, redo, redoDepth, undo, undoDepth,
} from "@codemirror/commands";
export {
  HighlightStyle, StreamLanguage, bracketMatching, indentOnInput, indentUnit, syntaxHighlighting,
} from "@codemirror/language";
export {
  SearchQuery, closeSearchPanel, findNext, findPrevious, getSearchQuery, openSearchPanel, replaceAll, replaceNext, search,
  setSearchQuery,
} from "@codemirror/search";
export {tags} from "@lezer/highlight";
export {java} from "@codemirror/legacy-modes/mode/clike";
export {javascript, json} from "@codemirror/legacy-modes/mode/javascript";
export {lua} from "@codemirror/legacy-modes/mode/lua";
export {properties} from "@codemirror/legacy-modes/mode/properties";
export {shell} from "@codemirror/legacy-modes/mode/shell";
export {toml} from "@codemirror/legacy-modes/mode/toml";
export {xml} from "@codemirror/legacy-modes/mode/xml";
export {yaml} from "@codemirror/legacy-modes/mode/yaml";
