import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  applyBasis,
  checkExportFile,
  type FaceManifest,
  readManifest,
  readObj,
  readVertexBasis,
  type VertexBasis,
} from '@parley/sdk';
import { type MouthTrack, toScoreRate } from './mouth-track.ts';

/** Of the 68 iBUG landmarks: inner upper and lower lip, the lower lip's middle, the corners, and the outer lips' middles. */
const INNER_PAIRS = [
  [61, 67],
  [62, 66],
  [63, 65],
] as const;
const LOWER_LIP = 66;
const CORNERS = [48, 54] as const;
const OUTER_LIPS = [51, 57] as const;
/** The tooth that stands for the edge of the upper ones: the middle one of those within so much of the lowest. */
const TOOTH = 68;
const INCISOR_HALF_WIDTH_METRES = 0.012;
const EDGE_METRES = 0.0015;
/** The lower lip is so far from there when it is tucked under the teeth (as in models/evaluate.py). */
const ON_TEETH_METRES = 0.00915;
const NARROWNESS_SHARE = 0.25;
const MM_PER_METRE = 1000;

/** The mouth of the template head, measured on the points of its mesh that the scores need. */
export class TemplateMouth {
  readonly manifest: FaceManifest;
  readonly #basis: VertexBasis;
  /** Points x 3, metres: the landmarks, then the tooth. */
  readonly #neutral: Float32Array;
  readonly #points: Float32Array;

  private constructor(manifest: FaceManifest, basis: VertexBasis, neutral: Float32Array) {
    this.manifest = manifest;
    this.#basis = basis;
    this.#neutral = neutral;
    this.#points = new Float32Array(neutral.length);
  }

  /**
   * @param exportsFolder Folder with `manifest.json` and the files it names.
   * @throws ParleyError `bad-manifest`, `bad-export`.
   */
  static async load(exportsFolder: string): Promise<TemplateMouth> {
    const manifest = readManifest(JSON.parse(await readFile(join(exportsFolder, 'manifest.json'), 'utf8')));
    const read = async (name: string) => {
      const file = manifest.files[name]!;
      return checkExportFile(await readFile(join(exportsFolder, file.path)), file);
    };
    const text = async (name: string) => new TextDecoder().decode(await read(name));
    const template = JSON.parse(await text('templateInfo')) as TemplateInfo;
    const vertices = readObj(await text('template'), 'template.obj').positions;
    const points = [...template.landmarks.vertices, incisorEdge(vertices, template.groups.upperTeeth!)];
    const basis = pick(readVertexBasis(await read('basis'), manifest), points);
    const neutral = Float32Array.from(
      points.flatMap((v) => [0, 1, 2].map((axis) => vertices[v * 3 + axis]!)),
    );
    return new TemplateMouth(manifest, basis, neutral);
  }

  /** Names of the controls, in a frame's order. */
  get controlNames(): string[] {
    return this.manifest.controls.map(({ name }) => name);
  }

  /**
   * Measures frames of controls. Head turns are left out.
   * @param controls frames x controls, in the manifest's order.
   * @param rateHz Frames a second; frame n is at n / `rateHz` seconds.
   */
  measure(controls: Float32Array, rateHz: number): MouthTrack {
    const size = this.manifest.controls.length;
    const frames = controls.length / size;
    const rest = this.#read(new Float32Array(size));
    const gapMm = new Float64Array(frames);
    const lipToTeeth = new Float64Array(frames);
    const roundingMm = new Float64Array(frames);
    for (let frame = 0; frame < frames; frame++) {
      const now = this.#read(controls.subarray(frame * size, (frame + 1) * size));
      gapMm[frame] = Math.max(0, now.gap - rest.gap) * MM_PER_METRE;
      lipToTeeth[frame] = (now.toTooth - ON_TEETH_METRES) / (rest.toTooth - ON_TEETH_METRES);
      roundingMm[frame] = (now.out - rest.out - NARROWNESS_SHARE * (now.width - rest.width)) * MM_PER_METRE;
    }
    return {
      gapMm: toScoreRate(gapMm, rateHz),
      lipToTeeth: toScoreRate(lipToTeeth, rateHz),
      roundingMm: toScoreRate(roundingMm, rateHz),
    };
  }

  /** One face's measures, metres. */
  #read(controls: Float32Array): { gap: number; toTooth: number; width: number; out: number } {
    const points = applyBasis(this.#basis, controls, this.#neutral, this.#points);
    const at = (point: number, axis: number) => points[point * 3 + axis]!;
    const distance = (a: number, b: number) =>
      Math.hypot(at(a, 0) - at(b, 0), at(a, 1) - at(b, 1), at(a, 2) - at(b, 2));
    return {
      gap: INNER_PAIRS.reduce((sum, [upper, lower]) => sum + distance(upper, lower), 0) / INNER_PAIRS.length,
      toTooth: distance(LOWER_LIP, TOOTH),
      width: distance(...CORNERS),
      out: (at(OUTER_LIPS[0], 2) + at(OUTER_LIPS[1], 2)) / 2,
    };
  }
}

/** What `template.json` says, as far as it is used here. */
interface TemplateInfo {
  readonly landmarks: { readonly vertices: readonly number[] };
  readonly groups: Readonly<Record<string, { readonly first: number; readonly count: number }>>;
}

/** The vertex that stands for the edge of the upper teeth. */
function incisorEdge(vertices: Float32Array, teeth: { first: number; count: number }): number {
  const incisors = Array.from({ length: teeth.count }, (_, i) => teeth.first + i).filter(
    (v) => Math.abs(vertices[v * 3]!) < INCISOR_HALF_WIDTH_METRES,
  );
  const lowest = Math.min(...incisors.map((v) => vertices[v * 3 + 1]!));
  const edge = incisors.filter((v) => vertices[v * 3 + 1]! < lowest + EDGE_METRES);
  return edge.reduce((best, v) => (Math.abs(vertices[v * 3]!) < Math.abs(vertices[best * 3]!) ? v : best));
}

/** The basis of a few of the vertices. */
function pick(basis: VertexBasis, vertices: readonly number[]): VertexBasis {
  const offsets = new Int16Array(basis.shapes * vertices.length * 3);
  for (let shape = 0; shape < basis.shapes; shape++)
    vertices.forEach((vertex, i) => {
      const from = (shape * basis.vertices + vertex) * 3;
      offsets.set(basis.offsets.subarray(from, from + 3), (shape * vertices.length + i) * 3);
    });
  return { ...basis, vertices: vertices.length, offsets };
}
