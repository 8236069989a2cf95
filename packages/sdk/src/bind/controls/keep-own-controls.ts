import type { Similarity } from '../../head/similarity.ts';
import { applySimilarity } from '../../head/similarity.ts';
import type { HeadMesh } from '../head-mesh.ts';
import type { ControlsReport, HeadRig } from '../head-rig.ts';
import type { BindTemplate } from '../template/bind-template.ts';
import { boneFields, jointShares } from './bone-fields.ts';
import { findOwnControls, type OwnControls } from './find-own-controls.ts';
import { fitToVisemes } from './fit-to-visemes.ts';
import { dot, HeadFields } from './head-fields.ts';
import { nonNegativeFit } from './non-negative-fit.ts';
import { VISEME_RECIPES, type Viseme } from './shape-names.ts';

/** A shape of the artist's is made this much weaker or stronger at most, to be as strong as the controls mean it. */
const GAIN_RANGE = [0.4, 2.5] as const;
/** Full strength is what the artist says it is: shut lids, eyes at their corners. */
const MEANT_WHOLE = /^eye(Blink|Look)/;
/** Shapes that point elsewhere than the transfer (cosine below) are taken as they are. */
const ALIKE = 0.3;
/** Without a transfer visemes stand in for a control when they leave over no more than this part of it. */
const RECIPE_RESIDUAL = 0.85;
/** Controls that visemes can stand in for. */
const SPOKEN = /^(jaw|mouth)/;
/** Left and right of a shape for both sides fade into each other over this distance from the middle, metres. */
const MIDDLE_M = 0.012;

/** Where a control of a head comes from. */
type Source = 'own' | 'bones' | 'visemes';

/**
 * Gives a head its own controls back: where the artist made shapes or bones for a control, they take the place of what was
 * transferred, as strong as that was; the rest stays transferred.
 *
 * @param own - Default: what {@link findOwnControls} finds.
 */
export function keepOwnControls(
  mesh: HeadMesh,
  rig: HeadRig,
  template: BindTemplate,
  own: OwnControls = findOwnControls(mesh, rig.controls),
): HeadRig {
  const fields = new HeadFields(mesh);
  const { toTemplate } = rig.report;
  const transferred = (control: string) => fields.ofRig(rig, rig.controls.indexOf(control));
  const { made, sources, gains } = ownFields(mesh, fields, own, template, toTemplate, transferred);
  if (made.size === 0) return rig;
  closeLips(made, sources, transferred);
  const headShares = own.bones.head === undefined ? null : jointShares(mesh, fields, own.bones.head);
  const turns = headShares?.some((share) => share > 0) ?? false;
  return {
    ...rig,
    parts: rig.parts.map((part, p) => ({
      ...part,
      fields: rig.controls.map((control, k) => {
        const field = made.get(control);
        return field && ownsPart(mesh, own, p, sources.get(control), field, fields)
          ? fields.pack(field, p, part)
          : part.fields[k];
      }),
      turnShares:
        headShares && turns && mesh.parts[p].skin
          ? Uint8Array.from({ length: part.vertices }, (_, v) => {
              const count = fields.first[p + 1] - fields.first[p];
              const source = v < count ? v : (part.splits?.ends[2 * (v - count)] ?? 0);
              return Math.round(255 * headShares[fields.first[p] + source]);
            })
          : part.turnShares,
    })),
    pivot: turns && own.bones.head !== undefined ? [...mesh.joints[own.bones.head].position] : rig.pivot,
    report: { ...rig.report, controls: controlsReport(rig.controls, own, sources, gains) },
  };
}

/** The fields that a head's own shapes, visemes and bones make. */
export function ownFields(
  mesh: HeadMesh,
  fields: HeadFields,
  own: OwnControls,
  template: BindTemplate,
  toTemplate: Similarity,
  transferred?: (control: string) => Float32Array,
): { made: Map<string, Float32Array>; sources: Map<string, Source>; gains: Map<string, number> } {
  const made = new Map<string, Float32Array>();
  const sources = new Map<string, Source>();
  const gains = new Map<string, number>();
  for (const { control, shapes, side } of own.controls) {
    const field = fields.ofShapes(shapes);
    if (side) keepSide(fields, field, toTemplate, side);
    if (dot(field, field) === 0) continue;
    const gain =
      !transferred || MEANT_WHOLE.test(control)
        ? 1
        : gainOf(field, fields.onPartsOf(shapes, transferred(control)));
    made.set(control, gain === 1 ? field : field.map((value) => value * gain));
    sources.set(control, 'own');
    gains.set(control, gain);
  }
  // A closing is made for its own jaw: as strong as that, or the lips would not meet.
  const closing = made.get('mouthClose');
  const ratio = (gains.get('jawOpen') ?? 1) / (gains.get('mouthClose') ?? 1);
  if (closing && gains.has('jawOpen') && ratio !== 1) {
    made.set(
      'mouthClose',
      closing.map((value) => value * ratio),
    );
    gains.set('mouthClose', gains.get('jawOpen')!);
  }
  for (const [control, field] of boneFields(mesh, fields, own.bones, toTemplate, (name) =>
    transferred?.(name),
  )) {
    if (made.has(control) || !template.controls.includes(control)) continue;
    made.set(control, field);
    sources.set(control, 'bones');
  }
  const visemes = Object.entries(own.visemes) as [Viseme, NonNullable<OwnControls['visemes'][Viseme]>][];
  if (visemes.length === 0) return { made, sources, gains };
  const spoken = visemes.map(([, shape]) => shape);
  const columns = spoken.map((shape) => fields.ofShapes([shape]));
  const mayMake = template.controls.filter(
    (name) => !made.has(name) && SPOKEN.test(name) && name !== 'mouthClose',
  );
  if (transferred) {
    const now = (name: string) => fields.onPartsOf(spoken, made.get(name) ?? transferred(name));
    const shapes = visemes.flatMap(([viseme], i) => {
      const recipe = Object.fromEntries(
        Object.entries(VISEME_RECIPES[viseme]).filter(([name]) => template.controls.includes(name)),
      );
      const meant = new Float32Array(fields.size);
      for (const [name, weight] of Object.entries(recipe)) {
        const field = now(name);
        for (let at = 0; at < meant.length; at++) meant[at] += weight * field[at];
      }
      // A shape that goes elsewhere is no viseme of ours, whatever its name.
      if (!isAlike(columns[i], meant)) return [];
      const gain = gainOf(columns[i], meant);
      return [{ field: columns[i].map((value) => gain * value), recipe }];
    });
    for (const [control, field] of fitToVisemes(shapes, mayMake, now)) {
      made.set(control, field);
      sources.set(control, 'visemes');
    }
    return { made, sources, gains };
  }
  const recipes = visemes.map(([viseme]) => recipeField(template, viseme));
  for (const control of mayMake) {
    const { weights, residual } = nonNegativeFit(
      recipes,
      template.fields[template.controls.indexOf(control)],
    );
    if (residual > RECIPE_RESIDUAL) continue;
    const field = new Float32Array(fields.size);
    columns.forEach((column, j) => {
      if (weights[j] > 0) for (let i = 0; i < field.length; i++) field[i] += weights[j] * column[i];
    });
    made.set(control, field);
    sources.set(control, 'visemes');
  }
  return { made, sources, gains };
}

/** Whether a shape goes where another one does. */
function isAlike(own: Float32Array, other: Float32Array): boolean {
  return dot(own, other) >= ALIKE * Math.sqrt(dot(own, own) * dot(other, other)) && dot(other, other) > 0;
}

/** How strong a shape has to be taken to be as strong as the transferred one, where both point the same way. */
function gainOf(own: Float32Array, transferred: Float32Array): number {
  if (!isAlike(own, transferred)) return 1;
  return Math.min(GAIN_RANGE[1], Math.max(GAIN_RANGE[0], dot(own, transferred) / dot(own, own)));
}

function recipeField(template: BindTemplate, viseme: Viseme): Float32Array {
  const out = new Float32Array(template.positions.length);
  for (const [control, weight] of Object.entries(VISEME_RECIPES[viseme])) {
    const k = template.controls.indexOf(control);
    if (k >= 0) for (let i = 0; i < out.length; i++) out[i] += weight * template.fields[k][i];
  }
  return out;
}

/** Keeps one side of a shape for both. */
function keepSide(
  fields: HeadFields,
  field: Float32Array,
  toTemplate: Similarity,
  side: 'left' | 'right',
): void {
  fields.forEachVertex((p, v, at) => {
    if (field[at] === 0 && field[at + 1] === 0 && field[at + 2] === 0) return;
    const { positions } = fields.mesh.parts[p];
    const [x] = applySimilarity(toTemplate, positions.subarray(3 * v, 3 * v + 3));
    const t = Math.min(1, Math.max(0, ((side === 'left' ? x : -x) + MIDDLE_M) / (2 * MIDDLE_M)));
    const share = t * t * (3 - 2 * t);
    for (let axis = 0; axis < 3; axis++) field[at + axis] *= share;
  });
}

/**
 * Where the jaw is the artist's and the closing of the lips is not, lips would not meet with both at work: what the jaw does
 * otherwise than the transferred one is taken back where the lips close.
 */
function closeLips(
  made: Map<string, Float32Array>,
  sources: Map<string, Source>,
  transferred: (control: string) => Float32Array,
): void {
  const jaw = made.get('jawOpen');
  if (!jaw || made.has('mouthClose')) return;
  const wanted = transferred('jawOpen');
  const close = transferred('mouthClose');
  const out = close.slice();
  for (let at = 0; at < out.length; at += 3) {
    const closing = Math.hypot(close[at], close[at + 1], close[at + 2]);
    const opening = Math.hypot(wanted[at], wanted[at + 1], wanted[at + 2]);
    if (closing === 0) continue;
    const share = Math.min(1, closing / (0.5 * opening || closing));
    for (let axis = 0; axis < 3; axis++) out[at + axis] += share * (wanted[at + axis] - jaw[at + axis]);
  }
  made.set('mouthClose', out);
  sources.set('mouthClose', sources.get('jawOpen') ?? 'own');
}

/** A part without shapes, or out of the bones' reach, keeps what was transferred to it: teeth below an artist's jaw. */
function ownsPart(
  mesh: HeadMesh,
  own: OwnControls,
  part: number,
  source: Source | undefined,
  field: Float32Array,
  fields: HeadFields,
): boolean {
  if (source === 'bones') {
    for (let i = fields.first[part] * 3; i < fields.first[part + 1] * 3; i++) if (field[i] !== 0) return true;
    return false;
  }
  const visemes = Object.values(own.visemes).flatMap((shape) => shape?.morphs ?? []);
  const morphs = own.controls.flatMap(({ shapes }) => shapes.flatMap((shape) => shape.morphs));
  return mesh.parts[part].morphs.length > 0 && [...morphs, ...visemes].some((morph) => morph.part === part);
}

/** Which controls come from where. */
export function controlsReport(
  controls: readonly string[],
  own: OwnControls,
  sources: ReadonlyMap<string, Source>,
  gains: ReadonlyMap<string, number>,
): ControlsReport {
  const from = (source: Source) => controls.filter((control) => sources.get(control) === source);
  return {
    own: from('own'),
    visemes: from('visemes'),
    bones: from('bones'),
    others: controls.filter((control) => !sources.has(control)),
    gains: Object.fromEntries([...gains].map(([control, gain]) => [control, Number(gain.toFixed(3))])),
    visemesFound: Object.keys(own.visemes),
    bonesFound: Object.keys(own.bones),
  };
}
