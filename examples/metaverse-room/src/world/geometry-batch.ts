import type { Material } from '@babylonjs/core/Materials/material';
import type { Color3 } from '@babylonjs/core/Maths/math.color';
import { Matrix, Quaternion, Vector3 } from '@babylonjs/core/Maths/math.vector';
import { CreateBoxVertexData } from '@babylonjs/core/Meshes/Builders/boxBuilder';
import { CreateCylinderVertexData } from '@babylonjs/core/Meshes/Builders/cylinderBuilder';
import { CreateIcoSphereVertexData } from '@babylonjs/core/Meshes/Builders/icoSphereBuilder';
import { CreateSphereVertexData } from '@babylonjs/core/Meshes/Builders/sphereBuilder';
import { CreateTorusVertexData } from '@babylonjs/core/Meshes/Builders/torusBuilder';
import { Mesh } from '@babylonjs/core/Meshes/mesh';
import { VertexData } from '@babylonjs/core/Meshes/mesh.vertexData';
import type { Scene } from '@babylonjs/core/scene';

/** Where a piece goes: metres, and radians about x, y and z. */
export interface Placement {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly yaw?: number;
  readonly pitch?: number;
  readonly roll?: number;
}

/** Collects coloured pieces into one mesh, so that a whole colonnade is one draw call. */
export class GeometryBatch {
  readonly #positions: number[] = [];
  readonly #normals: number[] = [];
  readonly #uvs: number[] = [];
  readonly #colors: number[] = [];
  readonly #indices: number[] = [];

  add(data: VertexData, at: Placement, color: Color3): this {
    const matrix = Matrix.Compose(
      Vector3.One(),
      Quaternion.RotationYawPitchRoll(at.yaw ?? 0, at.pitch ?? 0, at.roll ?? 0),
      new Vector3(at.x, at.y, at.z),
    );
    const positions = data.positions!;
    const normals = data.normals!;
    const first = this.#positions.length / 3;
    const point = new Vector3();
    const normal = new Vector3();
    for (let i = 0; i < positions.length; i += 3) {
      Vector3.TransformCoordinatesFromFloatsToRef(
        positions[i],
        positions[i + 1],
        positions[i + 2],
        matrix,
        point,
      );
      Vector3.TransformNormalFromFloatsToRef(normals[i], normals[i + 1], normals[i + 2], matrix, normal);
      this.#positions.push(point.x, point.y, point.z);
      this.#normals.push(normal.x, normal.y, normal.z);
      this.#colors.push(color.r, color.g, color.b, 1);
      pushBoxUv(this.#uvs, point, normal);
    }
    for (const index of data.indices!) this.#indices.push(first + index);
    return this;
  }

  /** `at` is the middle of the box's bottom. */
  box(width: number, height: number, depth: number, at: Placement, color: Color3): this {
    return this.add(CreateBoxVertexData({ width, height, depth }), { ...at, y: at.y + height / 2 }, color);
  }

  /** `at` is the middle of the cylinder's bottom. */
  cylinder(
    diameterBottom: number,
    diameterTop: number,
    height: number,
    at: Placement,
    color: Color3,
    tessellation = 16,
  ): this {
    const data = CreateCylinderVertexData({ diameterBottom, diameterTop, height, tessellation });
    return this.add(data, { ...at, y: at.y + height / 2 }, color);
  }

  /** A cylinder from one point to another. */
  rod(from: Vector3, to: Vector3, diameter: number, color: Color3, diameterTo = diameter): this {
    const along = to.subtract(from);
    const height = along.length();
    const middle = from.add(to).scale(0.5);
    const pitch = Math.acos(along.y / height);
    const yaw = Math.atan2(along.x, along.z);
    const data = CreateCylinderVertexData({
      height,
      diameterBottom: diameter,
      diameterTop: diameterTo,
      tessellation: 14,
    });
    return this.add(data, { x: middle.x, y: middle.y, z: middle.z, yaw, pitch }, color);
  }

  sphere(diameter: number, at: Placement, color: Color3, segments = 8): this {
    return this.add(CreateSphereVertexData({ diameter, segments }), at, color);
  }

  torus(diameter: number, thickness: number, at: Placement, color: Color3, tessellation = 48): this {
    return this.add(CreateTorusVertexData({ diameter, thickness, tessellation }), at, color);
  }

  /**
   * A faceted blob (crown of a tree, a rock).
   * @param roughness Share of the radius by which corners wander; the same `seed` gives the same blob.
   */
  blob(
    radiusX: number,
    radiusY: number,
    radiusZ: number,
    roughness: number,
    seed: number,
    at: Placement,
    color: Color3,
    subdivisions = 2,
  ): this {
    const data = CreateIcoSphereVertexData({ radius: 1, subdivisions, flat: true });
    const positions = data.positions!;
    for (let i = 0; i < positions.length; i += 3) {
      const [x, y, z] = [positions[i], positions[i + 1], positions[i + 2]];
      const wander =
        1 +
        roughness *
          (Math.sin(3.1 * x + seed) * Math.cos(2.7 * y - seed * 1.7) +
            0.6 * Math.sin(5.3 * z + 2.1 * y + seed * 0.7));
      positions[i] = x * radiusX * wander;
      positions[i + 1] = y * radiusY * wander;
      positions[i + 2] = z * radiusZ * wander;
    }
    VertexData.ComputeNormals(positions, data.indices!, data.normals!);
    return this.add(data, at, color);
  }

  /**
   * A turned solid around +y.
   * @param profile Pairs of radius and height in metres, from the bottom up.
   */
  lathe(
    profile: readonly (readonly [number, number])[],
    at: Placement,
    color: Color3,
    tessellation = 24,
  ): this {
    return this.add(turnProfile(profile, tessellation), at, color);
  }

  build(name: string, scene: Scene, material: Material): Mesh {
    const mesh = new Mesh(name, scene);
    const data = new VertexData();
    data.positions = new Float32Array(this.#positions);
    data.normals = new Float32Array(this.#normals);
    data.uvs = new Float32Array(this.#uvs);
    data.colors = new Float32Array(this.#colors);
    data.indices = new Uint32Array(this.#indices);
    data.applyToMesh(mesh);
    mesh.material = material;
    mesh.isPickable = false;
    mesh.freezeWorldMatrix();
    mesh.doNotSyncBoundingInfo = true;
    return mesh;
  }
}

/** Texture coordinates in metres on the plane that the normal faces. */
function pushBoxUv(uvs: number[], point: Vector3, normal: Vector3): void {
  const x = Math.abs(normal.x);
  const y = Math.abs(normal.y);
  const z = Math.abs(normal.z);
  if (y >= x && y >= z) uvs.push(point.x, point.z);
  else if (x >= z) uvs.push(point.z, point.y);
  else uvs.push(point.x, point.y);
}

function turnProfile(profile: readonly (readonly [number, number])[], tessellation: number): VertexData {
  const positions: number[] = [];
  const indices: number[] = [];
  for (let segment = 0; segment + 1 < profile.length; segment++) {
    // Each band has rings of its own: edges stay crisp.
    const first = positions.length / 3;
    for (let i = 0; i <= tessellation; i++) {
      const angle = (i / tessellation) * 2 * Math.PI;
      for (const [radius, height] of [profile[segment], profile[segment + 1]]) {
        positions.push(Math.cos(angle) * radius, height, Math.sin(angle) * radius);
      }
    }
    for (let i = 0; i < tessellation; i++) {
      const a = first + 2 * i;
      indices.push(a, a + 2, a + 1, a + 1, a + 2, a + 3);
    }
  }
  const data = new VertexData();
  const normals: number[] = [];
  VertexData.ComputeNormals(positions, indices, normals);
  data.positions = positions;
  data.indices = indices;
  data.normals = normals;
  return data;
}
