import type { HeadMesh, HeadPart } from '../../src/bind/index.ts';

/** A head with all points moved; normals are dropped. */
export function moved(
  head: HeadMesh,
  move: (x: number, y: number, z: number) => readonly number[],
): HeadMesh {
  return {
    ...head,
    parts: head.parts.map((part) => {
      const positions = new Float32Array(part.positions.length);
      for (let i = 0; i < positions.length; i += 3)
        positions.set(move(part.positions[i], part.positions[i + 1], part.positions[i + 2]), i);
      return { ...part, positions, normals: undefined };
    }),
  };
}

/** A turn, each as likely as any other (Shoemake 1992), row-major. */
export function randomTurn(random: () => number): number[] {
  const [u, v, w] = [random(), 2 * Math.PI * random(), 2 * Math.PI * random()];
  const [x, y] = [Math.sqrt(1 - u) * Math.sin(v), Math.sqrt(1 - u) * Math.cos(v)];
  const [z, q] = [Math.sqrt(u) * Math.sin(w), Math.sqrt(u) * Math.cos(w)];
  return [
    [1 - 2 * (y * y + z * z), 2 * (x * y - q * z), 2 * (x * z + q * y)],
    [2 * (x * y + q * z), 1 - 2 * (x * x + z * z), 2 * (y * z - q * x)],
    [2 * (x * z - q * y), 2 * (y * z + q * x), 1 - 2 * (x * x + y * y)],
  ].flat();
}

/** Vertices of a cell of the grid as one: fewer, and a surface that is no manifold everywhere. */
export function clustered(head: HeadMesh, cell: number): HeadMesh {
  return clusteredBy(head, () => cell);
}

/** The same with cells of a size that depends on the place: fine where somebody looks, crude elsewhere. */
export function clusteredBy(head: HeadMesh, cellAt: (x: number, y: number, z: number) => number): HeadMesh {
  return mapParts(head, ({ positions, indices }) => {
    const cells = new Map<string, number>();
    const sums: number[] = [];
    const counts: number[] = [];
    const place = Array.from({ length: positions.length / 3 }, (_, i) => {
      const xyz = positions.subarray(3 * i, 3 * i + 3);
      const cell = cellAt(xyz[0], xyz[1], xyz[2]);
      const key = `${cell},${Array.from(xyz, (x) => Math.floor(x / cell)).join()}`;
      const at = cells.get(key) ?? cells.size;
      cells.set(key, at);
      counts[at] = (counts[at] ?? 0) + 1;
      for (let k = 0; k < 3; k++) sums[3 * at + k] = (sums[3 * at + k] ?? 0) + xyz[k];
      return at;
    });
    const triangles: number[] = [];
    for (let i = 0; i < indices.length; i += 3) {
      const corners = [...indices.subarray(i, i + 3)].map((v) => place[v]);
      if (new Set(corners).size === 3) triangles.push(...corners);
    }
    return [
      Float32Array.from(sums, (sum, i) => sum / counts[Math.floor(i / 3)]),
      Uint32Array.from(triangles),
    ];
  });
}

/** Every triangle as four. */
export function subdivided(head: HeadMesh): HeadMesh {
  return mapParts(head, ({ positions, indices }) => {
    const points = [...positions];
    const middles = new Map<string, number>();
    const middle = (a: number, b: number): number => {
      const key = a < b ? `${a},${b}` : `${b},${a}`;
      const known = middles.get(key);
      if (known !== undefined) return known;
      middles.set(key, points.length / 3);
      for (let k = 0; k < 3; k++) points.push((positions[3 * a + k] + positions[3 * b + k]) / 2);
      return points.length / 3 - 1;
    };
    const triangles: number[] = [];
    for (let i = 0; i < indices.length; i += 3) {
      const [a, b, c] = indices.subarray(i, i + 3);
      const [ab, bc, ca] = [middle(a, b), middle(b, c), middle(c, a)];
      triangles.push(a, ab, ca, ab, b, bc, ca, bc, c, ab, bc, ca);
    }
    return [Float32Array.from(points), Uint32Array.from(triangles)];
  });
}

/** Every triangle with corners of its own, in parts of so many triangles. */
export function soup(head: HeadMesh, size: number): HeadMesh {
  const parts: HeadPart[] = [];
  for (const { positions, indices } of head.parts)
    for (let start = 0; start < indices.length; start += 3 * size) {
      const corners = indices.subarray(start, start + 3 * size);
      const points = new Float32Array(corners.length * 3);
      for (const [i, vertex] of corners.entries())
        points.set(positions.subarray(3 * vertex, 3 * vertex + 3), 3 * i);
      parts.push(
        part(
          `piece ${parts.length}`,
          points,
          Uint32Array.from(corners, (_, i) => i),
        ),
      );
    }
  return { ...head, parts };
}

/** An ellipsoid. */
export function ball(
  name: string,
  centre: readonly number[],
  radii: readonly number[],
  rings = 24,
): HeadPart {
  const points: number[] = [];
  const triangles: number[] = [];
  for (let i = 0; i <= rings; i++)
    for (let j = 0; j <= 2 * rings; j++) {
      const [v, u] = [(Math.PI * i) / rings, (Math.PI * j) / rings];
      const unit = [Math.sin(v) * Math.cos(u), Math.cos(v), Math.sin(v) * Math.sin(u)];
      points.push(...unit.map((x, k) => centre[k] + radii[k] * x));
      const at = i * (2 * rings + 1) + j;
      if (i < rings && j < 2 * rings)
        triangles.push(at, at + 1, at + 2 * rings + 1, at + 2 * rings + 1, at + 1, at + 2 * rings + 2);
    }
  return part(name, Float32Array.from(points), Uint32Array.from(triangles));
}

/** The head on a crude body of two metres with its arms stretched out, in metres; nothing is named. */
export function withBody(head: HeadMesh): HeadMesh {
  const limbs: [number[], number[]][] = [
    [
      [0, -0.32, -0.02],
      [0.2, 0.3, 0.12],
    ],
    [
      [0, -0.75, -0.02],
      [0.18, 0.25, 0.12],
    ],
    [
      [0.5, -0.18, -0.02],
      [0.42, 0.05, 0.05],
    ],
    [
      [-0.5, -0.18, -0.02],
      [0.42, 0.05, 0.05],
    ],
    [
      [0.1, -1.2, -0.02],
      [0.08, 0.5, 0.08],
    ],
    [
      [-0.1, -1.2, -0.02],
      [0.08, 0.5, 0.08],
    ],
    [
      [0.1, -1.65, 0.05],
      [0.05, 0.04, 0.13],
    ],
    [
      [-0.1, -1.65, 0.05],
      [0.05, 0.04, 0.13],
    ],
  ];
  return {
    ...head,
    parts: [
      ...head.parts.map((each) => ({ ...each, name: '', node: '', material: '' })),
      ...limbs.map(([centre, radii]) => ball('', centre, radii)),
    ],
  };
}

function part(name: string, positions: Float32Array, indices: Uint32Array): HeadPart {
  return {
    name,
    node: name,
    positions,
    indices,
    material: '',
    opaque: true,
    sourceVertices: Uint32Array.from({ length: positions.length / 3 }, (_, i) => i),
    morphs: [],
  };
}

function mapParts(head: HeadMesh, map: (part: HeadPart) => [Float32Array, Uint32Array]): HeadMesh {
  return { ...head, parts: head.parts.map((each) => part(each.name, ...map(each))) };
}
