import { ParleyError } from '../../errors.ts';
import { checkExportFile } from '../../model/check-export-file.ts';
import type { ManifestFile } from '../../model/face-manifest.ts';
import type { VertexBasis } from '../../rig/vertex-basis.ts';
import type { TemplateLandmarks } from '../landmarks/template-landmarks.ts';
import { keepLipsApart, TEMPLATE_RELEASE } from '../transfer/keep-lips-apart.ts';
import { labelTemplate } from '../transfer/label-template.ts';
import { smoothFolds } from '../transfer/smooth-folds.ts';
import type { BindTemplate, EyeSphere, MaterialRange, VertexRange } from './bind-template.ts';
import { FACE_OVAL } from './face-mesh-indices.ts';

/** What `template.json` holds, as far as the binding reads it. */
export interface TemplateInfo {
  readonly groups: Readonly<Record<string, VertexRange>>;
  readonly materials: Readonly<Record<string, { readonly colour: readonly [number, number, number] }>>;
  readonly eyes: { readonly left: EyeSphere; readonly right: EyeSphere };
  readonly lipPairs: readonly (readonly [number, number])[];
  readonly turnShares: readonly number[];
}

/** What `identity.json` holds. */
export interface IdentityInfo {
  readonly vertices: number;
  readonly modes: number;
  /** `identity.bin`. */
  readonly file: ManifestFile;
  /** Metres per unit of each mode. */
  readonly scale: readonly number[];
}

/** The exported files a binding needs. */
export interface BindTemplateFiles {
  /** Contents of `template.obj`. */
  readonly obj: string;
  /** Contents of `template.json`, parsed. */
  readonly info: TemplateInfo;
  readonly basis: VertexBasis;
  /** Contents of `identity.json`, parsed. */
  readonly identity: IdentityInfo;
  /** Contents of `identity.bin`: int8 [modes, V, 3]. */
  readonly identityBytes: Uint8Array;
  /** What `readTemplateLandmarks` makes of `landmarks/template.json`. */
  readonly landmarks: TemplateLandmarks;
}

/** Landmarks that views place further apart than this say nothing, millimetres. */
const WORST_SPREAD_MM = 4;
/** Share of the outline's landmarks: they depend on the view. */
const OVAL_TRUST = 0.03;
/** Radius around the middle of the face within which every vertex counts fully, metres. */
const FACE_RADIUS = 0.092;

/**
 * Builds the binding's template from the exported files.
 *
 * @throws ParleyError `bad-export` when they do not fit each other, or `identity.bin` is not the file that `identity.json` names.
 */
export function readBindTemplate(files: BindTemplateFiles): BindTemplate {
  const { info, basis, identity, identityBytes, landmarks } = files;
  const { positions, indices, materials } = readTemplateObj(files.obj);
  const size = positions.length;
  const vertices = size / 3;
  const fits =
    basis.vertices === vertices &&
    identity.vertices === vertices &&
    identityBytes.length === identity.modes * size &&
    identity.scale.length === identity.modes &&
    info.turnShares.length === vertices &&
    info.groups.skin?.first === 0 &&
    landmarks.vertices.every((vertex) => vertex < info.groups.skin.count);
  if (!fits) {
    throw new ParleyError(
      'bad-export',
      'template, basis, identity modes and landmarks do not belong together; take all files from one export',
    );
  }
  checkExportFile(identityBytes, identity.file);
  const units = new Int8Array(identityBytes.buffer, identityBytes.byteOffset, identityBytes.length);
  const modes = identity.scale.map((scale, k) =>
    Float32Array.from(units.subarray(k * size, (k + 1) * size), (unit) => unit * scale),
  );
  const fields = Array.from(basis.scale, (scale, k) =>
    Float32Array.from(basis.offsets.subarray(k * size, (k + 1) * size), (unit) => unit * scale),
  );
  const { skin, ...groups } = info.groups;
  const trust = Float64Array.from(landmarks.spreadMm, (spread) =>
    spread > WORST_SPREAD_MM ? 0 : Math.min(1, 1.8 / (spread + 0.6)),
  );
  for (const id of FACE_OVAL) trust[id] *= OVAL_TRUST;
  const template: BindTemplate = {
    positions,
    indices,
    materials,
    colours: Object.fromEntries(Object.entries(info.materials).map(([name, { colour }]) => [name, colour])),
    skinVertices: skin.count,
    registered: registrationShares(positions, indices, materials, skin.count, info),
    groups,
    eyes: info.eyes,
    controls: basis.names,
    fields,
    modes,
    landmarks: {
      vertices: landmarks.vertices,
      weights: Float64Array.from(landmarks.barycentrics),
      trust,
    },
    lipPairs: info.lipPairs,
    turnShares: Float64Array.from(info.turnShares, (share) => share / 255),
  };
  const { skin: skinTriangles, graph, ofVertex } = labelTemplate(template);
  const outside = trianglesOf(template, 'skin');
  template.controls.forEach((name, k) => {
    // lids roll in by far more than a right angle
    if (!name.startsWith('eye')) smoothFolds(positions, outside, graph, fields[k]);
  });
  keepLipsApart(positions, skinTriangles, ofVertex[0], template.controls, fields, TEMPLATE_RELEASE);
  return template;
}

/** Triangles of one material. */
function trianglesOf({ indices, materials }: BindTemplate, material: string): Uint32Array {
  return Uint32Array.from(
    materials
      .filter((range) => range.material === material)
      .flatMap(({ first, count }) => Array.from(indices.subarray(first * 3, (first + count) * 3))),
  );
}

function registrationShares(
  positions: Float64Array,
  indices: Uint32Array,
  materials: readonly MaterialRange[],
  skinVertices: number,
  { eyes }: TemplateInfo,
): Float64Array {
  const shares = new Float64Array(skinVertices);
  const middle = [
    0,
    (eyes.left.centre[1] + eyes.right.centre[1]) / 2 - 0.035,
    (eyes.left.centre[2] + eyes.right.centre[2]) / 2 - 0.005,
  ];
  for (let v = 0; v < skinVertices; v++) {
    const away = Math.hypot(
      positions[v * 3] - middle[0],
      positions[v * 3 + 1] - middle[1],
      positions[v * 3 + 2] - middle[2],
    );
    shares[v] = away < FACE_RADIUS ? 1 : Math.max(0.3, 1 - (away - FACE_RADIUS) * 25);
    for (const { centre, radius } of [eyes.left, eyes.right]) {
      const toEye = Math.hypot(...centre.map((c, axis) => positions[v * 3 + axis] - c));
      // the pocket around the eyeball; lids lie in front of it
      if (toEye < radius * 1.12 && positions[v * 3 + 2] < centre[2] + radius * 0.45) shares[v] = 0;
    }
  }
  for (const { material, first, count } of materials) {
    if (material !== 'mouth') continue;
    for (let i = first * 3; i < (first + count) * 3; i++)
      if (indices[i] < skinVertices) shares[indices[i]] = 0;
  }
  return shares;
}

function readTemplateObj(text: string): {
  positions: Float64Array;
  indices: Uint32Array;
  materials: MaterialRange[];
} {
  const positions: number[] = [];
  const indices: number[] = [];
  const materials: { material: string; first: number; count: number }[] = [];
  for (const line of text.split('\n')) {
    const [word, ...rest] = line.trim().split(/\s+/);
    if (word === 'v') positions.push(Number(rest[0]), Number(rest[1]), Number(rest[2]));
    else if (word === 'usemtl') materials.push({ material: rest[0], first: indices.length / 3, count: 0 });
    else if (word === 'f') {
      const corners = rest.map((corner) => Number.parseInt(corner, 10) - 1);
      for (let i = 1; i + 1 < corners.length; i++) indices.push(corners[0], corners[i], corners[i + 1]);
    }
  }
  const triangles = indices.length / 3;
  materials.forEach((range, i) => {
    range.count = (materials[i + 1]?.first ?? triangles) - range.first;
  });
  if (positions.length === 0 || triangles === 0 || !positions.every(Number.isFinite)) {
    throw new ParleyError('bad-export', 'the template is not a mesh; export it again');
  }
  return { positions: Float64Array.from(positions), indices: Uint32Array.from(indices), materials };
}
