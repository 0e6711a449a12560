/* One chart of the console page: the last five minutes, drawn by a library that is fetched when it is needed first. */
"use strict";
(() => {
  const { bytes, cpu, filled, clock, now } = window.roostFigures;
  const WINDOW_S = 300;
  const GAP_S = 5;

  /* The library, fetched once for all charts of a page. */
  let library = null;
  const load = (texts) => {
    library ||= new Promise((done, failed) => {
      const style = document.createElement("link");
      style.rel = "stylesheet";
      style.href = texts.style;
      const script = document.createElement("script");
      script.src = texts.script;
      script.onload = done;
      script.onerror = () => {
        library = null;
        script.remove();
        style.remove();
        failed(new Error("the charts could not be loaded"));
      };
      document.head.append(style, script);
    });
    return library;
  };

  /* The last five minutes of one chart: times, and one column for each line; null is a gap. */
  const series = (lines) => {
    const data = Array.from({ length: lines + 1 }, () => []);
    const last = () => data[0].at(-1);
    const push = (at, values) => {
      data[0].push(at);
      values.forEach((value, line) => data[line + 1].push(value));
      const old = data[0].findIndex((one) => one >= at - WINDOW_S);
      if (old > 1) for (const column of data) column.splice(0, old - 1);
    };
    const gap = () => {
      if (data[0].length && data.slice(1).some((column) => column.at(-1) !== null)) push(last() + 0.01, Array(lines).fill(null));
    };
    const add = (at, values) => {
      if (last() !== undefined && at <= last()) return;
      if (last() !== undefined && at - last() > GAP_S) gap();
      push(at, values);
    };
    return { data, add, gap };
  };

  const colours = (place) => {
    const style = getComputedStyle(place);
    return (name) => style.getPropertyValue(name).trim();
  };

  const steps = (of) => (of === "cpu" ? [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000] : Array.from({ length: 46 }, (_, power) => 2 ** power));

  /* One chart in its place. `limit` 0: none; else it is always in the picture. */
  const draw = (place, section, kind, kept, limit) => {
    const holder = place.querySelector("[data-plot]");
    const said = place.querySelector("[data-at]");
    const texts = section.dataset;
    const colour = (name) => () => colours(section)(name);
    const isNet = kind === "network";
    const shown = (value) => (kind === "cpu" ? cpu(value) : isNet ? filled(texts.textPerSecond, { size: bytes(value) }) : bytes(value));
    const short = (value) => {
      const size = bytes(value).replace(".0 ", " ");
      return kind === "cpu" ? `${value} %` : isNet && value ? filled(texts.textPerSecond, { size }) : size;
    };
    const least = kind === "cpu" ? 4 : 1024;
    const top = (_, __, max) => {
      const most = Math.max(max || 0, least);
      return [0, limit > 0 ? Math.max(limit, most) * 1.22 : most * 1.2];
    };
    const limitLine = (chart) => {
      if (!limit) return;
      const { ctx, bbox } = chart;
      const scale = devicePixelRatio;
      const thick = Math.max(1, Math.round(1.5 * scale));
      const y = Math.round(chart.valToPos(limit, "y", true)) + (thick % 2) / 2;
      ctx.save();
      ctx.strokeStyle = ctx.fillStyle = colour("--chart-limit")();
      ctx.lineWidth = thick;
      ctx.setLineDash([6 * scale, 4 * scale]);
      ctx.beginPath();
      ctx.moveTo(bbox.left, y);
      ctx.lineTo(bbox.left + bbox.width, y);
      ctx.stroke();
      ctx.font = `${10 * scale}px system-ui, sans-serif`;
      ctx.textAlign = "right";
      ctx.textBaseline = "bottom";
      ctx.fillText(filled(texts.textLimit, { limit: kind === "cpu" ? `${limit} %` : bytes(limit) }), bbox.left + bbox.width, y - 2 * scale);
      ctx.restore();
    };
    const value = (at) => {
      const values = kept.data.slice(1).map((column) => column[at]);
      if (values.some((one) => one === null || one === undefined)) return null;
      return isNet ? filled(texts.textNet, { rx: shown(values[0]), tx: shown(values[1]) }) : shown(values[0]);
    };
    const say = (chart) => {
      const at = chart.cursor.idx;
      const here = at !== null && at !== undefined ? value(at) : null;
      const most = kept.data.slice(1).map((column) => column.reduce((high, one) => (one !== null && one > high ? one : high), -1));
      if (here !== null) said.textContent = filled(texts.textAt, { time: clock(kept.data[0][at], true), value: here });
      else if (most.every((one) => one >= 0)) {
        said.textContent = filled(texts.textPeak, { value: isNet ? filled(texts.textNet, { rx: shown(most[0]), tx: shown(most[1]) }) : shown(most[0]) });
      } else said.textContent = "";
    };
    const line = (name, more) => ({ stroke: colour(name), width: 1.75, points: { show: false }, spanGaps: false, ...more });
    const hours = (chart, splits) => splits.map((at) => (at - chart.scales.x.min < 20 || chart.scales.x.max - at < 12 ? "" : clock(at)));
    const axis = { stroke: colour("--chart-text"), font: "10px system-ui, sans-serif", ticks: { show: false } };
    const chart = new uPlot(
      {
        width: holder.clientWidth, height: holder.clientHeight, padding: [4, 10, 0, 0], legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false }, focus: { prox: -1 } },
        scales: { x: { time: true, range: () => [now() - WINDOW_S, now()] }, y: { range: top } },
        axes: [
          { ...axis, size: 18, gap: 2, incrs: [60, 120], space: 44, grid: { show: false }, values: hours },
          { ...axis, size: isNet ? 60 : 52, gap: 4, incrs: steps(kind), space: 22, grid: { stroke: colour("--chart-grid"), width: 1 }, values: (_, splits) => splits.map(short) },
        ],
        series: isNet ? [{}, line("--chart-1"), line("--chart-2", { dash: [5, 3] })] : [{}, line("--chart-1", { fill: colour("--chart-1-soft") })],
        hooks: { draw: [limitLine], setCursor: [say] },
      },
      kept.data,
      holder,
    );
    const touched = (event) => {
      if (event.pointerType !== "touch") return;
      const box = chart.over.getBoundingClientRect();
      chart.setCursor({ left: event.clientX - box.left, top: event.clientY - box.top });
    };
    chart.over.addEventListener("pointerdown", touched);
    chart.over.addEventListener("pointermove", touched);
    new ResizeObserver(() => {
      if (holder.clientWidth > 0) chart.setSize({ width: holder.clientWidth, height: holder.clientHeight });
    }).observe(holder);
    say(chart);
    return {
      again: () => {
        chart.setData(kept.data);
        say(chart);
      },
      recolour: () => chart.redraw(false),
    };
  };

  Object.assign(window.roostFigures, { load, series, draw, GAP_S });
})();
