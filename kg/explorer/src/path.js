// The shortest way between two entities.

/**
 * Return edges from one node to another, or null. Every step costs one; a step through what everybody names
 * costs a little more, so of two ways of one length the telling one wins.
 */
export function shortestPath(model, from, to, kept) {
  const cost = new Map([[from, 0]]);
  const via = new Map();
  const done = new Set();
  const queue = new Heap();
  queue.push(0, from);
  while (queue.size) {
    const node = queue.pop();
    if (node === to) break;
    if (done.has(node)) continue;
    done.add(node);
    for (const e of model.edgesOf(node)) {
      const other = model.other(e, node);
      if (!kept[other] && other !== to) continue;
      const next = cost.get(node) + 1 + Math.log1p(model.degree(other)) / 50;
      if (next < (cost.get(other) ?? Infinity)) {
        cost.set(other, next);
        via.set(other, [node, e]);
        queue.push(next, other);
      }
    }
  }
  if (!via.has(to)) return null;
  const steps = [];
  for (let node = to; node !== from;) {
    const [before, edge] = via.get(node);
    steps.unshift({ from: before, edge, to: node });
    node = before;
  }
  return steps;
}

/** A binary heap of [cost, value] with the smallest on top; equal costs come by value. */
class Heap {
  #items = [];

  get size() {
    return this.#items.length;
  }

  push(cost, value) {
    const items = this.#items;
    items.push([cost, value]);
    for (let i = items.length - 1; i > 0;) {
      const parent = (i - 1) >> 1;
      if (!before(items[i], items[parent])) break;
      [items[i], items[parent]] = [items[parent], items[i]];
      i = parent;
    }
  }

  pop() {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (items.length) {
      items[0] = last;
      for (let i = 0; ;) {
        const [left, right] = [2 * i + 1, 2 * i + 2];
        let least = i;
        if (left < items.length && before(items[left], items[least])) least = left;
        if (right < items.length && before(items[right], items[least])) least = right;
        if (least === i) break;
        [items[i], items[least]] = [items[least], items[i]];
        i = least;
      }
    }
    return top[1];
  }
}

const before = ([m, a], [n, b]) => m < n || (m === n && a < b);
