// Places for nodes that came later: next to a node that they are tied to.

const GOLDEN = Math.PI * (3 - Math.sqrt(5));
const STEP = 40;

/** Give each of some nodes that has no place yet one beside a neighbour that has, and its community. */
export function placeBeside(model, nodes) {
  let waiting = [...new Set(nodes)].filter((i) => !model.placed[i]);
  const around = new Map();
  const put = (i, beside) => {
    const turn = (around.get(beside) ?? 0) + 1;
    around.set(beside, turn);
    const [reach, angle] = [STEP * Math.sqrt(turn + 2.5), turn * GOLDEN];
    model.x[i] = Math.round(model.x[beside] + reach * Math.cos(angle));
    model.y[i] = Math.round(model.y[beside] + reach * Math.sin(angle));
    [model.group[i], model.placed[i]] = [model.group[beside], 1];
  };
  // What was placed in one round is a neighbour to the next.
  for (;;) {
    const found = waiting.map((i) => [i, placedNeighbour(model, i)]).filter(([, beside]) => beside !== null);
    if (!found.length) break;
    for (const [i, beside] of found) put(i, beside);
    waiting = waiting.filter((i) => !model.placed[i]);
  }
}

/** The least connected placed neighbour: it says most of where a node belongs. */
function placedNeighbour(model, i) {
  let [best, least] = [null, Infinity];
  for (const e of model.edgesOf(i)) {
    const other = model.other(e, i);
    if (other !== i && model.placed[other] && model.degree(other) < least)
      [best, least] = [other, model.degree(other)];
  }
  return best;
}
