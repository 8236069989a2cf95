import {
  type FoundFace,
  type HeadMesh,
  headDrawable,
  invertSimilarity,
  project,
  renderView,
  shadeCrop,
  type TemplateLandmarks,
} from '@parley/sdk/bind';
import { templateCamera } from '../../packages/sdk/src/bind/landmarks/align-face.ts';
import { FACE_OVAL, IBUG_68 } from '../../packages/sdk/src/bind/landmarks/landmark-sets.ts';

/** The found face from the front and from 35 degrees to the side, with its landmarks: rgb bytes of 2 x size by size. */
export function drawFace(
  head: HeadMesh,
  found: FoundFace,
  template: TemplateLandmarks,
  size: number,
): Uint8Array {
  const mesh = headDrawable(head);
  const out = new Uint8Array(2 * size * size * 3);
  const fromTemplate = invertSimilarity(found.toTemplate);
  [0, 35].forEach((yaw, column) => {
    const camera = { ...templateCamera(fromTemplate, template, 20, yaw), half: fromTemplate.scale * 0.16 };
    const view = renderView(mesh, camera, 2 * size);
    const rgb = shadeCrop(view, { x: size, y: size, size: 2 * size, angle: 0 }, size, 0, 255);
    const put = (x: number, y: number, colour: readonly number[], radius: number): void => {
      for (let dy = -radius; dy <= radius; dy++)
        for (let dx = -radius; dx <= radius; dx++) {
          const [px, py] = [Math.floor(x) + dx, Math.floor(y) + dy];
          if (px >= 0 && py >= 0 && px < size && py < size) rgb.set(colour, 3 * (py * size + px));
        }
    };
    const points = project(
      camera,
      found.landmarks.positions,
      size,
      size,
      new Float32Array(3 * found.landmarks.count),
    );
    for (let i = 0; i < found.landmarks.count; i++) {
      const weight = found.landmarks.weights[i];
      const colour = FACE_OVAL.includes(i) ? [255, 255, 255] : [255 * (1 - weight), 255 * weight, 60];
      put(points[3 * i], points[3 * i + 1], colour, 0);
    }
    for (const i of IBUG_68.slice(17)) put(points[3 * i], points[3 * i + 1], [40, 90, 255], 1);
    for (let y = 0; y < size; y++)
      for (let x = 0; x < 3 * size; x++) out[y * 6 * size + column * 3 * size + x] = rgb[y * 3 * size + x];
  });
  return out;
}
