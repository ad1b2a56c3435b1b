// Dark and light: the system's choice until the user makes one. Drawings read their colours here.

import { memory } from "./dom.js";

const DRAWING = {
  light: {
    ground: "#fbfbfa",
    ink: "#1b2430",
    caption: "#5a6575",
    paper: "#aab3c0",
    faded: "#e3e6eb",
    dim: "#f0f1f4",
    edge: "#dde1e7",
    between: "#edeff2",
    relation: "#c3cbd7",
    strong: "#5b6b80",
    accent: "#b3261e",
    cloud: (hue) => `hsl(${hue} 42% 95.5%)`,
  },
  dark: {
    ground: "#10141a",
    ink: "#eef1f5",
    caption: "#9aa6b6",
    paper: "#6b7686",
    faded: "#2a313c",
    dim: "#1a2028",
    edge: "#29303b",
    between: "#1b212a",
    relation: "#3f4a5a",
    strong: "#9fb0c6",
    accent: "#ff8a80",
    cloud: (hue) => `hsl(${hue} 26% 11.5%)`,
  },
};

export function makeTheme(onChange) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  let chosen = memory.get("theme");
  const name = () => chosen ?? (system.matches ? "dark" : "light");
  const apply = () => {
    document.documentElement.dataset.theme = name();
    onChange();
  };
  document.documentElement.dataset.theme = name();
  system.addEventListener("change", apply);
  return {
    name,
    drawing: () => DRAWING[name()],
    toggle() {
      chosen = name() === "dark" ? "light" : "dark";
      memory.set("theme", chosen);
      apply();
    },
  };
}
