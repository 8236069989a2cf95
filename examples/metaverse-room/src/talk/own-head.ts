import type { Scene } from '@babylonjs/core/scene';
import { type BoundHead, type Head, type HeadModel, readHead, UnsureFaceError } from '@parley/babylon';
import { useOwnDraco, usesDraco } from './draco.ts';

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
 * @throws Error with a message for the visitor.
 */
export async function bindOwnHead(
  scene: Scene,
  model: HeadModel,
  file: File,
  onWords: (words: string) => void,
  signal: AbortSignal,
): Promise<OwnHead> {
  const { name } = file;
  if (file.size > LARGEST_FILE) throw new Error(`${name} is too large: bring one of less than 100 MB`);
  const bytes = new Uint8Array(await file.arrayBuffer());
  try {
    if (usesDraco(bytes)) await useOwnDraco();
    const head = await readHead(scene, bytes, name, '', model, {
      signal,
      onProgress: (step, done) => onWords(`${DOING[step]}: ${Math.round(done * 100)} %`),
    });
    const rig = 'rigFile' in head ? (head as BoundHead).rigFile : undefined;
    head.dispose();
    return { name, bytes, rig };
  } catch (error) {
    if (error instanceof UnsureFaceError)
      throw new Error(`${error.message} Try another head, or set points with parley bind.`);
    throw error;
  }
}

/** Loads it, as `loadHead` does the hall's own. */
export function loadOwnHead(scene: Scene, { bytes, name, rig }: OwnHead, model: HeadModel): Promise<Head> {
  return readHead(scene, bytes, name, '', model, { rig });
}
