// Places for a neighbourhood: the chosen node in the middle, the rest on rings by distance, sorted by class.

/** Return node to [x, y]; `near` is node to distance as `neighbourhood` gives it. */
export function radialPlaces(model, near) {
  const places = new Map();
  const rings = [[], [], []];
  for (const [i, hop] of near) {
    if (hop === 0) places.set(i, [0, 0]);
    else if (hop === 1) rings[model.isPaper(i) ? 1 : 0].push(i);
    else rings[2].push(i);
  }
  let reach = 0;
  for (const ring of rings) {
    if (!ring.length) continue;
    ring.sort((a, b) => model.classOf[a] - model.classOf[b] || a - b);
    // A long ring becomes several, so that names find room.
    const turns = Math.ceil(ring.length / 44);
    ring.forEach((i, k) => {
      const lane = k % turns;
      const angle = (2 * Math.PI * k) / ring.length - Math.PI / 2;
      const away = reach + 150 + lane * 75;
      places.set(i, [Math.round(away * 1.25 * Math.cos(angle)), Math.round(away * Math.sin(angle))]);
    });
    reach += 150 + (turns - 1) * 75;
  }
  return places;
}
