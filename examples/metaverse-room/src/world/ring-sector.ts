import { VertexData } from '@babylonjs/core/Meshes/mesh.vertexData';

/** A piece of an upright ring: radii and heights in metres, angles in radians from +z towards +x. */
export interface RingSector {
  readonly innerRadius: number;
  readonly outerRadius: number;
  readonly bottom: number;
  readonly top: number;
  readonly fromAngle: number;
  readonly toAngle: number;
  /** Straight pieces along the arc. */
  readonly steps: number;
}

/** Walls, cornices and steps that follow an arc. */
export function createRingSector(sector: RingSector): VertexData {
  const positions: number[] = [];
  const indices: number[] = [];
  const corner = (radius: number, y: number, angle: number): [number, number, number] => [
    Math.sin(angle) * radius,
    y,
    Math.cos(angle) * radius,
  ];
  const quad = (...corners: [number, number, number][]): void => {
    const first = positions.length / 3;
    for (const point of corners) positions.push(...point);
    indices.push(first, first + 2, first + 1, first, first + 3, first + 2);
  };
  const { innerRadius, outerRadius, bottom, top, fromAngle, toAngle, steps } = sector;
  for (let i = 0; i < steps; i++) {
    const a = fromAngle + ((toAngle - fromAngle) * i) / steps;
    const b = fromAngle + ((toAngle - fromAngle) * (i + 1)) / steps;
    quad(
      corner(outerRadius, bottom, a),
      corner(outerRadius, bottom, b),
      corner(outerRadius, top, b),
      corner(outerRadius, top, a),
    );
    if (innerRadius > 0) {
      quad(
        corner(innerRadius, bottom, b),
        corner(innerRadius, bottom, a),
        corner(innerRadius, top, a),
        corner(innerRadius, top, b),
      );
    }
    quad(
      corner(innerRadius, top, a),
      corner(outerRadius, top, a),
      corner(outerRadius, top, b),
      corner(innerRadius, top, b),
    );
    quad(
      corner(innerRadius, bottom, b),
      corner(outerRadius, bottom, b),
      corner(outerRadius, bottom, a),
      corner(innerRadius, bottom, a),
    );
  }
  if (toAngle - fromAngle < 2 * Math.PI - 1e-6) {
    quad(
      corner(innerRadius, bottom, fromAngle),
      corner(outerRadius, bottom, fromAngle),
      corner(outerRadius, top, fromAngle),
      corner(innerRadius, top, fromAngle),
    );
    quad(
      corner(outerRadius, bottom, toAngle),
      corner(innerRadius, bottom, toAngle),
      corner(innerRadius, top, toAngle),
      corner(outerRadius, top, toAngle),
    );
  }
  const data = new VertexData();
  const normals: number[] = [];
  VertexData.ComputeNormals(positions, indices, normals);
  data.positions = positions;
  data.indices = indices;
  data.normals = normals;
  return data;
}
