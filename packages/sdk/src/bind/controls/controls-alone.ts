import { fitSimilarity } from '../../head/fit-similarity.ts';
import type { Similarity } from '../../head/similarity.ts';
import { applySimilarity, invertSimilarity } from '../../head/similarity.ts';
import type { HeadMesh } from '../head-mesh.ts';
import { type HeadRig, packField } from '../head-rig.ts';
import type { BindTemplate } from '../template/bind-template.ts';
import { jointShares } from './bone-fields.ts';
import { findOwnControls, type OwnControls } from './find-own-controls.ts';
import { HeadFields } from './head-fields.ts';
import { controlsReport, ownFields } from './keep-own-controls.ts';
import { VISEME_RECIPES, type Viseme } from './shape-names.ts';

/** Mouth shapes without which a head cannot speak by its own controls alone, and how many it needs. */
const MOUTH = /^(jaw|mouth)/;
const FEWEST_MOUTH_SHAPES = 3;
/** Three places that do not lie on a line tell how a head lies; they are this far off a line at least, metres. */
const OFF_LINE_M = 0.01;

/**
 * How a head lies, told by its own controls: what a shape moves lies where the template's of the same name moves it, and eyes
 * are where their bones are. Null when they are too few.
 */
export function faceFromControls(
  mesh: HeadMesh,
  template: BindTemplate,
  own: OwnControls = findOwnControls(mesh, template.controls),
): Similarity | null {
  const fields = new HeadFields(mesh);
  const from: number[] = [];
  const to: number[] = [];
  const positions = new Float32Array(fields.size);
  mesh.parts.forEach((part, p) => {
    positions.set(part.positions, fields.first[p] * 3);
  });
  const add = (field: Float32Array, target: Float32Array) => {
    const here = centreOfMotion(positions, field);
    const there = centreOfMotion(template.positions, target);
    if (!here || !there) return;
    from.push(...here);
    to.push(...there);
  };
  for (const { control, shapes, side } of own.controls) {
    if (side) continue;
    add(fields.ofShapes(shapes), template.fields[template.controls.indexOf(control)]);
  }
  for (const [viseme, shape] of Object.entries(own.visemes) as [
    Viseme,
    NonNullable<OwnControls['visemes'][Viseme]>,
  ][]) {
    const target = new Float32Array(template.positions.length);
    for (const [control, weight] of Object.entries(VISEME_RECIPES[viseme])) {
      const field = template.fields[template.controls.indexOf(control)];
      if (field) for (let i = 0; i < target.length; i++) target[i] += weight * field[i];
    }
    add(fields.ofShapes([shape]), target);
  }
  for (const side of ['left', 'right'] as const) {
    const joint = own.bones[`${side}Eye`];
    if (joint === undefined) continue;
    from.push(...mesh.joints[joint].position);
    to.push(...template.eyes[side].centre);
  }
  if (offLine(to) < OFF_LINE_M) return null;
  const fit = fitSimilarity(from, to);
  return Number.isFinite(fit.scale) && fit.scale > 0 ? fit : null;
}

/** True for a head that speaks by its own shapes, whatever it looks like: a jaw, other mouth shapes, and lids. */
export function speaksAlone({ controls, visemes }: OwnControls): boolean {
  const names = controls.map(({ control }) => control);
  const opens = names.includes('jawOpen') || visemes.aa !== undefined;
  const mouth = names.filter((name) => MOUTH.test(name)).length + Object.keys(visemes).length;
  return opens && mouth >= FEWEST_MOUTH_SHAPES;
}

/**
 * A rig of a head's own controls and nothing else: for heads whose face cannot be registered, a cartoon's for instance.
 * Controls that the head lacks move nothing.
 *
 * @param toTemplate - From {@link faceFromControls}.
 */
export function rigFromOwnControls(
  mesh: HeadMesh,
  toTemplate: Similarity,
  template: BindTemplate,
  own: OwnControls = findOwnControls(mesh, template.controls),
): HeadRig {
  const fields = new HeadFields(mesh);
  const { made, sources, gains } = ownFields(mesh, fields, own, template, toTemplate);
  const nothing = packField([]);
  const toHead = invertSimilarity(toTemplate);
  const shares = own.bones.head === undefined ? null : jointShares(mesh, fields, own.bones.head);
  const eye = (side: 'left' | 'right') => {
    const joint = own.bones[`${side}Eye`];
    const { centre, radius } = template.eyes[side];
    const [x, y, z] = joint === undefined ? applySimilarity(toHead, centre) : mesh.joints[joint].position;
    return { centre: [x, y, z] as const, radius: radius * toHead.scale };
  };
  const [x, y, z] = own.bones.head === undefined ? toHead.translation : mesh.joints[own.bones.head].position;
  const controls = controlsReport(template.controls, own, sources, gains);
  return {
    controls: template.controls,
    parts: mesh.parts.map((part, p) => {
      const vertices = part.positions.length / 3;
      return {
        vertices,
        splits: null,
        indices: null,
        fields: template.controls.map((control) => {
          const field = made.get(control);
          return field ? fields.pack(field, p, { vertices, splits: null }) : nothing;
        }),
        turnShares: shares
          ? Uint8Array.from({ length: vertices }, (_, v) => Math.round(255 * shares[fields.first[p] + v]))
          : new Uint8Array(vertices).fill(255),
      };
    }),
    added: [],
    pivot: [x, y, z],
    eyes: { left: eye('left'), right: eye('right') },
    report: {
      toTemplate,
      insideOut: false,
      landmarkResidualMm: 0,
      distanceMm: { mean: 0, p95: 0 },
      mouth: 'own',
      lipShiftMm: 0,
      lipDepthMm: 0,
      roles: {},
      eyes: { left: 'open', right: 'open' },
      controls,
      warnings: [
        ...mesh.warnings,
        `Its face could not be registered: only its own controls move it, without ${controls.others.join(', ') || 'any missing'}.`,
      ],
      timingsMs: {},
    },
  };
}

/** Where a field moves most, weighted by the square of the motion; null where it moves nothing. */
function centreOfMotion(positions: ArrayLike<number>, field: Float32Array): number[] | null {
  const centre = [0, 0, 0];
  let sum = 0;
  for (let i = 0; i < field.length; i += 3) {
    const w = field[i] ** 2 + field[i + 1] ** 2 + field[i + 2] ** 2;
    if (w === 0) continue;
    sum += w;
    for (let axis = 0; axis < 3; axis++) centre[axis] += w * positions[i + axis];
  }
  return sum > 0 ? centre.map((value) => value / sum) : null;
}

/** How far the farthest of points lies off the line through the two that are farthest apart. */
function offLine(points: readonly number[]): number {
  const list = Array.from({ length: points.length / 3 }, (_, i) => points.slice(3 * i, 3 * i + 3));
  let line: [number[], number[]] | null = null;
  let length = 0;
  for (const a of list)
    for (const b of list) {
      const away = Math.hypot(...a.map((value, k) => value - b[k]));
      if (away > length) {
        length = away;
        line = [a, b];
      }
    }
  if (!line) return 0;
  const [a, b] = line;
  const along = b.map((value, k) => (value - a[k]) / length);
  return Math.max(
    ...list.map((p) => {
      const d = p.map((value, k) => value - a[k]);
      const t = d.reduce((sum, value, k) => sum + value * along[k], 0);
      return Math.hypot(...d.map((value, k) => value - t * along[k]));
    }),
  );
}
