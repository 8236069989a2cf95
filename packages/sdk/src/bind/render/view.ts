import { type Camera, project } from './camera.ts';
import { barycentricsAt, createRaster, type Raster, rasterise } from './rasterise.ts';

/** What is drawn: a welded triangle list with what shading needs. */
export interface Drawable {
  /** xyz of every vertex. */
  readonly positions: Float32Array;
  readonly triangles: Uint32Array;
  /** Unit normal of every vertex. */
  readonly normals: Float32Array;
  /** rgb of every vertex, 0 to 1. Default: {@link CLAY}. */
  readonly colours?: Float32Array;
}

/** The colour of a head without colours, rgb 0 to 1. */
export const CLAY = [0.8, 0.62, 0.52] as const;

/** A rendered view before it is lit, so that light can come from anywhere later. */
export interface View {
  readonly camera: Camera;
  readonly raster: Raster;
  /** x, y in pixels and nearness of every vertex. */
  readonly screen: Float32Array;
  /** Normal at every pixel in the camera's frame, turned towards the viewer; 0 where nothing is seen. */
  readonly normals: Float32Array;
  /** rgb at every pixel, if the drawable has colours. */
  readonly colours?: Float32Array;
}

/**
 * Renders a mesh into a square view.
 * @param size Width and height in pixels.
 */
export function renderView(mesh: Drawable, camera: Camera, size: number): View {
  const screen = project(camera, mesh.positions, size, size, new Float32Array(mesh.positions.length));
  const raster = rasterise(screen, mesh.triangles, createRaster(size, size));
  const normals = new Float32Array(size * size * 3);
  const colours = mesh.colours && new Float32Array(size * size * 3);
  const [r0, r1, r2, r3, r4, r5, r6, r7, r8] = Array.from(camera.rotation);
  const weights = new Float64Array(3);
  const { triangles } = mesh;
  for (let at = 0; at < size * size; at++) {
    const triangle = raster.triangle[at];
    if (triangle < 0) continue;
    const x = (at % size) + 0.5;
    const y = Math.floor(at / size) + 0.5;
    barycentricsAt(screen, triangles, triangle, x, y, camera.fovDeg > 0, weights);
    let nx = 0;
    let ny = 0;
    let nz = 0;
    for (let k = 0; k < 3; k++) {
      const vertex = 3 * triangles[3 * triangle + k];
      nx += weights[k] * mesh.normals[vertex];
      ny += weights[k] * mesh.normals[vertex + 1];
      nz += weights[k] * mesh.normals[vertex + 2];
      if (colours && mesh.colours)
        for (let axis = 0; axis < 3; axis++)
          colours[3 * at + axis] += weights[k] * mesh.colours[vertex + axis];
    }
    const vx = r0 * nx + r1 * ny + r2 * nz;
    const vy = r3 * nx + r4 * ny + r5 * nz;
    const vz = r6 * nx + r7 * ny + r8 * nz;
    const length = (vz < 0 ? -1 : 1) * (Math.sqrt(vx * vx + vy * vy + vz * vz) || 1);
    normals[3 * at] = vx / length;
    normals[3 * at + 1] = vy / length;
    normals[3 * at + 2] = vz / length;
  }
  return { camera, raster, screen, normals, colours };
}
