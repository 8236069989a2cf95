import type { Scene } from '@babylonjs/core/scene';
import {
  type BoundHead,
  type FaceQuestion,
  type Head,
  type HeadModel,
  proposeFacePoints,
  readHead,
  UnsureFaceError,
} from '@parley/babylon';
import { ParleyError } from '@parley/sdk';
import { useOwnDraco, usesDraco } from './draco.ts';
import { useOwnMeshopt, usesMeshopt } from './meshopt.ts';

/** What a visitor may bring. */
export const HEAD_FILES = '.obj,.glb,.gltf,.vrm';
/** Larger files are no heads for a page, bytes. */
const LARGEST_FILE = 100e6;

const DOING: Readonly<Record<string, string>> = {
  read: 'Reading your head',
  load: 'Fetching what is needed',
  find: 'Looking for its face',
  bind: 'Teaching it to speak',
  prepare: 'Nearly there',
};

/** A head that a visitor brought. */
export interface OwnHead {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** What binding it gave; a head with shapes of its own has none. */
  readonly rig?: Uint8Array;
}

/**
 * Makes a file of any kind of human-like head speak.
 * @param onWords Told in words how far it is.
 * @param ask Asks the visitor to put the points of its face right, which are changed; false when they would rather not.
 * @throws Error with a message for the visitor.
 */
export async function bindOwnHead(
  scene: Scene,
  model: HeadModel,
  file: File,
  onWords: (words: string) => void,
  ask: (question: FaceQuestion, why: string) => Promise<boolean>,
  signal: AbortSignal,
): Promise<OwnHead> {
  const { name } = file;
  if (file.size > LARGEST_FILE) throw new Error(`${name} is too large: bring one of less than 100 MB`);
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (usesDraco(bytes)) await useOwnDraco();
  if (usesMeshopt(bytes)) await useOwnMeshopt();
  let question: FaceQuestion | undefined;
  for (;;) {
    try {
      const head = await readHead(scene, bytes, name, '', model, {
        signal,
        points: question,
        onProgress: (step, done) => onWords(`${DOING[step]}: ${Math.round(done * 100)} %`),
      });
      const rig = 'rigFile' in head ? (head as BoundHead).rigFile : undefined;
      head.dispose();
      return { name, bytes, rig };
    } catch (error) {
      if (error instanceof UnsureFaceError)
        question ??= await proposeFacePoints(bytes, name, error.face, model);
      else if (!question || !(error instanceof ParleyError) || error.code !== 'binding-refused') throw error;
      if (!(await ask(question, error.message))) throw new Error('The head stays as it was.');
    }
  }
}

/** Loads it, as `loadHead` does the hall's own. */
export function loadOwnHead(scene: Scene, { bytes, name, rig }: OwnHead, model: HeadModel): Promise<Head> {
  return readHead(scene, bytes, name, '', model, { rig });
}
