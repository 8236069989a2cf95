import { ParleyError } from '@parley/sdk';
import type { FoundFace, HeadMesh } from '@parley/sdk/bind';
import type { HeadModel } from '../head/load-head.ts';
import { DEFAULT_EXPORTS_URL } from '../model/exports-url.ts';
import type { PointsEditor } from './points-editor.ts';

/** A point of a face for a person to put right. */
export interface FacePoint {
  readonly name: string;
  /** Index in MediaPipe's face mesh. */
  readonly landmark: number;
  /** Where it is, in words. */
  readonly hint: string;
  /** In the head's own frame. */
  position: [number, number, number];
}

/** What a person is asked about. */
export interface FaceQuestion {
  readonly mesh: HeadMesh;
  readonly points: readonly FacePoint[];
  /** To be handed on with the points. */
  readonly insideOut: boolean;
}

/**
 * Points to ask a person about, after an `UnsureFaceError`: show them with {@link editPoints}, then load the head again with
 * `{ points: { points, insideOut } }`.
 *
 * @param bytes - The head's file.
 * @param face - The error's.
 * @throws ParleyError when the head cannot be read, or the model's landmarks are not served.
 */
export async function proposeFacePoints(
  bytes: Uint8Array,
  name: string,
  face: FoundFace,
  model: Pick<HeadModel, 'exportsUrl'>,
): Promise<FaceQuestion> {
  const { BINDING_POINTS, proposePoints, readHead, readTemplateLandmarks } = await import('@parley/sdk/bind');
  const mesh = await readHead(bytes, { fileName: name });
  const url = `${model.exportsUrl ?? DEFAULT_EXPORTS_URL}landmarks/template.json`;
  const response = await fetch(url);
  if (!response.ok)
    throw new ParleyError('bad-export', `${url} answers ${response.status}: serve models/exports there`);
  const [best] = proposePoints(mesh, face, readTemplateLandmarks(await response.json()));
  return {
    mesh,
    insideOut: best.insideOut,
    points: best.points.map(({ name: point, landmark, position }) => ({
      name: point,
      landmark,
      hint: BINDING_POINTS.find((each) => each.name === point)?.hint ?? point,
      position: [...position],
    })),
  };
}

/**
 * Shows a head and points on a canvas of their own: a drag turns the head, a drag on a point moves it over the skin.
 *
 * @param list - An `ol` that gets a button of class `place` for each point.
 * @param points - Changed as they are dragged.
 */
export async function editPoints(
  canvas: HTMLCanvasElement,
  list: HTMLElement,
  mesh: HeadMesh,
  points: readonly FacePoint[],
): Promise<PointsEditor> {
  // A page whose heads are all found needs none of it.
  const { createPointsEditor } = await import('./points-editor.ts');
  return createPointsEditor(canvas, list, mesh, points);
}
