// Papers a month with two handles: only papers between them are shown.

import { h, plural, svg } from "./dom.js";
import { timeSpan } from "./facts.js";
import { monthName } from "./model.js";

export function makeTimeline(container, model, { onChange }) {
  const [first, last] = timeSpan(model);
  if (last <= first) {
    container.hidden = true;
    return { show() {} };
  }
  const counts = new Array(last - first + 1).fill(0);
  for (const [month, n] of model.monthCounts()) counts[month - first] = n;
  const most = Math.max(...counts);
  const bars = counts.map((count, k) =>
    svg("rect", {
      x: k + 0.08,
      width: 0.84,
      y: (24 - Math.max((count / most) * 24, count ? 0.8 : 0)).toFixed(2),
      height: Math.max((count / most) * 24, count ? 0.8 : 0).toFixed(2),
    }),
  );
  const chart = svg(
    "svg",
    { viewBox: `0 0 ${counts.length} 24`, preserveAspectRatio: "none", "aria-hidden": "true" },
    ...bars,
  );
  const words = h("output", {});
  const range = (name, label) =>
    h("input", {
      type: "range",
      min: first,
      max: last,
      step: 1,
      class: name,
      id: `time-${name}`,
      "aria-label": label,
      oninput: () => preview(),
      onchange: () => commit(),
    });
  const from = range("from", "From month");
  const to = range("to", "To month");
  const reset = h(
    "button",
    { type: "button", class: "quietly", onclick: () => onChange(null, null) },
    "All time",
  );
  container.append(h("div", { class: "track" }, chart, from, to), h("div", { class: "range" }, words, reset));
  let timer = 0;

  const bounds = () => [Number(from.value), Number(to.value)].sort((a, b) => a - b);
  function preview() {
    paint();
    clearTimeout(timer);
    timer = setTimeout(commit, 250);
  }
  function commit() {
    clearTimeout(timer);
    const [low, high] = bounds();
    onChange(low === first ? null : low, high === last ? null : high);
  }
  function paint() {
    const [low, high] = bounds();
    bars.forEach((bar, k) => bar.classList.toggle("out", k + first < low || k + first > high));
    const inside = counts.slice(low - first, high - first + 1).reduce((sum, count) => sum + count, 0);
    words.textContent = `${monthName(low)} to ${monthName(high)} · ${plural(inside, "dated paper")}`;
    reset.hidden = low === first && high === last;
    for (const input of [from, to]) input.setAttribute("aria-valuetext", monthName(Number(input.value)));
  }
  return {
    show(state) {
      from.value = state.from ?? first;
      to.value = state.to ?? last;
      paint();
    },
  };
}
