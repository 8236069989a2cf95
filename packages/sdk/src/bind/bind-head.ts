import { ParleyError } from '../errors.ts';
import { type FoundFace, LANDMARK_COUNT, type Similarity } from './found-face.ts';
import { ClosestPointTree } from './geometry/closest-point-tree.ts';
import { applySimilarity, invertSimilarity } from './geometry/fit-weighted-similarity.ts';
import type { HeadMesh } from './head-mesh.ts';
import {
  type AddedPart,
  type BindReport,
  type EyeKind,
  type HeadRig,
  type MouthKind,
  type PackedField,
  type PartRole,
  packField,
  type RigPart,
  type SplitVertices,
} from './head-rig.ts';
import { connectedComponents } from './mesh/components.ts';
import { weld } from './mesh/weld.ts';
import { registerTemplate, skinTriangles } from './register/register-template.ts';
import type { TargetSurface } from './register/target-surface.ts';
import type { BindTemplate, EyeSphere } from './template/bind-template.ts';
import {
  LEFT_LOWER_LID,
  LEFT_UPPER_LID,
  RIGHT_LOWER_LID,
  RIGHT_UPPER_LID,
} from './template/face-mesh-indices.ts';
import { addMouth, depthBehind, type MouthGeometry } from './transfer/add-mouth.ts';
import { classifyComponents } from './transfer/classify-components.ts';
import { correspond, labelTemplate, type TemplateSides } from './transfer/correspond.ts';
import { cutLips, type LipCut } from './transfer/cut-lips.ts';
import { calmCoveredEye, closingGain, fitSphere, liftLids, rotateEye } from './transfer/eye-motion.ts';
import { findLipLine, isSealed } from './transfer/lip-line.ts';
import { localMaps, mapOffsets } from './transfer/local-maps.ts';
import { fadeByDistance, transferFields } from './transfer/transfer-fields.ts';

/** One landmark placed by hand. */
export interface BindPoint {
  /** Index in MediaPipe's face mesh. */
  readonly landmark: number;
  /** xyz on the head's surface, in the head's frame. */
  readonly position: readonly [x: number, y: number, z: number];
}

/** A face by hand: at least four points that do not lie on a line. */
export interface HandPoints {
  readonly points: readonly BindPoint[];
  /** True when the triangles' backs show. */
  readonly insideOut?: boolean;
}

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
/** What is on the head within this radius takes part in registration: times the landmarks' own radius. */
const REACH = 3;
/** A component is the face's when it carries this part of the landmarks' weight. */
const FACE_SHARE = 0.06;
/** A hole between the lids shows as this many border vertices within this many radii of the eye's centre. */
const OPENING_VERTICES = 8;
const OPENING_REACH = 1.4;

/** Blinks, and the margins of the lids that they close, in the same order. */
const BLINKS = [
  ['eyeBlinkLeft', LEFT_UPPER_LID, LEFT_LOWER_LID],
  ['eyeBlinkRight', RIGHT_UPPER_LID, RIGHT_LOWER_LID],
] as const;

const templateSidesOf = new WeakMap<BindTemplate, TemplateSides>();

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
  const cut = sealed ? cutLips(everything, line, isSkinTriangle) : uncutSurface(everything);
  const middle = line.x.length >> 1;
  const depth = depthBehind(uncut, [line.x[middle], line.y[middle], line.z[middle]]);
  let inside: MouthGeometry | null = null;
  if (mouth !== 'own' && !(sealed && ownMouth)) {
    inside = addMouth(template, registered, depth);
    if (inside.outside > limits.teethOutside) {
      refuse(
        `${Math.round(inside.outside * 100)} % of the teeth would stand outside the head; set the points of mouth and chin by hand`,
      );
    }
    if (inside.pushedBack > 0.004) warnings.push('The lips are far back; the teeth were set back with them.');
  }

  await step('correspond', 0.65);
  const roles: PartRole[] = [...oldRoles];
  for (let i = 0; i < cut.ratios.length; i++) roles.push('skin');
  const skinOnly = keepTriangles(cut.indices, (t) => roles[cut.indices[t * 3]] === 'skin');
  const sidesOfTemplate = templateSidesOf.get(template) ?? labelTemplate(template);
  templateSidesOf.set(template, sidesOfTemplate);
  const follows = (v: number) => roles[v] === 'skin' || roles[v] === 'attached';
  const eyes = eyeSpheres(template, registered, cut.positions, roles);
  const kinds = {
    left: eyeKind(registration.surface, eyes.left),
    right: eyeKind(registration.surface, eyes.right),
  };
  const joined = (['left', 'right'] as const)
    .filter((side) => kinds[side] === 'covered')
    .map((side) => `${side}Eye`);
  const match = correspond(
    template,
    sidesOfTemplate,
    registered,
    { positions: cut.positions, indices: skinOnly },
    (v) => follows(v) && isNear(cut.positions, v),
    cut.sides,
    joined,
  );
  const shares = Float32Array.from(match.distances, fadeByDistance);
  const removed = mouth === 'hollow' ? pocketTriangles(template, cut, match, roles, line) : null;
  for (const side of ['left', 'right'] as const)
    if (kinds[side] === 'open') holdEye(cut.positions, match.distances, shares, eyes[side].sphere);

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
  template.controls.forEach((name, k) => {
    if (!/^eye(Blink|Squint|Wide|Look)/.test(name)) return;
    for (const side of ['left', 'right'] as const) {
      const lids = match.sides[side === 'left' ? 1 : 2];
      if (kinds[side] === 'covered') calmCoveredEye(cut.positions, fields[k], eyes[side].sphere);
      else liftLids(cut.positions, fields[k], lids, eyes[side].sphere);
    }
  });
  joinEnds(fields, cut, head.positions.length / 3);
  const turn = turnSharesOf(template, registered, cut.positions);

  await step('pack', 0.95);
  const toHead = invertSimilarity(toTemplate);
  const parts = packParts(mesh, head, cut, removed, fields, turn, toHead);
  const added = inside ? [packMouth(template, inside, maps, toHead)] : [];
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

function refuse(why: string): never {
  throw new ParleyError('binding-refused', `This head was not bound: ${why}.`);
}

function isFound(face: FoundFace | HandPoints): face is FoundFace {
  return 'landmarks' in face;
}

/** All parts in one list of vertices, joined at seams. */
interface JoinedHead {
  /** xyz of the joined vertices, in the head's frame. */
  readonly positions: Float64Array;
  /** Triangles of all parts, one part after the other, counter-clockwise from outside. */
  readonly indices: Uint32Array;
  /** For each vertex of each part its joined one. */
  readonly of: readonly Uint32Array[];
  /** First triangle of each part. */
  readonly firstTriangle: readonly number[];
  readonly insideOut: boolean;
}

function joinHead(mesh: HeadMesh, insideOut: boolean): JoinedHead {
  const total = mesh.parts.reduce((sum, part) => sum + part.positions.length, 0);
  const all = new Float32Array(total);
  let at = 0;
  for (const part of mesh.parts) {
    all.set(part.positions, at);
    at += part.positions.length;
  }
  const { places, vertices } = weld(all);
  const positions = new Float64Array(vertices.length * 3);
  vertices.forEach((v, place) => {
    positions.set(all.subarray(v * 3, v * 3 + 3), place * 3);
  });
  const indices = new Uint32Array(mesh.parts.reduce((sum, part) => sum + part.indices.length, 0));
  const of: Uint32Array[] = [];
  const firstTriangle: number[] = [];
  let vertex = 0;
  let index = 0;
  for (const part of mesh.parts) {
    const own = places.subarray(vertex, vertex + part.positions.length / 3);
    of.push(own);
    firstTriangle.push(index / 3);
    for (let i = 0; i < part.indices.length; i += 3) {
      indices[index++] = own[part.indices[i]];
      indices[index++] = own[part.indices[i + (insideOut ? 2 : 1)]];
      indices[index++] = own[part.indices[i + (insideOut ? 1 : 2)]];
    }
    vertex += part.positions.length / 3;
  }
  return { positions, indices, of, firstTriangle, insideOut };
}

function readLandmarks(face: FoundFace | HandPoints): { landmarks: Float64Array; trust: Float64Array } {
  const landmarks = new Float64Array(LANDMARK_COUNT * 3);
  const trust = new Float64Array(LANDMARK_COUNT);
  if (isFound(face)) {
    landmarks.set(face.landmarks.positions);
    trust.set(face.landmarks.weights);
    if (face.status === 'none') refuse(face.message);
  } else {
    for (const { landmark, position } of face.points) {
      if (!Number.isInteger(landmark) || landmark < 0 || landmark >= LANDMARK_COUNT)
        throw new RangeError(`landmark ${landmark} is not one of 0 to ${LANDMARK_COUNT - 1}`);
      landmarks.set(position, landmark * 3);
      trust[landmark] = 1;
    }
  }
  if (trust.filter((w) => w > 0).length < 4)
    throw new RangeError('a face needs at least four points, for instance eyes, nose and chin');
  return { landmarks, trust };
}

/** The triangles of what carries the face, within reach of it. */
function faceTriangles(
  head: JoinedHead,
  landmarks: Float64Array,
  trust: Float64Array,
): { triangles: Uint32Array; components: Set<number> } {
  const centre = [0, 0, 0];
  let sum = 0;
  for (let i = 0; i < trust.length; i++) {
    sum += trust[i];
    for (let axis = 0; axis < 3; axis++) centre[axis] += trust[i] * landmarks[i * 3 + axis];
  }
  for (let axis = 0; axis < 3; axis++) centre[axis] /= sum;
  let radius = 0;
  for (let i = 0; i < trust.length; i++) {
    if (trust[i] === 0) continue;
    radius = Math.max(radius, Math.hypot(...centre.map((c, axis) => landmarks[i * 3 + axis] - c)));
  }
  const reach = (radius * REACH) ** 2;
  const near = keepTriangles(head.indices, (t) => {
    const v = head.indices[t * 3] * 3;
    return (
      (head.positions[v] - centre[0]) ** 2 +
        (head.positions[v + 1] - centre[1]) ** 2 +
        (head.positions[v + 2] - centre[2]) ** 2 <
      reach
    );
  });
  const { ofVertex: of, count } = connectedComponents(head.positions.length / 3, head.indices);
  const carried = new Float64Array(count);
  const tree = new ClosestPointTree(head.positions, near);
  for (let i = 0; i < trust.length; i++) {
    if (trust[i] === 0) continue;
    const hit = tree.query(landmarks[i * 3], landmarks[i * 3 + 1], landmarks[i * 3 + 2]);
    if (hit.triangle >= 0) carried[of[near[hit.triangle * 3]]] += trust[i] / sum;
  }
  const components = new Set<number>();
  const most = Math.max(...carried);
  carried.forEach((share, c) => {
    if (share === most || share > FACE_SHARE * 2) components.add(c);
  });
  const kept = [...components].reduce((total, c) => total + carried[c], 0);
  if (kept < 0.5) {
    carried.forEach((share, c) => {
      if (share > 0) components.add(c);
    });
  }
  return { triangles: keepTriangles(near, (t) => components.has(of[near[t * 3]])), components };
}

function keepTriangles(indices: Uint32Array, keeps: (triangle: number) => boolean): Uint32Array {
  const out = new Uint32Array(indices.length);
  let used = 0;
  for (let t = 0; t < indices.length / 3; t++) {
    if (!keeps(t)) continue;
    out[used++] = indices[t * 3];
    out[used++] = indices[t * 3 + 1];
    out[used++] = indices[t * 3 + 2];
  }
  return out.slice(0, used);
}

function uncutSurface({ positions, indices }: { positions: Float64Array; indices: Uint32Array }): LipCut {
  return {
    positions,
    indices,
    sources: Uint32Array.from({ length: indices.length / 3 }, (_, t) => t),
    ends: new Uint32Array(0),
    ratios: new Float32Array(0),
    sides: new Uint8Array(0),
  };
}

/** Within 0.3 m of the middle of the face in the template's frame. */
function isNear(positions: Float64Array, v: number): boolean {
  return Math.hypot(positions[v * 3], positions[v * 3 + 1], positions[v * 3 + 2] - 0.05) < 0.3;
}

/** Triangles of a blind mouth pocket: those whose place on the template is the inside of the mouth, well behind the lips. */
function pocketTriangles(
  template: BindTemplate,
  cut: LipCut,
  match: { vertices: Uint32Array },
  roles: readonly PartRole[],
  line: { z: Float64Array },
): Uint8Array {
  const inMouth = new Uint8Array(template.skinVertices);
  for (const { material, first, count } of template.materials) {
    if (material !== 'mouth') continue;
    for (let i = first * 3; i < (first + count) * 3; i++) {
      const v = template.indices[i];
      if (v < template.skinVertices) inMouth[v] = 1;
    }
  }
  const behind = Math.min(...line.z) - 0.002;
  const isPocket = (v: number) =>
    roles[v] === 'skin' &&
    cut.positions[v * 3 + 2] < behind &&
    inMouth[match.vertices[v * 3]] === 1 &&
    inMouth[match.vertices[v * 3 + 1]] === 1 &&
    inMouth[match.vertices[v * 3 + 2]] === 1;
  return Uint8Array.from({ length: cut.indices.length / 3 }, (_, t) =>
    isPocket(cut.indices[t * 3]) && isPocket(cut.indices[t * 3 + 1]) && isPocket(cut.indices[t * 3 + 2])
      ? 1
      : 0,
  );
}

interface EyeOfHead {
  readonly sphere: EyeSphere;
  /** Vertices of the head's own eyeball; empty where it has none. */
  readonly own: readonly number[];
}

function eyeSpheres(
  template: BindTemplate,
  registered: Float64Array,
  positions: Float64Array,
  roles: readonly PartRole[],
): { left: EyeOfHead; right: EyeOfHead } {
  const one = (side: 'left' | 'right'): EyeOfHead => {
    const own: number[] = [];
    roles.forEach((role, v) => {
      if (role === `${side}Eye`) own.push(v);
    });
    if (own.length >= 12) {
      const points = new Float64Array(own.length * 3);
      own.forEach((v, i) => {
        points.set(positions.subarray(v * 3, v * 3 + 3), i * 3);
      });
      return { sphere: fitSphere(points), own };
    }
    const range = template.groups[`${side}Eye`];
    if (!range) return { sphere: template.eyes[side], own };
    return { sphere: fitSphere(registered.slice(range.first * 3, (range.first + range.count) * 3)), own };
  };
  return { left: one('left'), right: one('right') };
}

function eyeKind(surface: TargetSurface, { sphere: { centre, radius }, own }: EyeOfHead): EyeKind {
  if (own.length > 0) return 'ball';
  let border = 0;
  for (let v = 0; v < surface.border.length; v++) {
    if (surface.border[v] === 0 || surface.positions[v * 3 + 2] < centre[2]) continue;
    if (Math.hypot(...centre.map((c, axis) => surface.positions[v * 3 + axis] - c)) < radius * OPENING_REACH)
      border++;
  }
  return border >= OPENING_VERTICES ? 'open' : 'covered';
}

/** The eye itself, where it is modelled into the skin, stays while lids pass over it. */
function holdEye(
  positions: Float64Array,
  distances: Float32Array,
  shares: Float32Array,
  { centre, radius }: EyeSphere,
): void {
  for (let v = 0; v < shares.length; v++) {
    if (positions[v * 3 + 2] < centre[2]) continue;
    const away = Math.hypot(
      positions[v * 3] - centre[0],
      positions[v * 3 + 1] - centre[1],
      positions[v * 3 + 2] - centre[2],
    );
    const toBall = Math.abs(away - radius);
    if (away < radius * 1.15 && toBall < distances[v] * 0.7) shares[v] = 0;
  }
}

function moveEyes(
  template: BindTemplate,
  fields: readonly Float32Array[],
  positions: Float64Array,
  roles: readonly PartRole[],
  eyes: { left: EyeOfHead; right: EyeOfHead },
  kinds: { left: EyeKind; right: EyeKind },
): void {
  for (const side of ['left', 'right'] as const) {
    const { own, sphere } = eyes[side];
    const group = template.groups[`${side}Eye`];
    if (!group || kinds[side] !== 'ball') continue;
    const points = new Float64Array(own.length * 3);
    own.forEach((v, i) => {
      points.set(positions.subarray(v * 3, v * 3 + 3), i * 3);
    });
    rotateEye(template, group, template.eyes[side], points, sphere).forEach((offsets, k) => {
      own.forEach((v, i) => {
        for (let axis = 0; axis < 3; axis++) fields[k][v * 3 + axis] = offsets ? offsets[i * 3 + axis] : 0;
      });
    });
  }
  roles.forEach((role, v) => {
    if (role !== 'rigid') return;
    for (const field of fields) field.fill(0, v * 3, v * 3 + 3);
  });
}

/** The head's own teeth and tongue take the motion of the nearest of the template's; teeth as one piece. */
function moveMouthParts(
  template: BindTemplate,
  maps: Float64Array,
  fields: readonly Float32Array[],
  registered: Float64Array,
  positions: Float64Array,
  roles: readonly PartRole[],
): void {
  for (const role of ['upperTeeth', 'lowerTeeth', 'tongue'] as const) {
    const group = template.groups[role];
    const own: number[] = [];
    roles.forEach((r, v) => {
      if (r === role) own.push(v);
    });
    if (!group || own.length === 0) continue;
    const nearest = own.map((v) => {
      let best = group.first;
      let least = Number.POSITIVE_INFINITY;
      for (let u = group.first; u < group.first + group.count; u++) {
        const away =
          (registered[u * 3] - positions[v * 3]) ** 2 +
          (registered[u * 3 + 1] - positions[v * 3 + 1]) ** 2 +
          (registered[u * 3 + 2] - positions[v * 3 + 2]) ** 2;
        if (away < least) {
          least = away;
          best = u;
        }
      }
      return best;
    });
    template.fields.forEach((field, k) => {
      const mapped = mapOffsets(maps, field);
      own.forEach((v, i) => {
        const p = nearest[i] * 3;
        for (let axis = 0; axis < 3; axis++) fields[k][v * 3 + axis] = mapped[p + axis];
      });
    });
  }
}

/** A cut's ends lie on edges that other triangles still have whole: they move as those edges do. */
function joinEnds(fields: readonly Float32Array[], cut: LipCut, first: number): void {
  cut.sides.forEach((side, i) => {
    if (side !== 0) return;
    const a = cut.ends[i * 2] * 3;
    const b = cut.ends[i * 2 + 1] * 3;
    const t = cut.ratios[i];
    for (const field of fields) {
      for (let axis = 0; axis < 3; axis++)
        field[(first + i) * 3 + axis] = field[a + axis] + t * (field[b + axis] - field[a + axis]);
    }
  });
}

function turnSharesOf(template: BindTemplate, registered: Float64Array, positions: Float64Array): Uint8Array {
  const skin = skinTriangles(template);
  const tree = new ClosestPointTree(registered, skin);
  const out = new Uint8Array(positions.length / 3);
  for (let v = 0; v < out.length; v++) {
    const hit = tree.query(positions[v * 3], positions[v * 3 + 1], positions[v * 3 + 2], 0.6);
    if (hit.triangle < 0) continue;
    const share =
      template.turnShares[skin[hit.triangle * 3]] * (1 - hit.second - hit.third) +
      template.turnShares[skin[hit.triangle * 3 + 1]] * hit.second +
      template.turnShares[skin[hit.triangle * 3 + 2]] * hit.third;
    out[v] = Math.round(share * 255);
  }
  return out;
}

/** Offsets of the template's frame in the head's. */
function toHeadOffsets(
  { scale, rotation }: Similarity,
  offsets: ArrayLike<number>,
  out?: Float64Array<ArrayBuffer>,
): Float64Array {
  return applySimilarity({ scale, rotation, translation: new Float64Array(3) }, offsets, out);
}

function packParts(
  mesh: HeadMesh,
  head: JoinedHead,
  cut: LipCut,
  removed: Uint8Array | null,
  fields: readonly Float32Array[],
  turn: Uint8Array,
  toHead: Similarity,
): RigPart[] {
  const first = head.positions.length / 3;
  const starts = [...head.firstTriangle, Number.POSITIVE_INFINITY];
  return mesh.parts.map((part, p) => {
    const fileVertices = part.positions.length / 3;
    const of = Array.from(head.of[p]);
    const ends: number[] = [];
    const ratios: number[] = [];
    const known = new Map<string, number>();
    const indices: number[] = [];
    let changed = false;
    for (let t = 0; t < cut.sources.length; t++) {
      const source = cut.sources[t];
      if (source < starts[p] || source >= starts[p + 1]) continue;
      const from = (source - starts[p]) * 3;
      const corners = [part.indices[from], part.indices[from + 1], part.indices[from + 2]];
      if (removed?.[t]) {
        changed = true;
        continue;
      }
      const fileVertex = (joined: number): number =>
        corners.find((c) => head.of[p][c] === joined) ?? corners[0];
      const triangle = [0, 1, 2].map((k) => {
        const v = cut.indices[t * 3 + k];
        if (v < first) return fileVertex(v);
        changed = true;
        const a = fileVertex(cut.ends[(v - first) * 2]);
        const b = fileVertex(cut.ends[(v - first) * 2 + 1]);
        const key = `${v},${a},${b}`;
        let at = known.get(key);
        if (at === undefined) {
          at = fileVertices + ratios.length;
          known.set(key, at);
          ends.push(a, b);
          ratios.push(cut.ratios[v - first]);
          of.push(v);
        }
        return at;
      });
      if (head.insideOut) triangle.reverse();
      indices.push(...triangle);
    }
    const splits: SplitVertices | null =
      ratios.length > 0 ? { ends: Uint32Array.from(ends), ratios: Float32Array.from(ratios) } : null;
    const own = new Float64Array(of.length * 3);
    return {
      vertices: of.length,
      splits,
      indices: changed ? Uint32Array.from(indices) : null,
      fields: fields.map((field): PackedField => {
        for (let i = 0; i < of.length; i++) {
          for (let axis = 0; axis < 3; axis++) own[i * 3 + axis] = field[of[i] * 3 + axis];
        }
        return packField(toHeadOffsets(toHead, own, own));
      }),
      turnShares: Uint8Array.from(of, (v) => turn[v]),
    };
  });
}

function packMouth(
  template: BindTemplate,
  inside: MouthGeometry,
  maps: Float64Array,
  toHead: Similarity,
): AddedPart {
  const grey = [0.5, 0.5, 0.5] as const;
  return {
    name: 'parley-mouth',
    positions: Float32Array.from(applySimilarity(toHead, inside.positions)),
    indices: inside.indices,
    colours: inside.ranges.map(({ material, first, count }) => ({
      first,
      count,
      rgb: template.colours[material] ?? grey,
    })),
    fields: template.fields.map((field) => {
      const mapped = mapOffsets(maps, field);
      const own = new Float64Array(inside.sources.length * 3);
      inside.sources.forEach((v, i) => {
        own.set(mapped.subarray(v * 3, v * 3 + 3), i * 3);
      });
      return packField(toHeadOffsets(toHead, own));
    }),
    turnShares: Uint8Array.from(inside.sources, (v) => Math.round(template.turnShares[v] * 255)),
  };
}
