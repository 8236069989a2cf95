import { mapControls } from '../../rig/map-controls.ts';
import type { HeadMesh } from '../head-mesh.ts';
import { type FaceBone, findFaceBones } from './face-bones.ts';
import {
  BOTH_SIDES,
  comparable,
  METAHUMAN,
  METAHUMAN_MARKS,
  OTHER_NAMES,
  type Viseme,
  visemeOf,
  visemeOfExpression,
} from './shape-names.ts';

/** A shape of the head's own: morph targets of some parts, each to a degree. */
export interface OwnShape {
  /** As the file names it. */
  readonly name: string;
  readonly morphs: readonly { readonly part: number; readonly morph: number; readonly weight: number }[];
}

/** What the head has of its own for one control. */
export interface OwnControl {
  readonly control: string;
  /** They are added. */
  readonly shapes: readonly OwnShape[];
  /** The side of the face on which the shapes count; undefined: everywhere. */
  readonly side?: 'left' | 'right';
}

/** What a head brings to be moved by. */
export interface OwnControls {
  readonly controls: readonly OwnControl[];
  readonly visemes: Readonly<Partial<Record<Viseme, OwnShape>>>;
  /** Joints, as indices in `HeadMesh.joints`. */
  readonly bones: Readonly<Partial<Record<FaceBone, number>>>;
}

/**
 * Finds what a head has for the shape controls, by names: ARKit's 52 in their usual spellings, VRM's expressions, MetaHuman's raw
 * controls, Ready Player Me's few, Oculus' visemes, MikuMikuDance's, and bones.
 *
 * @param controls - Names of the controls, ARKit's.
 */
export function findOwnControls(mesh: HeadMesh, controls: readonly string[]): OwnControls {
  const shapes = collectShapes(mesh);
  const byName = new Map<string, OwnShape>();
  for (const shape of shapes) {
    const key = comparable(shape.name);
    if (!byName.has(key)) byName.set(key, shape);
  }
  const found = new Map<string, OwnControl>();
  if (METAHUMAN_MARKS.some((mark) => byName.has(mark)))
    for (const control of controls) {
      const own = metahumanShapes(control, byName);
      if (own.length > 0) found.set(control, { control, shapes: own });
    }
  const names = [...byName.keys()];
  const map = mapControls(controls, names);
  const mapped = new Map<string, OwnShape[]>();
  map.controlIndices.forEach((c, i) => {
    const shape = byName.get(names[map.targetIndices[i]]);
    if (shape) mapped.set(controls[c], [...(mapped.get(controls[c]) ?? []), shape]);
  });
  for (const [control, own] of mapped) if (!found.has(control)) found.set(control, { control, shapes: own });
  for (const [key, shape] of byName) {
    const whole = OTHER_NAMES[key];
    if (whole !== undefined && controls.includes(whole) && !found.has(whole))
      found.set(whole, { control: whole, shapes: [shape] });
    const [left, right] = BOTH_SIDES[key] ?? [];
    // A shape for both sides gives way to one for each.
    if (left !== undefined && right !== undefined && !found.has(left) && !found.has(right)) {
      found.set(left, { control: left, shapes: [shape], side: 'left' });
      found.set(right, { control: right, shapes: [shape], side: 'right' });
    }
  }
  const visemes: Partial<Record<Viseme, OwnShape>> = {};
  for (const { name, binds } of mesh.expressions ?? []) {
    const viseme = visemeOfExpression(name);
    if (viseme) visemes[viseme] ??= { name, morphs: binds };
  }
  for (const shape of shapes) {
    const viseme = visemeOf(shape.name);
    if (viseme && viseme !== 'sil') visemes[viseme] ??= shape;
  }
  return {
    controls: controls.flatMap((control) => found.get(control) ?? []),
    visemes,
    bones: findFaceBones(mesh),
  };
}

/** Expressions, and morph targets of one name over all parts as one shape. */
function collectShapes(mesh: HeadMesh): OwnShape[] {
  const shapes = new Map<
    string,
    { name: string; morphs: { part: number; morph: number; weight: number }[] }
  >();
  for (const { name, binds } of mesh.expressions ?? []) shapes.set(`\0${name}`, { name, morphs: [...binds] });
  mesh.parts.forEach(({ morphs }, part) => {
    morphs.forEach(({ name, offsets }, morph) => {
      if (name === '' || !offsets.some((value) => value !== 0)) return;
      const key = comparable(name);
      const shape = shapes.get(key) ?? { name, morphs: [] };
      // Of two on one part, the first.
      if (!shape.morphs.some((other) => other.part === part)) shape.morphs.push({ part, morph, weight: 1 });
      shapes.set(key, shape);
    });
  });
  return [...shapes.values()];
}

function metahumanShapes(control: string, byName: ReadonlyMap<string, OwnShape>): OwnShape[] {
  const side = /(Left|Right)$/.exec(control)?.[1];
  const base = side && METAHUMAN[control] === undefined ? `${control.slice(0, -side.length)}*` : control;
  return (METAHUMAN[base] ?? []).flatMap(
    (name) => byName.get(comparable(name.replace('*', side === 'Left' ? 'L' : 'R'))) ?? [],
  );
}
