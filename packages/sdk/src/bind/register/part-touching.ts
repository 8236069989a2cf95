import { connectedComponents } from '../mesh/components.ts';

/** Meshes in more pieces than this are soups of triangles; their pieces are nothing. */
const SOUP = 20_000;

/**
 * Takes pieces of a mesh apart again that welding has joined at one place only: an eyeball that touches its socket is not the
 * socket's. Pieces with two or more places in common are joined by a seam.
 *
 * @param places - Place of every vertex of the file; changed where places are split.
 * @param triangles - Three vertices of the file each.
 * @returns For each new place the vertex of the file that stands there.
 */
export function partTouching(places: Uint32Array, triangles: Uint32Array, count: number): number[] {
  const pieces = connectedComponents(places.length, triangles);
  const used = new Uint8Array(places.length);
  for (const v of triangles) used[v] = 1;
  const at = new Map<number, Set<number>>();
  const only = new Int32Array(count).fill(-1);
  for (let v = 0; v < places.length; v++) {
    if (used[v] === 0) continue;
    const piece = pieces.ofVertex[v];
    const place = places[v];
    if (only[place] < 0) only[place] = piece;
    if (only[place] === piece) continue;
    const known = at.get(place) ?? new Set([only[place]]);
    at.set(place, known.add(piece));
  }
  if (at.size === 0 || pieces.count - (places.length - used.reduce((sum, u) => sum + u, 0)) > SOUP) return [];
  const shared = new Map<number, number>();
  const parent = Array.from({ length: pieces.count }, (_, piece) => piece);
  const root = (piece: number): number => {
    let r = piece;
    while (parent[r] !== r) r = parent[r];
    parent[piece] = r;
    return r;
  };
  for (const touching of at.values()) {
    const list = [...touching];
    list.forEach((a, i) => {
      for (const b of list.slice(i + 1)) {
        const key = Math.min(a, b) * pieces.count + Math.max(a, b);
        const times = (shared.get(key) ?? 0) + 1;
        shared.set(key, times);
        if (times > 1) parent[root(a)] = root(b);
      }
    });
  }
  const added: number[] = [];
  const split = new Map<string, number>();
  for (let v = 0; v < places.length; v++) {
    const touching = used[v] === 1 ? at.get(places[v]) : undefined;
    if (!touching) continue;
    const group = root(pieces.ofVertex[v]);
    if (group === root(only[places[v]])) continue;
    const key = `${places[v]},${group}`;
    let place = split.get(key);
    if (place === undefined) {
      place = count + added.length;
      split.set(key, place);
      added.push(v);
    }
    places[v] = place;
  }
  return added;
}
