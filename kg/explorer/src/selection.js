// Which nodes the choices leave: the one answer that the map, the table and the counts share.

/** Most nodes that a neighbourhood shows. */
const NEAR_CAP = 150;

/** Return a byte for each node: 1 if the choices of `state` keep it. */
export function select(model, state) {
  const kept = new Uint8Array(model.count);
  const narrowed =
    state.from !== null || state.to !== null || state.organisation !== null || state.task !== null;
  const hidden = new Set(state.hidden);
  const shown = model.classes.map(({ name }) => !hidden.has(name));
  if (!narrowed) {
    for (let i = 0; i < model.count; i += 1) kept[i] = model.shown[i] && shown[model.classOf[i]] ? 1 : 0;
  } else {
    const wanted = [state.organisation, state.task]
      .filter((node) => node !== null)
      .map((node) => model.papersNaming(node));
    for (let i = model.entities; i < model.count; i += 1) {
      if (!model.shown[i]) continue;
      const month = model.month(i);
      const dated =
        (state.from === null || (month !== null && month >= state.from)) &&
        (state.to === null || (month !== null && month <= state.to));
      if (!dated || !wanted.every((papers) => papers.has(i))) continue;
      for (const e of model.edgesOf(i)) {
        const entity = model.target[e];
        if (model.shown[entity] && shown[model.classOf[entity]]) kept[entity] = 1;
      }
      if (shown[model.classOf[i]]) kept[i] = 1;
    }
  }
  if (state.node !== null && state.hops) {
    const near = neighbourhood(model, state.node, state.hops, kept);
    kept.forEach((value, i) => {
      if (value && !near.has(i)) kept[i] = 0;
    });
    kept[state.node] = 1;
  }
  return kept;
}

/** Node to distance, for the strongest nodes within so many hops among those kept; at most `NEAR_CAP`. */
export function neighbourhood(model, node, hops, kept) {
  const found = new Map([[node, 0]]);
  let ring = [node];
  for (let hop = 1; hop <= hops; hop += 1) {
    const weight = new Map();
    for (const member of ring) {
      for (const e of model.edgesOf(member)) {
        const other = model.other(e, member);
        if (kept[other] && !found.has(other)) {
          // A tie between entities says more than one more paper.
          const strength = model.isPaper(member) || model.isPaper(other) ? 1 : 4;
          weight.set(other, (weight.get(other) ?? 0) + strength);
        }
      }
    }
    const room = hop === hops ? NEAR_CAP - found.size : Math.min(NEAR_CAP - found.size, 70);
    ring = [...weight]
      .sort(([a, m], [b, n]) => n - m || model.degree(b) - model.degree(a) || a - b)
      .slice(0, room)
      .map(([i]) => i);
    for (const i of ring) found.set(i, hop);
  }
  return found;
}

/** The strongest kept nodes to draw, at most `limit`, always with those in `always`. */
export function strongest(model, kept, limit, always = []) {
  const all = [];
  kept.forEach((value, i) => value && all.push(i));
  if (all.length <= limit) return all;
  const half = Math.floor(limit * 0.45);
  const chosen = new Set(always);
  for (const i of all) {
    if (chosen.size >= half || model.isPaper(i)) break;
    chosen.add(i);
  }
  const ties = (i) => {
    let count = 0;
    for (const e of model.edgesOf(i)) if (chosen.has(model.target[e])) count += 1;
    return count;
  };
  const papers = all.filter(model.isPaper).map((i) => [ties(i), i]);
  papers.sort(([m, a], [n, b]) => n - m || a - b);
  for (const [, i] of papers) {
    if (chosen.size >= limit) break;
    chosen.add(i);
  }
  for (const i of all) {
    if (chosen.size >= limit) break;
    chosen.add(i);
  }
  return [...chosen].sort((a, b) => a - b);
}
