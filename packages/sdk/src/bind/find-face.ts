import { applySimilarity, invertSimilarity, type Similarity } from '../head/similarity.ts';
import {
  type FaceCandidate,
  type FaceDoubt,
  type FoundFace,
  LANDMARK_COUNT,
  type SurfacePoints,
} from './found-face.ts';

import type { HeadMesh } from './head-mesh.ts';
import {
  type Alignment,
  alignFace,
  faceBox,
  fitTemplate,
  templateCamera,
  templateCrop,
} from './landmarks/align-face.ts';
import { type AveragedLandmarks, averageViews } from './landmarks/average-views.ts';
import type { FaceNets } from './landmarks/face-nets.ts';
import { FACE_OVAL, IBUG_68 } from './landmarks/landmark-sets.ts';
import {
  AXIS_PLAN,
  mergeSightings,
  OBLIQUE_PLANS,
  type ScanPlan,
  type Sighting,
  scanForFaces,
} from './landmarks/scan-for-faces.ts';
import { type SearchWindow, searchWindows } from './landmarks/search-windows.ts';
import type { TemplateLandmarks } from './landmarks/template-landmarks.ts';
import { boundsOf } from './mesh/bounds.ts';
import { connectedComponents } from './mesh/components.ts';
import { partOfTriangle } from './mesh/join-parts.ts';
import { type HeadDrawable, headDrawable } from './render/head-drawable.ts';
import type { Shading } from './render/shade.ts';
import type { Drawable } from './render/view.ts';

/** What {@link findFace} needs. */
export interface FindFaceOptions {
  readonly nets: FaceNets;
  readonly template: TemplateLandmarks;
  /** Ends the search; the promise rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** Where a face stops being certain. */
export const FACE_LIMITS = {
  /** Detector score x presence from the front. */
  minScore: 0.5,
  /** Mean distance of the landmarks to the template's, in millimetres of the template. */
  maxResidualMm: 6,
  /** Mean difference between views, in millimetres of the template. */
  maxSpreadMm: 2.5,
  /** A second face with this share of the first one's rank makes the choice uncertain. */
  rivalShare: 0.6,
  /** From this rank on no further views are taken. */
  enough: 0.6,
} as const;

const FOV_DEG = 20;
const MAX_CHECKED = 8;
const ALIGN_ROUNDS = 4;

interface Checked {
  readonly alignment: Alignment;
  readonly score: number;
  readonly rank: number;
  readonly shading: Shading;
}

/**
 * Finds the face on a mesh of any orientation, scale and handedness, alone or on a body: views from 24 sides (from 208 if
 * those do not show one), the likeliest places closer, aligned with the template and looked at again until that stays, then
 * the mean of several views.
 *
 * It never throws because there is no face: `status`, `doubts` and `message` say what was found and what to do.
 * @throws Whatever `options.signal` was aborted with.
 */
export async function findFace(head: HeadMesh, options: FindFaceOptions): Promise<FoundFace> {
  const finder = new FaceFinder(head, options);
  return finder.find();
}

class FaceFinder {
  readonly #head: HeadMesh;
  readonly #options: FindFaceOptions;
  readonly #mesh: HeadDrawable;

  constructor(head: HeadMesh, options: FindFaceOptions) {
    this.#head = head;
    this.#options = options;
    this.#mesh = headDrawable(head, drawnParts(head));
  }

  async find(): Promise<FoundFace> {
    const checked = await this.#search();
    if (checked.length === 0) return this.#noFace();
    const best = await this.#settle(checked[0]);
    const fov = FOV_DEG;
    const { fromTemplate } = best.alignment;
    const surface = this.#skin(best.alignment);
    const averaged = await averageViews(
      this.#options.nets,
      this.#mesh,
      surface.mesh,
      fromTemplate,
      this.#options.template,
      fov,
      best.shading,
    );
    if (!averaged) return this.#noFace();
    return this.#result(best, averaged, surface, checked);
  }

  /** Places that look like a face from the front, best first, each place once. */
  async #search(): Promise<Checked[]> {
    const { centre } = boundsOf(this.#mesh.positions, this.#mesh.triangles);
    const whole: SearchWindow = { centre, radius: 0 };
    const windows = searchWindows(this.#head, this.#mesh);
    // From cheap to thorough; the first step that shows a good face is the last.
    const steps: { windows: SearchWindow[]; plans: readonly ScanPlan[]; shading: Shading }[] = [
      { windows: [whole], plans: [AXIS_PLAN], shading: 'plain' },
      { windows, plans: [AXIS_PLAN], shading: 'plain' },
      { windows: [whole, ...windows.slice(0, 2)], plans: OBLIQUE_PLANS, shading: 'plain' },
      { windows: [whole, ...windows.slice(0, 2)], plans: [AXIS_PLAN], shading: 'hollows' },
    ];
    let checked: Checked[] = [];
    for (const step of steps) {
      const sightings: Sighting[] = [];
      for (const window of step.windows)
        for (const plan of step.plans) sightings.push(...(await this.#scan(window, plan, step.shading)));
      for (const sighting of mergeSightings(sightings).slice(0, MAX_CHECKED)) {
        if (this.#isKnown(sighting, checked)) continue;
        const result = await this.#check(sighting, step.shading);
        if (result) checked = this.#merge([...checked, result]);
      }
      if (checked[0]?.rank >= FACE_LIMITS.enough) break;
    }
    return checked;
  }

  /** True if a good face was already found where the camera looks. */
  #isKnown({ camera }: Sighting, checked: readonly Checked[]): boolean {
    const { centre, size } = faceBox(this.#options.template);
    return checked.some(({ alignment, rank }) => {
      if (rank < FACE_LIMITS.enough) return false;
      const [x, y, z] = applySimilarity(alignment.fromTemplate, centre);
      const off = Math.hypot(x - camera.target[0], y - camera.target[1], z - camera.target[2]);
      return off < 0.7 * size * alignment.fromTemplate.scale;
    });
  }

  #scan({ centre, radius }: SearchWindow, plan: ScanPlan, shading: Shading): Promise<Sighting[]> {
    const { nets, signal } = this.#options;
    return scanForFaces(nets, this.#mesh, centre, radius, plan, FOV_DEG, shading, signal);
  }

  /** Looks closer, then from the front. */
  async #check(sighting: Sighting, shading: Shading): Promise<Checked | undefined> {
    const { nets, template, signal } = this.#options;
    signal?.throwIfAborted();
    const first = await alignFace(nets, this.#mesh, sighting.camera, template, shading);
    return first && this.#again(first, shading);
  }

  /** Looks from where an alignment says that the front is. */
  async #again(alignment: Alignment, shading: Shading): Promise<Checked | undefined> {
    const { nets, template } = this.#options;
    const { fromTemplate } = alignment;
    const camera = templateCamera(fromTemplate, template, FOV_DEG);
    const crop = templateCrop(template, camera, fromTemplate);
    const next = await alignFace(nets, this.#mesh, camera, template, shading, crop);
    if (!next) return undefined;
    const score = next.look.detection * next.look.presence;
    const off = (next.residual * 1000) / FACE_LIMITS.maxResidualMm;
    return { alignment: next, score, rank: score / (1 + off ** 4), shading };
  }

  /** Looks from the front until the front stays where it is. */
  async #settle(start: Checked): Promise<Checked> {
    let best = start;
    let current = start;
    for (let round = 0; round < ALIGN_ROUNDS; round++) {
      this.#options.signal?.throwIfAborted();
      const next = await this.#again(current.alignment, start.shading);
      if (!next) break;
      const turned = angleBetween(next.alignment.fromTemplate, current.alignment.fromTemplate);
      current = next;
      if (next.rank > 0.9 * best.rank) best = next;
      if (turned < 0.5) break;
    }
    return best;
  }

  /** Best first, of each place the best. */
  #merge(checked: readonly Checked[]): Checked[] {
    const { centre, size } = faceBox(this.#options.template);
    const kept: Checked[] = [];
    for (const each of [...checked].sort((a, b) => b.rank - a.rank)) {
      const { fromTemplate } = each.alignment;
      const at = applySimilarity(fromTemplate, centre);
      const known = kept.some(({ alignment }) => {
        const other = applySimilarity(alignment.fromTemplate, centre);
        const reach = size * Math.max(fromTemplate.scale, alignment.fromTemplate.scale);
        return Math.hypot(at[0] - other[0], at[1] - other[1], at[2] - other[2]) < 0.7 * reach;
      });
      if (!known) kept.push(each);
    }
    return kept.slice(0, MAX_CHECKED);
  }

  /** The connected pieces that bear the face, without glasses, hair and lashes that lie before it. */
  #skin({ hits }: Alignment): { mesh: Drawable; triangles: Uint32Array | undefined } {
    const mesh = this.#mesh;
    const pieces = connectedComponents(mesh.positions.length / 3, mesh.triangles);
    const counts = new Float64Array(pieces.count);
    let total = 0;
    hits.triangles.forEach((triangle, landmark) => {
      if (triangle < 0) return;
      counts[pieces.ofVertex[mesh.triangles[3 * triangle]]] += this.#options.template.weights[landmark];
      total += this.#options.template.weights[landmark];
    });
    const most = Math.max(...counts);
    if (most > 0.97 * total) return { mesh, triangles: undefined };
    const bears = counts.map((count) => (count >= 0.15 * most ? 1 : 0));
    const kept: number[] = [];
    for (let t = 0; t < mesh.triangles.length / 3; t++)
      if (bears[pieces.ofVertex[mesh.triangles[3 * t]]]) kept.push(t);
    const triangles = new Uint32Array(3 * kept.length);
    for (let i = 0; i < kept.length; i++)
      triangles.set(mesh.triangles.subarray(3 * kept[i], 3 * kept[i] + 3), 3 * i);
    return { mesh: { ...mesh, triangles }, triangles: Uint32Array.from(kept) };
  }

  #result(
    best: Checked,
    averaged: AveragedLandmarks,
    surface: { mesh: Drawable; triangles: Uint32Array | undefined },
    checked: readonly Checked[],
  ): FoundFace {
    const { template } = this.#options;
    const { hits } = averaged;
    const fit = fitTemplate(template, hits) ?? best.alignment;
    const toTemplate = invertSimilarity(fit.fromTemplate);
    const facing = this.#facing(hits.triangles, surface.mesh, fit.fromTemplate);
    const weights = new Float32Array(LANDMARK_COUNT);
    let spreadSum = 0;
    let spreadWeight = 0;
    for (let i = 0; i < LANDMARK_COUNT; i++) {
      weights[i] =
        (hits.certainty[i] * Math.sqrt(Math.max(0, Math.abs(facing[i])))) /
        (1 + (averaged.spread[i] / 0.002) ** 2);
      spreadSum += template.weights[i] * averaged.spread[i];
      spreadWeight += template.weights[i];
    }
    for (const i of FACE_OVAL) weights[i] *= 0.3;
    const score = averaged.detection * averaged.presence;
    const residualMm = fit.residual * 1000;
    const spreadMm = (spreadSum / spreadWeight) * 1000;

    const doubts: FaceDoubt[] = [];
    if (score < FACE_LIMITS.minScore) doubts.push('weak-score');
    if (residualMm > FACE_LIMITS.maxResidualMm) doubts.push('unlike-a-face');
    if (spreadMm > FACE_LIMITS.maxSpreadMm || averaged.views < 3) doubts.push('unstable');
    if (checked[1] && checked[1].rank > FACE_LIMITS.rivalShare * checked[0].rank && checked[1].rank > 0.2)
      doubts.push('several-faces');
    const back = facing.reduce((sum, value, i) => sum + template.weights[i] * Math.sign(value), 0);
    return {
      status: doubts.length === 0 ? 'found' : 'uncertain',
      doubts,
      message: describe(doubts, score, residualMm),
      toTemplate,
      insideOut: back < 0,
      landmarks: this.#points(hits, surface.triangles, weights),
      ibug68: Uint16Array.from(IBUG_68),
      score,
      residualMm,
      spreadMm,
      candidates: this.#candidates(checked, { toTemplate, score, residualMm }),
    };
  }

  /** For each landmark the cosine between its triangle's normal, by its winding, and the view from the front. */
  #facing(triangles: Int32Array, mesh: Drawable, fromTemplate: Similarity): Float64Array {
    const out = new Float64Array(triangles.length);
    const { positions: p } = mesh;
    const r = fromTemplate.rotation;
    triangles.forEach((triangle, i) => {
      if (triangle < 0) return;
      const [a, b, c] = [0, 1, 2].map((k) => 3 * mesh.triangles[3 * triangle + k]);
      const u = [p[b] - p[a], p[b + 1] - p[a + 1], p[b + 2] - p[a + 2]];
      const v = [p[c] - p[a], p[c + 1] - p[a + 1], p[c + 2] - p[a + 2]];
      const n = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
      out[i] = (n[0] * r[2] + n[1] * r[5] + n[2] * r[8]) / (Math.hypot(...n) || 1);
    });
    return out;
  }

  /** Triangles of the drawn mesh to parts and their triangles. */
  #points(
    hits: AveragedLandmarks['hits'],
    kept: Uint32Array | undefined,
    weights: Float32Array,
  ): SurfacePoints {
    const { joined } = this.#mesh;
    const parts = new Uint32Array(LANDMARK_COUNT);
    const triangles = new Uint32Array(LANDMARK_COUNT);
    const barycentrics = hits.barycentrics.slice();
    hits.triangles.forEach((hit, i) => {
      if (hit < 0) {
        weights[i] = 0;
        barycentrics[3 * i] = 1;
        return;
      }
      const triangle = kept ? kept[hit] : hit;
      const at = partOfTriangle(joined, triangle);
      parts[i] = joined.parts[at];
      triangles[i] = triangle - joined.firstTriangle[at];
    });
    return { count: LANDMARK_COUNT, parts, triangles, barycentrics, positions: hits.positions, weights };
  }

  #candidates(
    checked: readonly Checked[],
    chosen: Pick<FaceCandidate, 'toTemplate' | 'score' | 'residualMm'>,
  ): FaceCandidate[] {
    const { centre } = faceBox(this.#options.template);
    return checked.map(({ alignment, score }, i) => {
      const toTemplate = i === 0 ? chosen.toTemplate : invertSimilarity(alignment.fromTemplate);
      const [x, y, z] = applySimilarity(invertSimilarity(toTemplate), centre);
      return {
        toTemplate,
        score: i === 0 ? chosen.score : score,
        residualMm: i === 0 ? chosen.residualMm : alignment.residual * 1000,
        centre: [x, y, z],
      };
    });
  }

  #noFace(): FoundFace {
    return {
      status: 'none',
      doubts: ['no-face'],
      message: describe(['no-face'], 0, 0),
      toTemplate: {
        scale: 1,
        rotation: Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1),
        translation: new Float64Array(3),
      },
      insideOut: false,
      landmarks: {
        count: LANDMARK_COUNT,
        parts: new Uint32Array(LANDMARK_COUNT),
        triangles: new Uint32Array(LANDMARK_COUNT),
        barycentrics: new Float32Array(3 * LANDMARK_COUNT).map((_, i) => (i % 3 === 0 ? 1 : 0)),
        positions: new Float32Array(3 * LANDMARK_COUNT),
        weights: new Float32Array(LANDMARK_COUNT),
      },
      ibug68: Uint16Array.from(IBUG_68),
      score: 0,
      residualMm: 0,
      spreadMm: 0,
      candidates: [],
    };
  }
}

/** All parts, or without those that are drawn see-through, as long as much is left. */
function drawnParts(head: HeadMesh): number[] {
  const all = head.parts.map((_, part) => part);
  const opaque = all.filter((part) => head.parts[part].opaque);
  const triangles = (parts: readonly number[]): number =>
    parts.reduce((sum, part) => sum + head.parts[part].indices.length / 3, 0);
  return triangles(opaque) > 0.5 * triangles(all) ? opaque : all;
}

function angleBetween(a: Similarity, b: Similarity): number {
  let trace = 0;
  for (let i = 0; i < 9; i++) trace += a.rotation[i] * b.rotation[i];
  return (Math.acos(Math.min(1, Math.max(-1, (trace - 1) / 2))) * 180) / Math.PI;
}

function describe(doubts: readonly FaceDoubt[], score: number, residualMm: number): string {
  const figures = `score ${score.toFixed(2)}, ${residualMm.toFixed(1)} mm off the template`;
  if (doubts.length === 0) return `A face was found (${figures}).`;
  if (doubts.includes('no-face'))
    return 'Nothing on this mesh looks like a face from any side; set the points by hand, or check that it is a head.';
  const reasons = doubts.map(
    (doubt) =>
      ({
        'no-face': '',
        'several-faces': 'several places look like faces',
        'unlike-a-face': "its parts do not lie like a human face's",
        'weak-score': 'it hardly looks like a face',
        unstable: 'views from different sides disagree',
      })[doubt],
  );
  return `A face is proposed but ${reasons.join(', ')} (${figures}): confirm or move the points.`;
}
