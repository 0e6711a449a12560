/* One line of a console as text: escape codes away, colours as pieces, links found. Nothing here touches the page. */
"use strict";
window.roostConsole = (() => {
  // Colours (CSI ... m), then what is dropped: any other CSI, strings with an end (OSC, DCS, SOS, PM, APC), two-letter
  // escapes, control characters but tab and new line, and letters that turn the direction of text.
  const CODES = new RegExp(
    "\\x1b\\[([0-9;:]*)m|(?:\\x1b\\[|\\x9b)[0-?]*[ -/]*[@-~]?" +
      "|(?:\\x1b[\\]PX^_]|[\\x90\\x98\\x9d-\\x9f])(?:[^\\x07\\x1b\\x9c]|\\x1b(?!\\\\))*(?:\\x07|\\x1b\\\\|\\x9c)?" +
      "|\\x1b[ -/]*[0-~]?|[\\0-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069\\u2028\\u2029\\ufeff]", "g");
  const PLAIN = /^[^\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff]*$/;
  const LINK = /\bhttps?:\/\/[^\s<>"'`\u00a0]+/gi;
  const MOST_PIECES = 500;
  const CLASSIC = [
    0x000000, 0xcd3131, 0x0dbc79, 0xe5e510, 0x2472c8, 0xbc3fbc, 0x11a8cd, 0xe5e5e5,
    0x666666, 0xf14c4c, 0x23d18b, 0xf5f543, 0x3b8eea, 0xd670d6, 0x29b8db, 0xffffff,
  ];
  const LIGHT = 0xffffff, DARK = 0x0c1117, READABLE = 4.6;

  /* What a carriage return leaves: the text behind the last one, in each visible line. */
  const settled = (raw) => {
    if (!raw.includes("\r")) return raw;
    return raw.split(/\r*\n/).map((line) => {
      const parts = line.replace(/\r+$/, "").split("\r");
      return parts[parts.length - 1];
    }).join("\n");
  };

  const plain = (raw) => (PLAIN.test(raw) ? raw : settled(raw).replace(CODES, ""));

  /* 32-bit FNV-1a over code points, as the relay counts it. */
  const hash = (text) => {
    let sum = 0x811c9dc5;
    for (const letter of text) sum = Math.imul(sum ^ letter.codePointAt(0), 0x01000193);
    return sum >>> 0;
  };

  const fresh = () => ({ fore: null, back: null });

  /* 38;5;n, 38;2;r;g;b and the same with colons. Gives the colour (a palette number below 16, or [rgb]) and how many
     numbers it took. */
  const extended = (codes, at) => {
    if (codes[at + 1] === 5) return [indexed(codes[at + 2]), 2];
    if (codes[at + 1] !== 2) return [null, 1];
    const [red, green, blue] = [codes[at + 2], codes[at + 3], codes[at + 4]].map((one) => Math.min(255, one || 0));
    return [[(red << 16) | (green << 8) | blue], 4];
  };
  const indexed = (number) => {
    if (!(number >= 0 && number < 256)) return null;
    if (number < 16) return number;
    if (number > 231) return [(8 + (number - 232) * 10) * 0x010101];
    const cube = number - 16, level = (one) => (one ? 55 + one * 40 : 0);
    return [(level(Math.floor(cube / 36)) << 16) | (level(Math.floor(cube / 6) % 6) << 8) | level(cube % 6)];
  };

  const SWITCHES = {
    1: { bold: true }, 2: { dim: true }, 3: { italic: true }, 4: { under: true }, 7: { inverse: true },
    9: { strike: true }, 21: { under: true }, 22: { bold: false, dim: false }, 23: { italic: false },
    24: { under: false }, 27: { inverse: false }, 29: { strike: false }, 39: { fore: null }, 49: { back: null },
  };
  const applied = (style, text) => {
    const codes = text
      .replace(/(^|;)([34]8):2::/g, "$1$2:2:")
      .replace(/(^|;)4:([0-5])/g, (_, before, kind) => before + (kind === "0" ? 24 : 4));
    const numbers = codes.split(/[;:]/).map(Number);
    let next = { ...style };
    for (let at = 0; at < numbers.length; at += 1) {
      const code = numbers[at];
      if (code === 0) next = fresh();
      else if (code === 38 || code === 48) {
        const [colour, took] = extended(numbers, at);
        next[code === 38 ? "fore" : "back"] = colour;
        at += took;
      } else if (code >= 30 && code < 38) next.fore = code - 30;
      else if (code >= 40 && code < 48) next.back = code - 40;
      else if (code >= 90 && code < 98) next.fore = code - 82;
      else if (code >= 100 && code < 108) next.back = code - 92;
      else Object.assign(next, SWITCHES[code]);
    }
    return next;
  };

  /* [[text, style or null], ...]; the style lasts until the end of the line. */
  const pieces = (raw) => {
    if (PLAIN.test(raw)) return [[raw, null]];
    const text = settled(raw), found = [];
    let style = null, from = 0;
    const add = (to) => {
      if (to <= from) return;
      const last = found[found.length - 1];
      if (last && (last[1] === style || found.length >= MOST_PIECES)) last[0] += text.slice(from, to);
      else found.push([text.slice(from, to), style]);
    };
    for (const code of text.matchAll(CODES)) {
      add(code.index);
      from = code.index + code[0].length;
      if (code[1] !== undefined) style = applied(style || fresh(), code[1]);
    }
    add(text.length);
    return found;
  };

  const luminance = (rgb) => {
    const part = (value) => (value <= 10 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * part((rgb >> 16) & 255) + 0.7152 * part((rgb >> 8) & 255) + 0.0722 * part(rgb & 255);
  };
  const contrast = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const mixed = (rgb, other, share) => {
    const at = (colour, shift) => (colour >> shift) & 255;
    const part = (shift) => Math.round(at(rgb, shift) * (1 - share) + at(other, shift) * share) << shift;
    return part(16) | part(8) | part(0);
  };
  const hex = (rgb) => `#${rgb.toString(16).padStart(6, "0")}`;

  const readable = new Map();
  /* A colour that can be read on another: itself, or lifted towards white or black until it can. */
  const lifted = (rgb, ground) => {
    const key = rgb * 0x1000000 + ground;
    if (!readable.has(key)) {
      if (readable.size > 2000) readable.clear();
      const towards = contrast(0xffffff, ground) > contrast(0, ground) ? 0xffffff : 0;
      let share = 0;
      while (share < 1 && contrast(mixed(rgb, towards, share), ground) < READABLE) share += 0.1;
      readable.set(key, hex(mixed(rgb, towards, Math.min(1, share))));
    }
    return readable.get(key);
  };

  const rgbOf = (colour, otherwise) => {
    if (colour === null) return otherwise;
    return Array.isArray(colour) ? colour[0] : CLASSIC[colour];
  };

  /* Put a style on an element: classes where the theme decides, el.style where the server said an exact colour. */
  const dress = (element, style) => {
    const names = ["bold", "italic", "under", "strike"].filter((name) => style[name]).map((name) => `t-${name}`);
    let { fore, back } = style;
    if (style.inverse) [fore, back] = [back, fore];
    if (style.inverse && back === null) {
      names.push("t-inverse");
    } else if (back !== null) {
      const ground = rgbOf(back, 0), letters = rgbOf(fore, contrast(0xffffff, ground) >= READABLE ? 0xffffff : 0);
      element.style.backgroundColor = hex(ground);
      element.style.color = lifted(letters, ground);
    } else if (Array.isArray(fore)) {
      element.style.color = lifted(fore[0], matchMedia("(prefers-color-scheme: dark)").matches ? DARK : LIGHT);
      element.style.color = `light-dark(${lifted(fore[0], LIGHT)}, ${lifted(fore[0], DARK)})`;
    } else if (fore !== null) names.push(`t-${fore}`);
    else if (style.dim) names.push("t-dim");
    if (names.length) element.className = names.join(" ");
  };

  /* Where links are in a text: [[from, to], ...]; punctuation behind a link does not belong to it. */
  const links = (text) => {
    if (!text.includes("://")) return [];
    return Array.from(text.matchAll(LINK), (found) => {
      let word = found[0].replace(/[.,;:!?*_~|\\]+$/, "");
      for (const [open, close] of ["()", "[]", "{}"]) {
        while (word.endsWith(close) && !word.includes(open)) word = word.slice(0, -1).replace(/[.,;:!?]+$/, "");
      }
      return [found.index, found.index + word.length];
    }).filter(([from, to]) => URL.canParse ? URL.canParse(text.slice(from, to)) : to > from + 8);
  };

  /* Small letters without changing where each letter stands. */
  const folded = (text) => {
    const small = text.toLowerCase();
    if (small.length === text.length) return small;
    return Array.from(text, (one) => (one.toLowerCase().length === one.length ? one.toLowerCase() : one)).join("");
  };

  /* The nodes of a line, all of them text or made by createElement. */
  const nodes = (raw) => pieces(raw).flatMap(([text, style]) => {
    const made = [];
    let from = 0;
    for (const [start, end] of [...links(text), [text.length, text.length]]) {
      if (start > from) made.push(document.createTextNode(text.slice(from, start)));
      if (end > start) {
        const link = document.createElement("a");
        link.href = link.textContent = text.slice(start, end);
        link.rel = "noopener noreferrer nofollow";
        link.target = "_blank";
        made.push(link);
      }
      from = end;
    }
    if (!style) return made;
    const span = document.createElement("span");
    dress(span, style);
    span.append(...made);
    return [span];
  });

  return { plain, hash, nodes, folded };
})();
