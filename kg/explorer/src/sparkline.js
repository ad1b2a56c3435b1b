// Papers a month as a small chart with its first and last month and its highest count in words.

import { h, plural, svg } from "./dom.js";
import { trend } from "./facts.js";
import { monthName } from "./model.js";

/** `months` is month to papers. */
export function sparkline(model, months) {
  const { first, counts } = trend(model, months);
  const most = Math.max(0, ...counts);
  if (counts.length < 2 || most === 0) return null;
  const [width, height] = [300, 40];
  const step = width / counts.length;
  const bars = counts.map((count, k) =>
    svg(
      "rect",
      {
        x: (k * step).toFixed(1),
        width: Math.max(step - 1, 0.8).toFixed(1),
        y: (height - (count / most) * (height - 2)).toFixed(1),
        height: ((count / most) * (height - 2)).toFixed(1),
        rx: 0.6,
      },
      svg("title", {}, `${monthName(first + k)}: ${plural(count, "paper")}`),
    ),
  );
  const peak = monthName(first + counts.indexOf(most));
  const words = `Papers a month, ${monthName(first)} to ${monthName(first + counts.length - 1)}; most ${most} in ${peak}`;
  return h(
    "figure",
    { class: "sparkline" },
    svg(
      "svg",
      { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": words, preserveAspectRatio: "none" },
      ...bars,
    ),
    h(
      "figcaption",
      {},
      h("span", {}, monthName(first)),
      h("span", {}, `most ${most} in ${peak}`),
      h("span", {}, monthName(first + counts.length - 1)),
    ),
  );
}
