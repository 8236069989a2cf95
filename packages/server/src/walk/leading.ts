import type { FloorPoint } from './floor-plan.ts';

/** Whoever is led and is this far behind is waited for, metres; until they are this near. */
const FALLS_BEHIND_M = 4;
const CAUGHT_UP_M = 2.8;
/** Who was further away when they asked may stay so much further behind, up to this, metres. */
const ALLOWANCE_M = 1.5;
const FARTHEST_M = 8;
/** How long somebody who does not come nearer is waited for, ms. */
const WAITS_MS = 12_000;
/** Coming nearer by less than this counts as not at all, metres. */
const NEARER_M = 0.5;

/** Leading somebody to a place: whether they have to be waited for. It does not wait twice for one who does not come. */
export class Leading {
  readonly #body: FloorPoint;
  readonly #led: () => FloorPoint | null;
  readonly #to: FloorPoint;
  readonly #behindM: number;
  #waits = false;
  #gaveUp = false;
  #nearestM = 0;
  #nearestMs = 0;

  /**
   * @param body Who leads; its place changes.
   * @param led Whoever is led; null when they are gone.
   * @param to Where it goes.
   */
  constructor(body: FloorPoint, led: () => FloorPoint | null, to: FloorPoint) {
    this.#body = body;
    this.#led = led;
    this.#to = to;
    const place = led();
    const apartM = place ? distance(place, body) : 0;
    this.#behindM = Math.min(FARTHEST_M, Math.max(FALLS_BEHIND_M, apartM + ALLOWANCE_M));
  }

  /** @returns Where somebody is who has to be waited for; null when the way goes on. */
  behind(nowMs: number): FloorPoint | null {
    const place = this.#led();
    const apartM = place ? distance(place, this.#body) : 0;
    // Who has run ahead is no reason to stand still.
    const ahead = place !== null && distance(place, this.#to) < distance(this.#body, this.#to);
    if (!place || ahead || apartM < this.#behindM - (FALLS_BEHIND_M - CAUGHT_UP_M)) {
      this.#waits = this.#gaveUp = false;
      return null;
    }
    if (this.#gaveUp || (!this.#waits && apartM < this.#behindM)) return null;
    if (!this.#waits || apartM < this.#nearestM - NEARER_M) {
      this.#nearestM = apartM;
      this.#nearestMs = nowMs;
    }
    this.#gaveUp = nowMs - this.#nearestMs >= WAITS_MS;
    this.#waits = !this.#gaveUp;
    return this.#waits ? place : null;
  }
}

function distance(a: FloorPoint, b: FloorPoint): number {
  return Math.hypot(a.x - b.x, a.z - b.z);
}
