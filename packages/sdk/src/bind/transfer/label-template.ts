import { createEdgeGraph, type EdgeGraph } from '../geometry/edge-graph.ts';
import { type BindTemplate, skinTriangles } from '../template/bind-template.ts';
import { labelSides, SLITS, triangleSide } from './label-sides.ts';

/** The template's sides of mouth and eyes. */
export interface TemplateSides {
  readonly skin: Uint32Array;
  readonly graph: EdgeGraph;
  /** For each slit one label per skin vertex. */
  readonly ofVertex: readonly Uint8Array[];
  /** For each slit one label per triangle of `skin`. */
  readonly sides: readonly Uint8Array[];
}

type Labelled = Pick<BindTemplate, 'positions' | 'indices' | 'skinVertices' | 'landmarks'>;

const known = new WeakMap<object, TemplateSides>();

/** Labels the template's vertices and triangles around mouth and eyes; once per template. */
export function labelTemplate(template: Labelled): TemplateSides {
  const before = known.get(template);
  if (before) return before;
  const skin = skinTriangles(template);
  const graph = createEdgeGraph(template.positions.slice(0, template.skinVertices * 3), skin);
  const ofVertex = SLITS.map(({ upper, lower, reach }) => {
    const seeds = (ids: readonly number[]) => ids.map((id) => heaviestVertex(template, id));
    return labelSides(graph, seeds(upper), seeds(lower), reach, 0).sides;
  });
  const sides = ofVertex.map((labels) =>
    Uint8Array.from({ length: skin.length / 3 }, (_, t) =>
      triangleSide(labels, skin[t * 3], skin[t * 3 + 1], skin[t * 3 + 2]),
    ),
  );
  const labelled = { skin, graph, ofVertex, sides };
  known.set(template, labelled);
  return labelled;
}

function heaviestVertex({ landmarks }: Labelled, id: number): number {
  let best = id * 3;
  for (let k = id * 3; k < id * 3 + 3; k++) if (landmarks.weights[k] > landmarks.weights[best]) best = k;
  return landmarks.vertices[best];
}
