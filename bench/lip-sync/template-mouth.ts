import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  applyBasis,
  checkExportFile,
  type FaceManifest,
  readManifest,
  readVertexBasis,
  type VertexBasis,
} from '@parley/sdk';
import { type MouthTrack, toScoreRate } from './mouth-track.ts';

/** Of the 68 iBUG landmarks: the lips' edges from right to left, corners left out, and two of the upper lip's middle. */
const INNER_UPPER = [61, 62, 63];
const INNER_LOWER = [67, 66, 65];
const OUTER_LOWER = [58, 57, 56];
const UPPER_MIDDLE = [51, 62];
const LANDMARKS = 68;
/** The edge of the upper incisors: so many of the lowest vertices of the upper teeth within this distance of the middle. */
const TEETH_VERTICES = 12;
const INCISOR_HALF_WIDTH_METRES = 0.012;
const MM_PER_METRE = 1000;
/** The teeth come after the landmarks. */
const TEETH = Array.from({ length: TEETH_VERTICES }, (_, i) => LANDMARKS + i);
const MEASURES = [
  'gapMm',
  'lipBelowTeethMm',
  'lipTuckMm',
  'protrusionMm',
] as const satisfies readonly (keyof MouthTrack)[];

/** The mouth of the template head, measured on the points of its mesh that the scores need. */
export class TemplateMouth {
  readonly manifest: FaceManifest;
  readonly #basis: VertexBasis;
  /** Points x 3, metres: the landmarks, then the teeth. */
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
    const vertices = readVertices(await text('template'));
    const points = [...template.landmarks.vertices, ...incisorEdge(vertices, template.groups.upperTeeth)];
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
    const tracks = MEASURES.map(() => new Float64Array(frames));
    const rest = this.#read(new Float32Array(size));
    for (let frame = 0; frame < frames; frame++) {
      const now = this.#read(controls.subarray(frame * size, (frame + 1) * size));
      MEASURES.forEach((name, i) => {
        // Where the teeth are is the same on every face; all else is counted from the neutral one.
        const zero = name === 'lipBelowTeethMm' ? 0 : rest[name];
        tracks[i]![frame] = (now[name] - zero) * MM_PER_METRE;
      });
    }
    return Object.fromEntries(
      MEASURES.map((name, i) => [name, toScoreRate(tracks[i]!, rateHz)]),
    ) as unknown as MouthTrack;
  }

  /** One face's measures, metres. */
  #read(controls: Float32Array): Record<keyof MouthTrack, number> {
    const points = applyBasis(this.#basis, controls, this.#neutral, this.#points);
    const mean = (ids: readonly number[], axis: 1 | 2) =>
      ids.reduce((sum, id) => sum + points[id * 3 + axis]!, 0) / ids.length;
    return {
      gapMm: mean(INNER_UPPER, 1) - mean(INNER_LOWER, 1),
      lipBelowTeethMm: mean(TEETH, 1) - mean(INNER_LOWER, 1),
      lipTuckMm: mean(OUTER_LOWER, 2) - mean(INNER_LOWER, 2),
      protrusionMm: mean(UPPER_MIDDLE, 2),
    };
  }
}

interface TemplateInfo {
  readonly landmarks: { readonly vertices: readonly number[] };
  readonly groups: Readonly<Record<string, { readonly first: number; readonly count: number }>>;
}

function readVertices(obj: string): Float32Array {
  const lines = obj.split('\n').filter((line) => line.startsWith('v '));
  return Float32Array.from(lines.flatMap((line) => line.trim().split(/\s+/).slice(1, 4).map(Number)));
}

function incisorEdge(vertices: Float32Array, teeth: TemplateInfo['groups'][string] | undefined): number[] {
  const { first, count } = teeth!;
  return Array.from({ length: count }, (_, i) => first + i)
    .filter((v) => Math.abs(vertices[v * 3]!) < INCISOR_HALF_WIDTH_METRES)
    .sort((a, b) => vertices[a * 3 + 1]! - vertices[b * 3 + 1]!)
    .slice(0, TEETH_VERTICES);
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
