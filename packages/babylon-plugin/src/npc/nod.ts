import { controlIndex, type FaceManifest, rotationIndices } from '@parley/sdk';

/** A listener's nod: a small dip, then a smaller one. */
const NOD_MS = 1_050;
/** Depth of the first dip, in radians: 5°. */
const DEPTH = 0.085;
const DIPS = 2;
/** How far the brows go along at the first dip, 0 to 1, and the lids. */
const BROWS = 0.12;
const LIDS = 0.1;
/** Nods differ by this share, so that no two look alike. */
const VARIETY = 0.3;

/** Nods a head while somebody listens: on top of the decoded face, and only where the room says so. */
export class Nod {
  readonly #pitch: number;
  readonly #brow: number;
  readonly #lids: readonly number[];
  #count: number | undefined;
  #elapsedMs = Number.POSITIVE_INFINITY;
  #strength = 1;

  constructor(manifest: FaceManifest) {
    this.#pitch = rotationIndices(manifest).pitch;
    this.#brow = controlIndex(manifest, 'browInnerUp');
    this.#lids = [controlIndex(manifest, 'eyeBlinkLeft'), controlIndex(manifest, 'eyeBlinkRight')];
  }

  /**
   * Adds the nod to a frame of controls. Allocates nothing.
   *
   * @param count - The room's count of nods; each change is one. The first that is seen is none.
   */
  apply(controls: Float32Array, count: number | undefined, deltaMs: number): void {
    if (count !== this.#count) {
      if (this.#count !== undefined && count !== undefined && this.#elapsedMs >= NOD_MS) {
        this.#elapsedMs = 0;
        // The count makes them differ, the same for everybody who looks.
        this.#strength = 1 + VARIETY * Math.sin(count * 2.4);
      }
      this.#count = count;
    }
    if (this.#elapsedMs >= NOD_MS) return;
    this.#elapsedMs += deltaMs;
    const part = Math.min(1, this.#elapsedMs / NOD_MS);
    const dip = this.#strength * dipAt(part);
    if (this.#pitch >= 0) controls[this.#pitch] += DEPTH * dip;
    if (this.#brow >= 0) controls[this.#brow] = Math.min(1, controls[this.#brow] + BROWS * dip);
    for (let i = 0; i < this.#lids.length; i++) {
      const lid = this.#lids[i];
      if (lid >= 0) controls[lid] = Math.min(1, controls[lid] + LIDS * dip);
    }
  }
}

/** Depth at a share of the nod, 0 to 1: raised cosines, each dip half as deep as the one before, smooth at both ends. */
function dipAt(part: number): number {
  if (part >= 1) return 0;
  const dips = part * DIPS;
  const nth = Math.floor(dips);
  return (0.5 - 0.5 * Math.cos(2 * Math.PI * (dips - nth))) * 0.5 ** nth;
}
