import { applySimilarity, invertSimilarity } from '../head/similarity.ts';
import type { FoundFace } from './found-face.ts';
import { createEdgeGraph } from './geometry/edge-graph.ts';
import { keepTriangles } from './geometry/keep-triangles.ts';
import type { HeadMesh } from './head-mesh.ts';
import type { BindReport, HeadRig, MouthKind, PartRole } from './head-rig.ts';
import { connectedComponents } from './mesh/components.ts';
import { packMouth } from './pack/pack-mouth.ts';
import { packParts } from './pack/pack-parts.ts';
import { refuse } from './refuse.ts';
import { faceTriangles } from './register/face-triangles.ts';
import { joinHead } from './register/join-head.ts';
import { type HandPoints, isFound, readLandmarks } from './register/read-landmarks.ts';
import { registerTemplate } from './register/register-template.ts';
import type { BindTemplate, EyeSphere } from './template/bind-template.ts';
import {
  LEFT_LOWER_LID,
  LEFT_UPPER_LID,
  RIGHT_LOWER_LID,
  RIGHT_UPPER_LID,
} from './template/face-mesh-indices.ts';
import { addMouth, depthBehind, type MouthGeometry } from './transfer/add-mouth.ts';
import { pocketTriangles } from './transfer/blind-pocket.ts';
import { classifyComponents } from './transfer/classify-components.ts';
import { correspond } from './transfer/correspond.ts';
import { cutLips, joinEnds, uncutSurface } from './transfer/cut-lips.ts';
import { calmCoveredEye, closingGain, liftLids, trianglesAround } from './transfer/eye-motion.ts';
import { eyeKind, eyeSpheres, holdEye, isHollow, moveEyes } from './transfer/eyes-of-head.ts';
import { followSkin } from './transfer/follow-skin.ts';
import { HEAD_RELEASE, keepLipsApart } from './transfer/keep-lips-apart.ts';
import { labelTemplate } from './transfer/label-template.ts';
import { findLipLine, isSealed } from './transfer/lip-line.ts';
import { localMaps } from './transfer/local-maps.ts';
import { findOpening } from './transfer/mouth-opening.ts';
import { moveMouthParts } from './transfer/move-mouth-parts.ts';
import { fadeByDistance, transferFields } from './transfer/transfer-fields.ts';
import { turnSharesOf } from './transfer/turn-shares.ts';

export interface BindOptions {
  readonly template: BindTemplate;
  /** Stops the binding with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called before each step with its name and the part that is done, 0 to 1. */
  readonly onProgress?: (step: BindStep, done: number) => void;
  /** Limits beyond which the binding refuses; see {@link BIND_DEFAULTS}. */
  readonly limits?: Partial<BindLimits>;
}

export type BindStep = 'weld' | 'register' | 'mouth' | 'correspond' | 'transfer' | 'pack';

export interface BindLimits {
  /** Largest residual of landmarks, millimetres of the template. */
  readonly landmarkResidualMm: number;
  /** Largest mean distance of the registered face to the surface, millimetres. */
  readonly distanceMm: number;
  /** Largest mean move of the lip line, millimetres. */
  readonly lipShiftMm: number;
  /** Largest share of teeth outside the head. */
  readonly teethOutside: number;
}

export const BIND_DEFAULTS: BindLimits = {
  landmarkResidualMm: 7,
  distanceMm: 2.5,
  lipShiftMm: 4.2,
  teethOutside: 0.05,
};

/**
 * How far local shape bends the fields, 0 to 1. Half: at 0 a long jaw would drop no further than a short one, at 1 noise of
 * the registration shows.
 */
const MAP_STRENGTH = 0.5;

/** Blinks, and the margins of the lids that they close, in the same order. */
const BLINKS = [
  ['eyeBlinkLeft', LEFT_UPPER_LID, LEFT_LOWER_LID],
  ['eyeBlinkRight', RIGHT_UPPER_LID, RIGHT_LOWER_LID],
] as const;

/**
 * Binds a head to the template's shape controls: registers the template to it, gives it a mouth if it has none, and carries
 * every control's field to its vertices. Runs for seconds; give it a worker.
 *
 * @param mesh - The head; a body may hang on it.
 * @param face - Where its face is: found, or points set by hand.
 * @throws ParleyError `binding-refused` when the result would be nonsense; the message says why and what to do.
 * @throws RangeError when points do not fit the landmarks.
 */
export async function bindHead(
  mesh: HeadMesh,
  face: FoundFace | HandPoints,
  { template, signal, onProgress, limits: given }: BindOptions,
): Promise<HeadRig> {
  const limits = { ...BIND_DEFAULTS, ...given };
  const timingsMs: Record<string, number> = {};
  const warnings: string[] = [];
  let started = Date.now();
  let current: BindStep | null = null;
  const step = async (name: BindStep, done: number) => {
    if (current) timingsMs[current] = Date.now() - started;
    current = name;
    // lets an abort and the progress through
    await nextTask();
    signal?.throwIfAborted();
    onProgress?.(name, done);
    started = Date.now();
  };

  await step('weld', 0);
  const head = joinHead(mesh, isFound(face) ? face.insideOut : face.insideOut === true);
  const { landmarks, trust } = readLandmarks(face);
  const skin = faceTriangles(head, landmarks, trust);

  await step('register', 0.1);
  const registration = registerTemplate(template, {
    positions: head.positions,
    indices: skin.triangles,
    landmarks,
    trust,
  });
  const { toTemplate, positions: registered } = registration;
  if (registration.swapped) warnings.push('Left and right of the given points were swapped.');
  if (registration.landmarkResidualMm > limits.landmarkResidualMm) {
    refuse(
      `the points of the face lie ${registration.landmarkResidualMm.toFixed(1)} mm from where a human face has them; move them by hand and bind again`,
    );
  }
  if (!(registration.distanceMm.mean < limits.distanceMm)) {
    refuse(
      `the face's surface stays ${registration.distanceMm.mean.toFixed(1)} mm away; check that the points lie on the face and are not swapped`,
    );
  }

  await step('mouth', 0.55);
  const uncut = { positions: registration.surface.positions, indices: skin.triangles };
  const components = connectedComponents(head.positions.length / 3, head.indices);
  const roleOf = classifyComponents(
    template,
    registered,
    uncut.positions,
    components.ofVertex,
    components.count,
    (c) => skin.components.has(c),
  );
  roleOf.forEach((_, c) => {
    if (skin.components.has(c)) roleOf[c] = 'skin';
  });
  const oldRoles = Array.from(components.ofVertex, (c) => roleOf[c]);
  const line = findLipLine(template, registered, uncut);
  if (line.shift * 1000 > limits.lipShiftMm) {
    refuse(
      `no lips were found where the mouth should be (the line between them lies ${(line.shift * 1000).toFixed(1)} mm off); set the points of the mouth by hand`,
    );
  }
  const ownMouth = roleOf.some((role) => role === 'upperTeeth' || role === 'lowerTeeth' || role === 'tongue');
  const sealed = isSealed(line, uncut);
  const mouth: MouthKind = sealed ? 'sealed' : ownMouth ? 'own' : 'hollow';
  if (line.depth < 0.00012)
    warnings.push('The head has hardly any lips; its mouth opens where landmarks place it.');
  const everything = { positions: uncut.positions, indices: head.indices };
  const isSkinTriangle = (t: number) => oldRoles[head.indices[t * 3]] === 'skin';
  const middle = line.x.length >> 1;
  const depth = depthBehind(uncut, [line.x[middle], line.y[middle], line.z[middle]]);
  const cut = sealed ? cutLips(everything, line, isSkinTriangle) : uncutSurface(everything);
  await step('correspond', 0.65);
  const roles: PartRole[] = [...oldRoles];
  for (let i = 0; i < cut.ratios.length; i++) roles.push('skin');
  const skinOnly = keepTriangles(cut.indices, (t) => roles[cut.indices[t * 3]] === 'skin');
  const follows = (v: number) => roles[v] === 'skin' || roles[v] === 'attached';
  const eyes = eyeSpheres(template, registered, cut.positions, roles);
  const hollow = {
    left: isHollow(template, registered, uncut, eyes.left, 'left'),
    right: isHollow(template, registered, uncut, eyes.right, 'right'),
  };
  const kinds = {
    left: eyeKind(registration.surface, eyes.left, hollow.left),
    right: eyeKind(registration.surface, eyes.right, hollow.right),
  };
  const joined = (['left', 'right'] as const)
    .filter((side) => kinds[side] === 'covered')
    .map((side) => `${side}Eye`);
  const match = correspond(
    template,
    labelTemplate(template),
    registered,
    { positions: cut.positions, indices: skinOnly },
    (v) => follows(v) && isNear(cut.positions, v),
    cut.sides,
    joined,
  );
  const shares = Float32Array.from(match.distances, fadeByDistance);
  const removed =
    mouth === 'hollow'
      ? pocketTriangles(template, cut, match, roles, line, createEdgeGraph(cut.positions, skinOnly), depth)
      : null;
  let inside: MouthGeometry | null = null;
  if (mouth !== 'own' && !(sealed && ownMouth)) {
    const skin = removed
      ? keepTriangles(cut.indices, (t) => roles[cut.indices[t * 3]] === 'skin' && !removed[t])
      : skinOnly;
    const opening = findOpening(cut.positions, skin, match.sides[0], line);
    inside = addMouth(template, registered, depth, line, sealed, cut.positions, opening);
    if (inside.outside > limits.teethOutside) {
      refuse(
        `${Math.round(inside.outside * 100)} % of the teeth would stand outside the head; set the points of mouth and chin by hand`,
      );
    }
    if (inside.pushedBack > 0.004) warnings.push('The lips are far back; the teeth were set back with them.');
  }
  for (const side of ['left', 'right'] as const)
    if (kinds[side] === 'open' && !hollow[side])
      holdEye(cut.positions, match.distances, shares, eyes[side].sphere);

  await step('transfer', 0.75);
  const maps = localMaps(template.positions, registered, template.indices, MAP_STRENGTH);
  const fields = transferFields(template, maps, match, shares);
  moveEyes(template, fields, cut.positions, roles, eyes, kinds);
  moveMouthParts(template, maps, fields, registered, cut.positions, roles);
  for (const [name, upper, lower] of BLINKS) {
    const k = template.controls.indexOf(name);
    if (k < 0) continue;
    const gain = closingGain(template, registered, maps, template.fields[k], upper, lower);
    if (gain > 1) for (let i = 0; i < fields[k].length; i++) fields[k][i] *= gain;
  }
  const around = {
    left: trianglesAround(cut.positions, skinOnly, eyes.left.sphere),
    right: trianglesAround(cut.positions, skinOnly, eyes.right.sphere),
  };
  template.controls.forEach((name, k) => {
    if (!/^eye(Blink|Squint|Wide|Look)/.test(name)) return;
    for (const side of ['left', 'right'] as const) {
      const lids = match.sides[side === 'left' ? 1 : 2];
      if (kinds[side] === 'covered')
        calmCoveredEye(cut.positions, fields[k], around[side], eyes[side].sphere);
      else liftLids(cut.positions, fields[k], lids, eyes[side].sphere);
    }
  });
  keepLipsApart(cut.positions, skinOnly, match.sides[0], template.controls, fields, HEAD_RELEASE);
  followSkin(
    template,
    registered,
    maps,
    {
      positions: cut.positions,
      indices: cut.indices,
      skin: skinOnly,
      roles,
      components: components.ofVertex,
      sides: match.sides,
    },
    fields,
  );
  joinEnds(fields, cut, head.positions.length / 3);
  const turn = turnSharesOf(template, registered, cut.positions);

  await step('pack', 0.95);
  const toHead = invertSimilarity(toTemplate);
  const parts = packParts(mesh, head, cut, removed, fields, turn, toHead);
  const added = inside ? [packMouth(template, inside, maps, toHead, fields, turn)] : [];
  const count: Partial<Record<PartRole, number>> = {};
  for (const role of roles) count[role] = (count[role] ?? 0) + 1;
  timingsMs.pack = Date.now() - started;
  if (kinds.left === 'covered' || kinds.right === 'covered')
    warnings.push('The skin runs over the eyes: the lids move only a little.');
  const report: BindReport = {
    toTemplate,
    insideOut: head.insideOut,
    landmarkResidualMm: registration.landmarkResidualMm,
    distanceMm: registration.distanceMm,
    mouth,
    lipShiftMm: line.shift * 1000,
    lipDepthMm: line.depth * 1000,
    roles: count,
    eyes: kinds,
    ...(isFound(face) ? {} : { points: face.points }),
    warnings: [...mesh.warnings, ...warnings],
    timingsMs,
  };
  const place = ({ centre, radius }: EyeSphere) => ({
    centre: [...applySimilarity(toHead, centre)] as [number, number, number],
    radius: radius * toHead.scale,
  });
  return {
    controls: template.controls,
    parts,
    added,
    pivot: [...toHead.translation] as [number, number, number],
    eyes: { left: place(eyes.left.sphere), right: place(eyes.right.sphere) },
    report,
  };
}

/** Lets messages and timers of the thread through, where the platform has timers. */
function nextTask(): Promise<void> {
  const { setTimeout: later } = globalThis as { setTimeout?: (run: () => void, delayMs: number) => unknown };
  return new Promise((resolve) => {
    if (later) later(resolve, 0);
    else resolve();
  });
}

/** Within 0.3 m of the middle of the face in the template's frame. */
function isNear(positions: Float64Array, v: number): boolean {
  return Math.hypot(positions[v * 3], positions[v * 3 + 1], positions[v * 3 + 2] - 0.05) < 0.3;
}
