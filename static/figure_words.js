/* Figures in words, the same as the server writes them (portal/web/formatting.py). Nothing here touches the page. */
"use strict";
window.roostFigures = (() => {
  const UNITS = ["B", "KiB", "MiB", "GiB"];

  /* A number with that many digits; a tie goes to the even digit, as in the server's figures. */
  const fixed = (number, digits) => {
    const text = number.toFixed(digits);
    const rest = number.toFixed(digits + 40).slice(-40);
    if (!/^50*$/.test(rest) || Number(text.at(-1)) % 2 === 0) return text;
    return (Number(text) - 10 ** -digits).toFixed(digits);
  };
  const bytes = (number) => {
    for (const unit of UNITS) {
      if (Math.round(number) < 1024) return `${fixed(number, unit === "B" || number >= 99.95 ? 0 : 1)} ${unit}`;
      number /= 1024;
    }
    return `${fixed(number, 1)} TiB`;
  };
  const cpu = (percent) => `${fixed(percent, 1)} %`;
  const share = (used, limit) => (limit > 0 ? Math.max(0, Math.min(100, Number(fixed((100 * used) / limit, 0)))) : 0);
  const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const duration = (milliseconds, texts) => {
    const all = Math.floor(Math.max(0, milliseconds) / 1000);
    const parts = { days: Math.floor(all / 86400), hours: Math.floor(all / 3600) % 24, minutes: Math.floor(all / 60) % 60 };
    const biggest = Object.keys(parts).find((name) => parts[name]) || "seconds";
    const values = { ...parts, seconds: all % 60 };
    const pattern = texts[`text${biggest[0].toUpperCase()}${biggest.slice(1)}`];
    return pattern.replace(/%\((\w+)\)d/g, (_, name) => values[name]);
  };
  const two = (number) => String(number).padStart(2, "0");
  const clock = (at, seconds) => {
    const day = new Date(at * 1000);
    return `${two(day.getHours())}:${two(day.getMinutes())}${seconds ? `:${two(day.getSeconds())}` : ""}`;
  };
  const now = () => (performance.timeOrigin + performance.now()) / 1000;
  const known = (number) => (Number.isFinite(number) && number >= 0 ? number : null);

  return { bytes, cpu, share, filled, duration, clock, now, known };
})();
