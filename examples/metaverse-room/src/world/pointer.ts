import type { Scene } from '@babylonjs/core/scene';
import { createAttentionRing } from './floor-glow.ts';
import { LAYOUT } from './layout.ts';
import { PALETTE } from './palette.ts';

/** A ring of light on the floor around what somebody points at. */
export interface Pointer {
  /** What is pointed at now; '' for nothing. */
  readonly target: string;
  /** Lights up a thing of the hall by the name that visitors use; what is not in the hall is left alone. */
  show(thing: string): void;
  tick(seconds: number): void;
}

/** Things of the hall by the words that personas use, with the ring's diameter, metres. */
const PLACES: Readonly<Record<string, { readonly x: number; readonly z: number; readonly ringM: number }>> = {
  orrery: { ...LAYOUT.orrery, ringM: 5.4 },
  telescope: { ...LAYOUT.telescope, ringM: 3.4 },
  'moon rock': { ...LAYOUT.moonRock, ringM: 2.6 },
  pool: { ...LAYOUT.pool, ringM: 7.6 },
  shop: { ...LAYOUT.shop, ringM: 4.2 },
  gate: { ...LAYOUT.gate, ringM: 4.6 },
  Orson: { x: LAYOUT.orson.x, z: LAYOUT.orson.z, ringM: 2.6 },
};
const SHOWN_SECONDS = 7;

export function createPointer(scene: Scene): Pointer {
  const rings = new Map<string, ReturnType<typeof createAttentionRing>>();
  let target = '';
  let untilSeconds = 0;
  let nowSeconds = 0;
  return {
    get target() {
      return target;
    },
    show: (thing) => {
      const place = PLACES[thing];
      if (!place) return;
      let ring = rings.get(thing);
      if (!ring) {
        ring = createAttentionRing(scene, place.ringM);
        ring.mesh.position.x = place.x;
        ring.mesh.position.z = place.z;
        ring.setColor(PALETTE.speaking);
        rings.set(thing, ring);
      }
      target = thing;
      untilSeconds = nowSeconds + SHOWN_SECONDS;
    },
    tick: (seconds) => {
      nowSeconds = seconds;
      if (seconds > untilSeconds) target = '';
      for (const [thing, ring] of rings) {
        ring.strength = thing === target ? 1 : 0;
        ring.tick(seconds);
      }
    },
  };
}
