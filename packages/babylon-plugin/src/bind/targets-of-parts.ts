import type { HeadMesh } from '@parley/sdk/bind';
import type { RigTarget } from './prepare-rig.ts';

/** Each part of a head as a mesh of its own. */
export function targetsOfParts({ parts }: HeadMesh): RigTarget[] {
  return parts.map(({ positions }, part) => ({
    vertices: positions.length / 3,
    pieces: [{ part, vertices: null }],
  }));
}
