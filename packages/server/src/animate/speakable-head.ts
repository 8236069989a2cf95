import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { hasTemplateTopology, ParleyError, readObj } from '@parley/sdk';
import { boundGlb } from '../bind/bound-glb.ts';
import { runBinding } from '../bind/run-binding.ts';
import type { FaceModelFiles } from './face-model-files.ts';
import { readGltfHead } from './gltf-head.ts';
import type { HeadFile } from './head-file.ts';
import { NewFile } from './new-file.ts';

/** A glTF head that leaves out more of the shape controls than this is bound, and gets them. */
const MOST_MISSING = 12;

/** Settings of {@link speakableHead}. */
export interface SpeakableHeadOptions {
  /** A `.parley-rig`: read where it is there, else written once the head is bound. */
  readonly rigPath?: string;
  readonly signal?: AbortSignal;
  readonly onStep?: (step: string, part: number) => void;
}

/** A head that the writers understand. */
export interface SpeakableHead {
  /** The template's topology, or a glTF with ARKit shapes. */
  readonly head: HeadFile;
  /** What a person should know. */
  readonly notes: readonly string[];
  /** Removes what was made for it. */
  close(): Promise<void>;
}

/**
 * Makes a head speak that cannot: one that neither has the template's topology nor ARKit shapes is bound, and becomes a .glb file
 * that has them. A rig in a file spares the binding.
 *
 * @throws ParleyError of the readers; `face-unsure` or `binding-refused` when a person has to set points first; those of
 *   `readRigFile`; the signal's reason.
 */
export async function speakableHead(
  head: HeadFile,
  model: FaceModelFiles,
  { rigPath, signal, onStep }: SpeakableHeadOptions = {},
): Promise<SpeakableHead> {
  if (rigPath === undefined && (await speaksAlready(head, model)))
    return { head, notes: [], close: async () => {} };
  const { rig, notes } = await rigOf(head, model, { rigPath, signal, onStep });
  const folder = await mkdtemp(join(tmpdir(), 'parley-head-'));
  const close = () => rm(folder, { recursive: true, force: true });
  try {
    const path = join(folder, `${basename(head.path).replace(/\.[^.]*$/, '')}.glb`);
    await writeFile(path, await boundGlb(head.path, rig));
    return { head: { kind: 'gltf', path }, notes, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function speaksAlready(head: HeadFile, model: FaceModelFiles): Promise<boolean> {
  try {
    if (head.kind === 'obj') return hasTemplateTopology(readObj(head.text, head.path), model.template);
    const { missing } = await readGltfHead(head.path, model.manifest);
    return missing.length <= MOST_MISSING;
  } catch (error) {
    // The binding's readers read more, and say better what is wrong.
    if (error instanceof ParleyError) return false;
    throw error;
  }
}

async function rigOf(
  head: HeadFile,
  { exportsPath }: FaceModelFiles,
  { rigPath, signal, onStep }: SpeakableHeadOptions,
): Promise<{ rig: Uint8Array; notes: readonly string[] }> {
  if (rigPath !== undefined) {
    const saved = await readFile(rigPath).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw new ParleyError('rig-not-readable', `The rig ${rigPath} cannot be read: ${error.message}`, error);
    });
    if (saved) return { rig: new Uint8Array(saved), notes: [] };
  }
  const { rig, report } = await runBinding(
    { headPath: head.path, exportsPath, sheet: false },
    { signal, onStep },
  );
  if (!rig) {
    const out = rigPath ?? `${basename(head.path).replace(/\.[^.]*$/, '')}.parley-rig`;
    throw new ParleyError(
      report.status === 'unsure' ? 'face-unsure' : 'binding-refused',
      `${basename(head.path)}: ${report.message} Run: parley bind ${head.path} --out ${out} --sheet points.png, which proposes points; then animate with --rig ${out}`,
    );
  }
  if (rigPath !== undefined) {
    const file = await NewFile.create(rigPath);
    try {
      await file.writeAt(rig, 0);
      await file.finish();
    } finally {
      await file.discard();
    }
  }
  return { rig, notes: report.warnings };
}
