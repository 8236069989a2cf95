import { basename } from 'node:path';
import { ParleyError } from '@parley/sdk';
import {
  bindHead,
  drawContactSheet,
  drawPoints,
  type FoundFace,
  faceFromControls,
  findFace,
  findOwnControls,
  type HeadRig,
  invertSimilarity,
  keepOwnControls,
  type ProposedPoints,
  proposePoints,
  rigFromOwnControls,
  speaksAlone,
  writeRigFile,
} from '@parley/sdk/bind';
import { loadBindModelFiles } from './bind-model-files.ts';
import { type BindFileReport, orientationOf } from './bind-report.ts';
import { pointsFileText, readPointsFile } from './points-file.ts';
import { type HeadOnDisk, readHeadFromDisk } from './read-head-from-disk.ts';
import { writePng } from './write-png.ts';

/** What to bind. */
export interface BindJob {
  readonly headPath: string;
  /** Points set by hand; without, the face is looked for. */
  readonly pointsPath?: string;
  /** Folder of the face model. */
  readonly exportsPath: string;
  /** Whether pictures are wanted. */
  readonly sheet: boolean;
  /** Whether points are wanted of a head that was bound, too. */
  readonly points?: boolean;
}

/** What came of it: a rig, or what a person has to look at. Bytes and text, so that it crosses threads. */
export interface BindOutcome {
  readonly report: BindFileReport;
  /** A `.parley-rig`; null where the head was not bound. */
  readonly rig: Uint8Array | null;
  /** PNG: the contact sheet, or the proposed points on the head. */
  readonly sheet: Uint8Array | null;
  /** Files of proposed points, the likeliest first; empty where the head is bound or points were given. */
  readonly proposals: readonly string[];
}

/** What a head that was not bound fails with. */
export type UnboundCode = 'face-unsure' | 'binding-refused';

/**
 * Reads a head, finds its face, binds it and draws it.
 *
 * @param onStep Told what is done now and which part of the whole is done, 0 to 1.
 * @throws ParleyError of the readers; RangeError for points that do not fit. An unsure or refused head does not throw.
 */
export async function bindHeadFile(
  job: BindJob,
  onStep: (step: string, part: number) => void = () => {},
): Promise<BindOutcome> {
  const timingsMs: Record<string, number> = {};
  const timed = async <T>(name: string, work: () => Promise<T> | T): Promise<T> => {
    const startMs = performance.now();
    const result = await work();
    timingsMs[name] = Math.round(performance.now() - startMs);
    return result;
  };
  onStep('reading', 0);
  const given = job.pointsPath === undefined ? null : await readPointsFile(job.pointsPath);
  const head = await timed('read', () => readHeadFromDisk(job.headPath));
  const model = await timed('model', () => loadBindModelFiles(job.exportsPath));
  const { mesh } = head;
  onStep('looking', 0.05);
  const found = given ? null : await timed('find', () => lookForFace(head, model));
  const outcome = (
    report: Pick<BindFileReport, 'status' | 'message'> & Partial<BindFileReport>,
    rest: Partial<BindOutcome> = {},
  ): BindOutcome => ({
    rig: null,
    sheet: null,
    proposals: [],
    ...rest,
    report: {
      head: basename(head.path),
      sha256: head.sha256,
      format: mesh.format,
      mesh: {
        parts: mesh.parts.length,
        vertices: mesh.parts.reduce((sum, { positions }) => sum + positions.length / 3, 0),
        triangles: mesh.parts.reduce((sum, { indices }) => sum + indices.length / 3, 0),
        joints: mesh.joints.length,
      },
      face: found && pickFace(found),
      orientation: found?.status === 'found' ? orientationOf(found.toTemplate, found.insideOut) : null,
      binding: null,
      warnings: mesh.warnings,
      timingsMs,
      ...report,
    },
  });
  const ask = async (status: 'unsure' | 'refused', message: string): Promise<BindOutcome> => {
    if (!found) return outcome({ status, message });
    const proposals = proposePoints(mesh, found, model.landmarks);
    onStep('drawing', 0.9);
    const sheet = job.sheet
      ? writePng(drawPoints(mesh, proposals[0]!.points, placeOf(found, proposals[0]!, model), {}))
      : null;
    return outcome(
      { status, message },
      { sheet, proposals: proposals.map((proposal) => pointsFileText(head.path, proposal)) },
    );
  };
  const own = findOwnControls(mesh, model.template.controls);
  /** A head that nobody can register may still speak by what its artist made. */
  const alone = (): HeadRig | null => {
    const place = speaksAlone(own) ? faceFromControls(mesh, model.template, own) : null;
    return place && rigFromOwnControls(mesh, place, model.template, own);
  };
  let rig: HeadRig | null;
  if (found && found.status !== 'found') {
    rig = alone();
    if (!rig) return ask('unsure', found.message);
  } else {
    try {
      const bound = await timed('bind', () =>
        bindHead(mesh, found ?? given!, {
          template: model.template,
          onProgress: (step, done) => onStep(`binding: ${step}`, 0.35 + 0.5 * done),
        }),
      );
      rig = await timed('controls', () => keepOwnControls(mesh, bound, model.template, own));
    } catch (error) {
      if (!(error instanceof ParleyError) || error.code !== 'binding-refused') throw error;
      rig = found && alone();
      if (!rig) return ask('refused', error.message);
    }
  }
  const isAlone = timingsMs.controls === undefined;
  onStep('drawing', 0.88);
  const sheet = job.sheet ? await timed('draw', () => writePng(drawContactSheet(mesh, rig))) : null;
  const { toTemplate, insideOut, warnings, timingsMs: steps, ...binding } = rig.report;
  for (const [step, ms] of Object.entries(steps)) timingsMs[`bind.${step}`] = ms;
  return outcome(
    {
      status: 'bound',
      message: `${basename(head.path)} is bound: ${
        isAlone ? 'by its own controls.' : found ? found.message : `${given!.points.length} points by hand.`
      }`,
      orientation: orientationOf(toTemplate, insideOut),
      binding,
      warnings,
    },
    {
      rig: writeRigFile(rig, head.sha256),
      sheet,
      proposals:
        job.points && found
          ? proposePoints(mesh, found, model.landmarks).map((proposal) => pointsFileText(head.path, proposal))
          : [],
    },
  );
}

type Model = Awaited<ReturnType<typeof loadBindModelFiles>>;

async function lookForFace({ mesh }: HeadOnDisk, model: Model): Promise<FoundFace> {
  const nets = await model.loadNets();
  try {
    return await findFace(mesh, { nets, template: model.landmarks });
  } finally {
    await nets.close();
  }
}

function pickFace({ status, doubts, score, residualMm, spreadMm, candidates }: FoundFace) {
  return { status, doubts, score, residualMm, spreadMm, candidates };
}

/** Where the camera looks for a drawing of proposed points. */
function placeOf(found: FoundFace, { points }: ProposedPoints, { landmarks }: Model) {
  if (found.status !== 'none') return found.toTemplate;
  const at = (axis: number) => points.reduce((sum, { position }) => sum + position[axis]!, 0) / points.length;
  const spread = Math.max(...points.map(({ position }) => Math.abs(position[1] - at(1))));
  const own = points.map(({ landmark }) => landmarks.positions[3 * landmark + 1]!);
  const middle = own.reduce((sum, y) => sum + y, 0) / own.length;
  const scale = spread / Math.max(...own.map((y) => Math.abs(y - middle)));
  return invertSimilarity({
    scale,
    rotation: Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1),
    translation: Float64Array.of(at(0), at(1) - middle * scale, at(2) - 0.09 * scale),
  });
}
