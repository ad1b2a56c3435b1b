// Keys that work everywhere, and those of the map.

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** `keys` maps a key to what it does outside of text fields and boxes. */
export function listenToKeys(keys) {
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input[type=search], select, dialog");
    if (event.ctrlKey || event.metaKey || event.altKey || typing) return;
    const action = keys[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}

/** Arrows, Enter, and zoom while the map has the focus. */
export function listenToMapKeys(map, stage, onSelect) {
  map.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in ARROWS) stage.step(...ARROWS[event.key]);
    else if (event.key === "Enter" && stage.hovered() !== null) onSelect(stage.hovered());
    else if (event.key === "+" || event.key === "=") stage.view.zoom(1.5);
    else if (event.key === "-") stage.view.zoom(1 / 1.5);
    else if (event.key === "0") stage.view.reset();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}
