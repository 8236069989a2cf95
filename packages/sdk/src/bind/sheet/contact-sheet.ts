import type { Similarity } from '../../head/similarity.ts';
import { applySimilarity, invertSimilarity } from '../../head/similarity.ts';
import type { HeadMesh } from '../head-mesh.ts';
import type { HeadRig } from '../head-rig.ts';
import type { PlacedPoint } from '../points/binding-points.ts';
import { type Camera, project } from '../render/camera.ts';
import { headDrawable } from '../render/head-drawable.ts';
import { shadeCrop } from '../render/shade.ts';
import { type Drawable, renderView } from '../render/view.ts';
import { posableHead, poseHead } from './posed-head.ts';
import { SHEET_POSES, type SheetPose } from './sheet-poses.ts';
import { type Picture, writeLabel } from './write-label.ts';

/** Settings of {@link drawContactSheet} and {@link drawPoints}. */
export interface SheetOptions {
  /** Edge of one picture in pixels. Default 256. */
  readonly cellPx?: number;
  /** Default {@link SHEET_POSES}. */
  readonly poses?: readonly SheetPose[];
  /** Called before each picture; a thrown error ends the drawing. */
  readonly onPicture?: (done: number) => void;
}

const CELL_PX = 256;
/** Angles to the person's left, degrees: from the front and three-quarter. */
const YAWS_DEG = [0, 40] as const;
const FOV_DEG = 20;
/** Middle of the picture in the template's frame, and half of what it shows, metres. */
const MIDDLE = [0, 0.012, 0.05] as const;
const HALF_M = 0.128;
const INK = [245, 245, 240] as const;
const PROPOSED = [255, 190, 40] as const;

/**
 * Draws a bound head in poses, from the front (upper row) and three-quarter (lower row), with the CPU alone. Textures are not
 * drawn; colours of vertices and materials are.
 */
export function drawContactSheet(mesh: HeadMesh, rig: HeadRig, options: SheetOptions = {}): Picture {
  const { cellPx = CELL_PX, poses = SHEET_POSES, onPicture } = options;
  const sheet = blank(poses.length * cellPx, YAWS_DEG.length * cellPx);
  const head = posableHead(mesh, rig);
  const cameras = YAWS_DEG.map((yaw) => faceCamera(rig.report.toTemplate, yaw));
  poses.forEach(({ name, weights }, column) => {
    const posed = poseHead(head, weights);
    cameras.forEach((camera, row) => {
      onPicture?.((column * cameras.length + row) / (poses.length * cameras.length));
      drawCell(sheet, posed, camera, column * cellPx, row * cellPx, cellPx);
    });
    writeLabel(sheet, name, column * cellPx + 8, 8, Math.max(1, Math.round(cellPx / 128)), INK);
  });
  return sheet;
}

/**
 * Draws a head with points on it, from the front and from both sides; each point has its number, from 1, in the order given.
 * @param toTemplate Where its face is thought to be.
 */
export function drawPoints(
  mesh: HeadMesh,
  points: readonly PlacedPoint[],
  toTemplate: Similarity,
  { cellPx = 2 * CELL_PX }: SheetOptions = {},
): Picture {
  const drawable = headDrawable(mesh);
  const yaws = [-40, 0, 40];
  const sheet = blank(yaws.length * cellPx, cellPx);
  const positions = Float32Array.from(points.flatMap(({ position }) => position));
  yaws.forEach((yaw, column) => {
    const camera = faceCamera(toTemplate, yaw);
    drawCell(sheet, drawable, camera, column * cellPx, 0, cellPx);
    const screen = project(camera, positions, cellPx, cellPx, new Float32Array(positions.length));
    points.forEach((_, i) => {
      const x = Math.round(screen[3 * i]);
      const y = Math.round(screen[3 * i + 1]);
      if (!(x >= 0 && y >= 0 && x < cellPx && y < cellPx)) return;
      for (let dy = -1; dy <= 1; dy++)
        for (let dx = -1; dx <= 1; dx++) put(sheet, column * cellPx + x + dx, y + dy, PROPOSED);
      writeLabel(sheet, String(i + 1), column * cellPx + x + 3, y - 3, 1, INK);
    });
  });
  return sheet;
}

function blank(width: number, height: number): Picture {
  return { width, height, rgb: new Uint8Array(width * height * 3) };
}

function put({ width, height, rgb }: Picture, x: number, y: number, colour: readonly number[]): void {
  if (x >= 0 && y >= 0 && x < width && y < height) rgb.set(colour, 3 * (y * width + x));
}

function drawCell(
  sheet: Picture,
  mesh: Drawable,
  camera: Camera,
  left: number,
  top: number,
  cellPx: number,
): void {
  const view = renderView(mesh, camera, 2 * cellPx);
  const rgb = shadeCrop(view, { x: cellPx, y: cellPx, size: 2 * cellPx, angle: 0 }, cellPx, 0, 255);
  for (let y = 0; y < cellPx; y++)
    sheet.rgb.set(rgb.subarray(y * cellPx * 3, (y + 1) * cellPx * 3), 3 * ((top + y) * sheet.width + left));
}

/** A camera before a face that is turned `yawDeg` to the person's right, so that its left side shows. */
function faceCamera(toTemplate: Similarity, yawDeg: number): Camera {
  const fromTemplate = invertSimilarity(toTemplate);
  const yaw = (yawDeg * Math.PI) / 180;
  const [c, s] = [Math.cos(yaw), Math.sin(yaw)];
  const axes = [c, 0, -s, 0, 1, 0, s, 0, c];
  const r = fromTemplate.rotation;
  const rotation = new Float64Array(9);
  for (let row = 0; row < 3; row++)
    for (let column = 0; column < 3; column++)
      for (let k = 0; k < 3; k++) rotation[3 * row + column] += axes[3 * row + k] * r[3 * column + k];
  return {
    rotation,
    target: applySimilarity(fromTemplate, MIDDLE),
    half: fromTemplate.scale * HALF_M,
    fovDeg: FOV_DEG,
  };
}
