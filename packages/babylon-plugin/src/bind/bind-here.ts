import { type HeadRig, readHead } from '@parley/sdk/bind';
import type { BindResult, BindSource } from './messages.ts';
import { prepareRig } from './prepare-rig.ts';
import { readGivenRig } from './read-given-rig.ts';
import { targetsOfParts } from './targets-of-parts.ts';

/** Prepares a given rig on this thread: where there are no workers, as in Node. */
export async function bindHere(source: BindSource, given: Uint8Array | HeadRig): Promise<BindResult> {
  const mesh = source.mesh ?? (await readHead(source.file ?? new Uint8Array(0), { fileName: source.name }));
  const isFile = given instanceof Uint8Array;
  const rig = isFile ? readGivenRig(given, undefined) : given;
  return {
    id: '',
    rig: prepareRig(mesh, rig, source.targets ?? targetsOfParts(mesh)),
    mesh: source.mesh ? undefined : mesh,
    rigFile: isFile ? given : new Uint8Array(0),
    from: 'given',
    timingsMs: {},
    sentMs: Date.now(),
  };
}
