import { Constants } from '@babylonjs/core/Engines/constants.js';
import { RawTexture } from '@babylonjs/core/Materials/Textures/rawTexture.js';
import type { Scene } from '@babylonjs/core/scene.js';
import type { MeshBasis } from './mesh-basis.ts';
import { BASIS_TEXTURE_WIDTH, type PackedBasis, packBasis } from './pack-basis.ts';

/** A basis on the GPU. */
export interface BasisTexture extends Omit<PackedBasis, 'texels'> {
  readonly texture: RawTexture;
}

interface Shared {
  readonly value: BasisTexture;
  users: number;
}

const sharedOf = new WeakMap<Scene, Map<MeshBasis, Shared>>();

/** The texture of `basis`, made by its first user in the scene. Give it back with {@link releaseBasisTexture}. */
export function acquireBasisTexture(scene: Scene, basis: MeshBasis): BasisTexture {
  let textures = sharedOf.get(scene);
  if (!textures) {
    textures = new Map();
    sharedOf.set(scene, textures);
  }
  let shared = textures.get(basis);
  if (!shared) {
    shared = { value: createBasisTexture(scene, basis), users: 0 };
    textures.set(basis, shared);
  }
  shared.users++;
  return shared.value;
}

/** Ends one use of the texture of `basis`; the last one frees it. */
export function releaseBasisTexture(scene: Scene, basis: MeshBasis): void {
  const textures = sharedOf.get(scene);
  const shared = textures?.get(basis);
  if (!textures || !shared || --shared.users > 0) return;
  textures.delete(basis);
  shared.value.texture.dispose();
}

function createBasisTexture(scene: Scene, basis: MeshBasis): BasisTexture {
  const { texels, height, ...rest } = basis.packed ?? packBasis(basis);
  const texture = new RawTexture(
    texels,
    BASIS_TEXTURE_WIDTH,
    height,
    Constants.TEXTUREFORMAT_RGBA_INTEGER,
    scene,
    false,
    false,
    Constants.TEXTURE_NEAREST_SAMPLINGMODE,
    Constants.TEXTURETYPE_UNSIGNED_INTEGER,
  );
  texture.name = 'parleyBasis';
  return { texture, height, ...rest };
}
