import type { TemplateFace } from '@parley/sdk';

/** Faces that are looked at. */
const SAMPLES = 80;
/** Of the edges of those faces, this part is the template's in a head of its topology. */
const ENOUGH = 0.6;

const edgesOf = new WeakMap<TemplateFace, Set<number>>();

/**
 * A first look at an .obj: false when it cannot be of the template's topology, in a fraction of the time that reading it takes. A large
 * scan would keep the page from its frames for longer than that.
 */
export function looksLikeTemplate(objText: string, template: TemplateFace): boolean {
  const edges = templateEdges(template);
  const { vertices } = template.basis;
  let seen = 0;
  let known = 0;
  for (let i = 0; i < SAMPLES; i++) {
    const at = objText.indexOf('\nf ', Math.floor((i * objText.length) / SAMPLES));
    if (at < 0) break;
    const end = objText.indexOf('\n', at + 1);
    const line = objText.slice(at + 3, end < 0 ? undefined : end);
    const corners = line
      .trim()
      .split(/\s+/, 8)
      .map((corner) => Number.parseInt(corner, 10) - 1);
    corners.forEach((a, k) => {
      const b = corners[(k + 1) % corners.length];
      // Hair and shoulders may stand after the template's vertices.
      if (!(a >= 0 && b >= 0 && a < vertices && b < vertices)) return;
      seen++;
      if (edges.has(key(a, b, vertices))) known++;
    });
  }
  return seen > 0 && known > seen * ENOUGH;
}

function templateEdges(template: TemplateFace): Set<number> {
  let edges = edgesOf.get(template);
  if (!edges) {
    edges = new Set();
    for (let i = 0; i < template.edges.length; i += 2)
      edges.add(key(template.edges[i], template.edges[i + 1], template.basis.vertices));
    edgesOf.set(template, edges);
  }
  return edges;
}

function key(a: number, b: number, vertices: number): number {
  return Math.min(a, b) * vertices + Math.max(a, b);
}
