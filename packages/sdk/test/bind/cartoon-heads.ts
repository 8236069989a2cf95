import type { BindTemplate } from '../../src/bind/index.ts';
import { BINDING_POINTS, type HandPoints, type HeadMesh, landmarkPositions } from '../../src/bind/index.ts';
import { subdivided } from './make-heads.ts';

type Point = readonly [x: number, y: number, z: number];

/** A head that no face net knows, and the points that a person would set on it. */
export interface CartoonHead {
  readonly mesh: HeadMesh;
  readonly points: HandPoints;
  /** For each vertex of the template's skin where it went. */
  readonly place: (point: Point) => Point;
}

const bump = (away: number, radius: number) => Math.exp(-((away / radius) ** 2));

/** Eyes twice as large, hardly a nose, a small mouth, a pointed chin, a large skull. */
export function animeHead(template: BindTemplate): CartoonHead {
  return cartoon(template, ([x, y, z]) => {
    let p: Point = [x, y, z];
    for (const { centre } of [template.eyes.left, template.eyes.right]) {
      const [dx, dy] = [x - centre[0], y - centre[1]];
      const grow = 0.75 * bump(Math.hypot(dx, dy), 0.024) * (z > 0.03 ? 1 : 0);
      p = [p[0] + grow * dx, p[1] + grow * 1.3 * dy, p[2]];
    }
    const nose = bump(Math.hypot(x, y - 0.0), 0.018) * (z > 0.09 ? 1 : 0);
    p = [p[0], p[1], p[2] - 0.8 * nose * Math.max(0, z - 0.095)];
    const mouth = bump(Math.hypot(x, 1.4 * (y + 0.028)), 0.03) * (z > 0.06 ? 1 : 0);
    p = [p[0] * (1 - 0.35 * mouth), p[1], p[2]];
    const chin = Math.min(1, Math.max(0, (-0.02 - y) / 0.045));
    p = [p[0] * (1 - 0.35 * chin), p[1] - 0.004 * chin, p[2]];
    const skull = Math.min(1, Math.max(0, (y - 0.05) / 0.05));
    return [p[0] * (1 + 0.2 * skull), p[1] * (1 + 0.15 * skull), p[2] * (1 + 0.08 * skull)];
  });
}

/** A jaw half as wide again and longer, heavy brows over small eyes, a broad nose, a low forehead, a wide mouth. */
export function ogreHead(template: BindTemplate): CartoonHead {
  return cartoon(template, ([x, y, z]) => {
    const jaw = Math.min(1, Math.max(0, (0.005 - y) / 0.06));
    let p: Point = [x * (1 + 0.45 * jaw), y - 0.014 * jaw, z + 0.012 * jaw * (z > 0 ? 1 : 0)];
    const brow = bump(y - 0.052, 0.012) * (z > 0.05 ? 1 : 0);
    p = [p[0], p[1] - 0.003 * brow, p[2] + 0.009 * brow];
    for (const { centre } of [template.eyes.left, template.eyes.right]) {
      const [dx, dy] = [x - centre[0], y - centre[1]];
      const shrink = -0.25 * bump(Math.hypot(dx, dy), 0.024) * (z > 0.03 ? 1 : 0);
      p = [p[0] + shrink * dx, p[1] + shrink * dy, p[2]];
    }
    const nose = bump(Math.hypot(x, y + 0.002), 0.022) * (z > 0.08 ? 1 : 0);
    p = [p[0] * (1 + 0.7 * nose), p[1], p[2] + 0.006 * nose];
    const forehead = Math.min(1, Math.max(0, (y - 0.055) / 0.05));
    return [p[0], p[1] - 0.02 * forehead, p[2] - 0.015 * forehead];
  });
}

/** A mouth from ear to ear in a flat, wide face, eyes far apart on top of it, no chin, no bridge of the nose. */
export function frogHead(template: BindTemplate): CartoonHead {
  return cartoon(template, ([x, y, z]) => {
    const front = z > 0.02 ? 1 : 0;
    const mouth = bump(Math.hypot(0.6 * x, 1.6 * (y + 0.028)), 0.035) * front;
    let p: Point = [x * (1 + 0.6 * mouth), y, z - 0.006 * mouth * Math.min(1, Math.abs(x) / 0.03)];
    for (const { centre } of [template.eyes.left, template.eyes.right]) {
      const near = bump(Math.hypot(x - centre[0], y - centre[1]), 0.03) * front;
      p = [p[0] + near * Math.sign(centre[0]) * 0.016, p[1] + near * 0.022, p[2]];
    }
    const nose = bump(Math.hypot(x, y), 0.022) * (z > 0.08 ? 1 : 0);
    p = [p[0], p[1], p[2] - 0.75 * nose * Math.max(0, z - 0.092)];
    const chin = Math.min(1, Math.max(0, (-0.04 - y) / 0.03));
    return [p[0] * (1 + 0.2 * chin), p[1] + 0.018 * chin, p[2] - 0.012 * chin * front];
  });
}

/** Eyes more than twice as large, low in the face, no nose, a mouth of half the width just above the chin. */
export function dollHead(template: BindTemplate): CartoonHead {
  return cartoon(template, ([x, y, z]) => {
    let p: Point = [x, y, z];
    const front = z > 0.03 ? 1 : 0;
    for (const { centre } of [template.eyes.left, template.eyes.right]) {
      const [dx, dy] = [x - centre[0], y - centre[1]];
      const grow = 1.1 * bump(Math.hypot(dx, 0.8 * dy), 0.02) * front;
      p = [
        p[0] + 0.8 * grow * dx + 0.006 * grow * Math.sign(centre[0]),
        p[1] + 1.5 * grow * dy - 0.006 * grow,
        p[2],
      ];
    }
    const nose = bump(Math.hypot(x, y), 0.02) * (z > 0.08 ? 1 : 0);
    p = [p[0] * (1 - 0.4 * nose), p[1], p[2] - 0.9 * nose * Math.max(0, z - 0.09)];
    const mouth = bump(Math.hypot(x, 1.3 * (y + 0.028)), 0.03) * (z > 0.06 ? 1 : 0);
    p = [p[0] * (1 - 0.5 * mouth), p[1] - 0.006 * mouth, p[2]];
    const chin = Math.min(1, Math.max(0, (-0.045 - y) / 0.03));
    return [p[0] * (1 - 0.25 * chin), p[1] + 0.008 * chin, p[2]];
  });
}

function cartoon(template: BindTemplate, place: (point: Point) => Point): CartoonHead {
  const at = (values: ArrayLike<number>, i: number) =>
    place([values[3 * i], values[3 * i + 1], values[3 * i + 2]]);
  const landmarks = landmarkPositions(template.landmarks, template.positions);
  const indices: number[] = [];
  for (let t = 0; t < template.indices.length; t += 3)
    if (template.indices[t] < template.skinVertices) indices.push(...template.indices.subarray(t, t + 3));
  const vertices = template.skinVertices;
  const mesh: HeadMesh = {
    format: 'obj',
    joints: [],
    warnings: [],
    parts: [
      {
        name: 'skin',
        node: 'skin',
        positions: Float32Array.from(
          Array.from({ length: vertices }, (_, v) => at(template.positions, v)).flat(),
        ),
        indices: Uint32Array.from(indices),
        material: '',
        opaque: true,
        sourceVertices: Uint32Array.from({ length: vertices }, (_, v) => v),
        morphs: [],
      },
    ],
  };
  return {
    mesh: subdivided(mesh),
    points: {
      points: BINDING_POINTS.map(({ landmark }) => ({ landmark, position: at(landmarks, landmark) })),
    },
    place,
  };
}
