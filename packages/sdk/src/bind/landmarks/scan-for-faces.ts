import { type Camera, unproject } from '../render/camera.ts';
import type { Crop, Shading } from '../render/shade.ts';
import { type Drawable, renderView, type View } from '../render/view.ts';
import type { FaceNets } from './face-nets.ts';
import { cropOfDetection, detectFaces } from './look-at-face.ts';

/** Side of the views that are scanned, in pixels: two for each of the detector's. */
const SCAN_SIZE = 256;
/** A head's eyes are rarely seen level in a crop that a face is found in with more tilt than this. */
const MAX_TILT = 0.7;

/** A place where the detector saw a face, and the camera to see it better with. */
export interface Sighting {
  readonly score: number;
  readonly camera: Camera;
}

/** Directions that views are taken from, and the turns of each picture. */
export interface ScanPlan {
  /** Directions towards the viewer, in the head's frame. */
  readonly directions: readonly (readonly [number, number, number])[];
  /** Turns about the line of sight, in degrees. */
  readonly rollsDeg: readonly number[];
}

const AXES: readonly (readonly [number, number, number])[] = [
  [0, 0, 1],
  [0, 0, -1],
  [1, 0, 0],
  [-1, 0, 0],
  [0, 1, 0],
  [0, -1, 0],
];

/** The 24 views along the axes: enough for most heads, which stand straight in their file. */
export const AXIS_PLAN: ScanPlan = { directions: AXES, rollsDeg: [0, 90, 180, 270] };

/** What is missing to 26 directions with 8 turns each: no face is further than 27.4 degrees from one. */
export const OBLIQUE_PLANS: readonly ScanPlan[] = [
  { directions: AXES, rollsDeg: [45, 135, 225, 315] },
  { directions: obliqueDirections(), rollsDeg: [0, 45, 90, 135, 180, 225, 270, 315] },
];

/**
 * Looks for faces from all sides. The mesh is drawn once for each direction; turning the picture and its light is cheap.
 * @param centre Middle of what is looked at.
 * @param radius All of it, or 0 for the whole mesh.
 * @returns Best first, one for each place and direction.
 */
export async function scanForFaces(
  nets: FaceNets,
  mesh: Drawable,
  centre: readonly [number, number, number],
  radius: number,
  plan: ScanPlan,
  fovDeg: number,
  shading: Shading,
  signal?: AbortSignal,
): Promise<Sighting[]> {
  const sightings: Sighting[] = [];
  for (const direction of plan.directions) {
    signal?.throwIfAborted();
    const rotation = lookAlong(direction);
    const camera: Camera = {
      rotation,
      target: centre,
      half: radius > 0 ? radius : shownHalf(mesh, centre, rotation) * 1.12,
      fovDeg,
    };
    const view = renderView(mesh, camera, SCAN_SIZE);
    for (const roll of plan.rollsDeg) {
      const crop: Crop = {
        x: SCAN_SIZE / 2,
        y: SCAN_SIZE / 2,
        size: SCAN_SIZE,
        angle: (roll * Math.PI) / 180,
      };
      for (const detection of await detectFaces(nets, view, crop, 0.2, shading)) {
        const face = cropOfDetection(detection);
        const tilt = Math.atan2(Math.sin(face.angle - crop.angle), Math.cos(face.angle - crop.angle));
        if (Math.abs(tilt) > MAX_TILT) continue;
        sightings.push({ score: detection.score, camera: closeUp(view, face, fovDeg) });
      }
    }
  }
  return mergeSightings(sightings);
}

/** Best first; of those that look at one place from nearly one side only the best. */
export function mergeSightings(sightings: readonly Sighting[]): Sighting[] {
  const kept: Sighting[] = [];
  for (const sighting of [...sightings].sort((a, b) => b.score - a.score)) {
    const { target, half, rotation } = sighting.camera;
    const known = kept.some(({ camera }) => {
      const off = Math.hypot(
        target[0] - camera.target[0],
        target[1] - camera.target[1],
        target[2] - camera.target[2],
      );
      let trace = 0;
      for (let i = 0; i < 9; i++) trace += rotation[i] * camera.rotation[i];
      return off < 0.6 * Math.max(half, camera.half) && trace > 1 + 2 * Math.cos(Math.PI / 6);
    });
    if (!known) kept.push(sighting);
  }
  return kept;
}

/** A camera straight at a crop of a view, turned with it. */
function closeUp({ camera, raster }: View, crop: Crop, fovDeg: number): Camera {
  const r = camera.rotation;
  const cos = Math.cos(crop.angle);
  const sin = Math.sin(crop.angle);
  const rotation = new Float64Array(9);
  for (let axis = 0; axis < 3; axis++) {
    rotation[axis] = cos * r[axis] - sin * r[3 + axis];
    rotation[3 + axis] = sin * r[axis] + cos * r[3 + axis];
    rotation[6 + axis] = r[6 + axis];
  }
  const perPixel = camera.half / (SCAN_SIZE / 2);
  const x = Math.min(SCAN_SIZE - 1, Math.max(0, Math.floor(crop.x)));
  const y = Math.min(SCAN_SIZE - 1, Math.max(0, Math.floor(crop.y)));
  const at = y * SCAN_SIZE + x;
  const near = raster.triangle[at] >= 0 ? raster.nearness[at] : camera.fovDeg > 0 ? 1 : 0;
  const target = unproject(camera, crop.x, crop.y, near, SCAN_SIZE, SCAN_SIZE);
  const scale = camera.fovDeg > 0 ? 1 / near : 1;
  return { rotation, target, half: (crop.size / 2) * perPixel * scale * 1.15, fovDeg };
}

/** A turn that looks from a direction; up is as near to +y as can be, else to +z. */
function lookAlong([x, y, z]: readonly [number, number, number]): Float64Array {
  const up = Math.abs(y) > 0.95 ? [0, 0, 1] : [0, 1, 0];
  const right = unit([up[1] * z - up[2] * y, up[2] * x - up[0] * z, up[0] * y - up[1] * x]);
  const v = [y * right[2] - z * right[1], z * right[0] - x * right[2], x * right[1] - y * right[0]];
  return Float64Array.of(...right, ...v, x, y, z);
}

/** Half of what a square picture has to show for the whole mesh to be in it. */
function shownHalf(mesh: Drawable, centre: readonly number[], rotation: Float64Array): number {
  let half = 0;
  const { positions, triangles } = mesh;
  for (const vertex of triangles) {
    const x = positions[3 * vertex] - centre[0];
    const y = positions[3 * vertex + 1] - centre[1];
    const z = positions[3 * vertex + 2] - centre[2];
    const right = rotation[0] * x + rotation[1] * y + rotation[2] * z;
    const up = rotation[3] * x + rotation[4] * y + rotation[5] * z;
    half = Math.max(half, Math.abs(right), Math.abs(up));
  }
  return half;
}

function obliqueDirections(): [number, number, number][] {
  const out: [number, number, number][] = [];
  for (const x of [-1, 0, 1])
    for (const y of [-1, 0, 1])
      for (const z of [-1, 0, 1]) if (Math.abs(x) + Math.abs(y) + Math.abs(z) > 1) out.push(unit([x, y, z]));
  return out;
}

function unit([x, y, z]: readonly number[]): [number, number, number] {
  const length = Math.hypot(x, y, z);
  return [x / length, y / length, z / length];
}
