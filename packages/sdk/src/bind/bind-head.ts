import { applySimilarity, invertSimilarity } from '../head/similarity.ts';
import type { FoundFace } from './found-face.ts';
import { createEdgeGraph } from './geometry/edge-graph.ts';
import { keepTriangles } from './geometry/keep-triangles.ts';
import type { HeadMesh } from './head-mesh.ts';
import type { BindReport, HeadRig, MouthKind, PartRole } from './head-rig.ts';
import { connectedComponents } from './mesh/components.ts';
import { packMouth } from './pack/pack-mouth.ts';
import { packParts } from './pack/pack-parts.ts';
import { pointName } from './points/binding-points.ts';
import { refuse } from './refuse.ts';
import { checkByHand, checkFound, type RegistrationLimits } from './register/check-registration.ts';
import { faceTriangles } from './register/face-triangles.ts';
import { joinHead } from './register/join-head.ts';
import { type HandPoints, isFound, readLandmarks } from './register/read-landmarks.ts';
import { registerTemplate } from './register/register-template.ts';
import type { BindTemplate, EyeSphere } from './template/bind-template.ts';
import {
  LEFT_EYE_CORNERS,
  LEFT_LOWER_LID,
  LEFT_UPPER_LID,
  RIGHT_EYE_CORNERS,
  RIGHT_LOWER_LID,
  RIGHT_UPPER_LID,
} from './template/face-mesh-indices.ts';
import { addMouth, depthBehind, type MouthGeometry, mapMouth } from './transfer/add-mouth.ts';
import { pocketTriangles } from './transfer/blind-pocket.ts';
import { classifyComponents } from './transfer/classify-components.ts';
import { closeCrudeLids } from './transfer/close-crude-lids.ts';
import { correspond } from './transfer/correspond.ts';
import { cutLips, joinEnds, type LipCut, uncutSurface } from './transfer/cut-lips.ts';
import { evenMouthMaps } from './transfer/even-mouth-maps.ts';
import {
  calmCoveredEye,
  closingGain,
  LIFT_OFF_BALL,
  liftLids,
  trianglesAround,
} from './transfer/eye-motion.ts';
import { eyeKind, eyeSpheres, holdEye, isHollow, moveEyes, sinkEye } from './transfer/eyes-of-head.ts';
import { followSkin } from './transfer/follow-skin.ts';
import { HEAD_RELEASE, keepLipsApart } from './transfer/keep-lips-apart.ts';
import { keepMouthInside } from './transfer/keep-mouth-inside.ts';
import { labelTemplate } from './transfer/label-template.ts';
import { findLipLine, isSealed } from './transfer/lip-line.ts';
import { localMaps, mapOffsets } from './transfer/local-maps.ts';
import { findOpening } from './transfer/mouth-opening.ts';
import { moveMouthParts } from './transfer/move-mouth-parts.ts';
import { fadeByDistance, transferField } from './transfer/transfer-fields.ts';
import { turnSharesOf } from './transfer/turn-shares.ts';
import { unbendOffsets } from './transfer/unbend-offsets.ts';

export interface BindOptions {
  readonly template: BindTemplate;
  /** Stops the binding with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called before each step, and now and then during long ones, with its name and the part that is done, 0 to 1. */
  readonly onProgress?: (step: BindStep, done: number) => void;
  /** Limits beyond which the binding refuses; see {@link BIND_DEFAULTS}. */
  readonly limits?: Partial<BindLimits>;
}

export type BindStep = 'weld' | 'register' | 'mouth' | 'correspond' | 'transfer' | 'pack';

/** Limits for a face that was found; points set by hand have their own, see `check-registration.ts`. */
export interface BindLimits extends RegistrationLimits {
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

/** A step that takes longer than this lets others in between, milliseconds. */
const BREATH_MS = 100;

/** Blinks, and the margins of the lids that they close, in the same order. */
const BLINKS = [
  ['eyeBlinkLeft', LEFT_UPPER_LID, LEFT_LOWER_LID, LEFT_EYE_CORNERS, 'left'],
  ['eyeBlinkRight', RIGHT_UPPER_LID, RIGHT_LOWER_LID, RIGHT_EYE_CORNERS, 'right'],
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
  const { groups } = template;
  const timingsMs: Record<string, number> = {};
  const warnings: string[] = [];
  let started = Date.now();
  let breathed = started;
  let current: BindStep | null = null;
  const step = async (name: BindStep, done: number) => {
    if (current) timingsMs[current] = Date.now() - started;
    current = name;
    // lets an abort and the progress through
    await nextTask();
    signal?.throwIfAborted();
    onProgress?.(name, done);
    started = Date.now();
    breathed = started;
  };

  /** Lets an abort and the progress of a long step through. */
  const breathe = async (done: number) => {
    if (Date.now() - breathed < BREATH_MS) return;
    await nextTask();
    signal?.throwIfAborted();
    if (current) onProgress?.(current, done);
    breathed = Date.now();
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
    byHand: !isFound(face),
  });
  // `registered` and `uncut` are bent to human proportions where the head has others, what is called `own` is not
  const { toTemplate, positions: registered, straightening } = registration;
  const own = registration.asItIs;
  if (registration.swapped) warnings.push('Left and right of the given points were swapped.');
  if (isFound(face)) checkFound(registration, limits);
  else checkByHand(template, registration, face, pointName);

  await step('mouth', 0.55);
  const uncut = { positions: registration.surface.positions, indices: skin.triangles };
  const components = connectedComponents(head.positions.length / 3, head.indices);
  const roleOf = classifyComponents(
    template,
    own.template,
    own.head,
    components.ofVertex,
    components.count,
    (c) => skin.components.has(c),
  );
  roleOf.forEach((_, c) => {
    if (skin.components.has(c)) roleOf[c] = 'skin';
  });
  const oldRoles = Array.from(components.ofVertex, (c) => roleOf[c]);
  const line = findLipLine(template, registered, uncut);
  if (isFound(face) && line.shift * 1000 > limits.lipShiftMm) {
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
  const positions = straightening ? splitAlike(own.head, cut) : cut.positions;
  const eyes = eyeSpheres(template, own.template, positions, roles);
  const ownSurface = { ...registration.surface, positions: own.head };
  const hollow = {
    left: isHollow(template, own.template, ownSurface, eyes.left, 'left'),
    right: isHollow(template, own.template, ownSurface, eyes.right, 'right'),
  };
  const kinds = {
    left: eyeKind(ownSurface, eyes.left, hollow.left),
    right: eyeKind(ownSurface, eyes.right, hollow.right),
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
  if (inside && straightening) {
    inside = mapMouth(inside, (places) => straightening.fromStraight(places));
    if (sealed) {
      const isTooth = (v: number) =>
        [groups.upperTeeth, groups.lowerTeeth].some((g) => g && v >= g.first && v < g.first + g.count);
      const ends = [0, middle, line.x.length - 1].flatMap((i) => [line.x[i], line.y[i], line.z[i]]);
      const at = straightening.fromStraight(Float64Array.from(ends));
      const skinSurface = { positions, indices: skinOnly };
      inside = keepMouthInside(inside, isTooth, skinSurface, [at[3], at[4], at[5]], (at[6] - at[0]) / 2);
    }
  }
  for (const side of ['left', 'right'] as const)
    if (kinds[side] === 'open' && !hollow[side])
      holdEye(positions, match.distances, shares, eyes[side].sphere);

  await step('transfer', 0.75);
  const maps = localMaps(template.positions, own.template, template.indices);
  const bentMaps = straightening ? localMaps(template.positions, registered, template.indices) : maps;
  if (straightening) evenMouthMaps(template, own.template, maps);
  const carried = new Float64Array(template.positions.length);
  const fields: Float32Array[] = [];
  for (const [k, name] of template.controls.entries()) {
    const ofEye = name.startsWith('eye');
    mapOffsets(ofEye ? bentMaps : maps, template.fields[k], carried);
    const blink = BLINKS.find(([control]) => control === name);
    const gain = blink
      ? closingGain(template, registered, bentMaps, template.fields[k], blink[1], blink[2])
      : 1;
    if (gain > 1) for (let i = 0; i < carried.length; i++) carried[i] *= gain;
    const offsets =
      straightening && ofEye ? unbendOffsets(straightening, registered, own.template, carried) : carried;
    const field = transferField(offsets, match, shares);
    if (straightening && blink) {
      const [, upper, lower, corners, side] = blink;
      const slit = match.sides[side === 'left' ? 1 : 2];
      const crude =
        kinds[side] === 'covered'
          ? null
          : closeCrudeLids(template, registered, carried, cut.positions, slit, upper, lower, corners);
      crude?.forEach(({ offset, share }, v) => {
        const goal = cut.positions.slice(v * 3, v * 3 + 3).map((value, axis) => value + offset[axis]);
        straightening.fromStraight(goal).forEach((value, axis) => {
          field[v * 3 + axis] += share * (value - positions[v * 3 + axis] - field[v * 3 + axis]);
        });
      });
    }
    fields.push(field);
    await breathe(0.75 + (0.1 * k) / template.controls.length);
  }
  moveEyes(template, fields, positions, roles, eyes, kinds);
  moveMouthParts(template, maps, fields, own.template, positions, roles);
  const around = {
    left: trianglesAround(positions, skinOnly, eyes.left.sphere),
    right: trianglesAround(positions, skinOnly, eyes.right.sphere),
  };
  for (const [k, name] of template.controls.entries()) {
    if (!/^eye(Blink|Squint|Wide|Look)/.test(name)) continue;
    for (const side of ['left', 'right'] as const) {
      const lids = match.sides[side === 'left' ? 1 : 2];
      if (kinds[side] === 'covered') calmCoveredEye(positions, fields[k], around[side], eyes[side].sphere);
      else {
        const sinks = kinds[side] === 'ball' && name.startsWith('eyeBlink');
        liftLids(positions, fields[k], lids, eyes[side].sphere, sinks ? LIFT_OFF_BALL : undefined);
        if (sinks) sinkEye(positions, fields[k], eyes[side], lids, around[side]);
      }
    }
    await breathe(0.87);
  }
  keepLipsApart(positions, skinOnly, match.sides[0], template.controls, fields, HEAD_RELEASE);
  await breathe(0.9);
  followSkin(
    template,
    own.template,
    maps,
    {
      positions,
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

/** The vertices of a head that is cut as another one of the same triangles. */
function splitAlike(head: Float64Array, { positions, ends, ratios }: LipCut): Float64Array {
  const out = new Float64Array(positions.length);
  out.set(head);
  ratios.forEach((t, i) => {
    for (let axis = 0; axis < 3; axis++) {
      const a = head[ends[i * 2] * 3 + axis];
      out[head.length + i * 3 + axis] = a + t * (head[ends[i * 2 + 1] * 3 + axis] - a);
    }
  });
  return out;
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
