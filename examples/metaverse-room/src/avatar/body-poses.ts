import type { AnimationGroup } from '@babylonjs/core/Animations/animationGroup';
import type { NpcStatus } from '@parley/sdk';

/** Which of a body's animations goes with what an NPC does, the first that the file has. */
const WANTED: Readonly<Record<NpcStatus, readonly string[]>> = {
  idle: ['idle'],
  listening: ['listen', 'idle'],
  thinking: ['listen', 'idle'],
  speaking: ['talk', 'idle'],
};
/** Time constant of going from one to another. */
const BLEND_SECONDS = 0.35;

/** Blends a body's looping animations: standing, listening, talking. */
export class BodyPoses {
  readonly #groups: readonly AnimationGroup[];
  readonly #weights: number[];

  /** Starts all of them; those that are not wanted weigh nothing. */
  constructor(groups: readonly AnimationGroup[]) {
    this.#groups = groups;
    this.#weights = groups.map((group) => (group.name === 'idle' ? 1 : 0));
    for (const [index, group] of groups.entries()) {
      group.start(true);
      group.setWeightForAllAnimatables(this.#weights[index]);
    }
  }

  tick(status: NpcStatus, seconds: number): void {
    const wanted = this.#find(status);
    const ease = 1 - Math.exp(-seconds / BLEND_SECONDS);
    for (let i = 0; i < this.#groups.length; i++) {
      this.#weights[i] += ((i === wanted ? 1 : 0) - this.#weights[i]) * ease;
      this.#groups[i].setWeightForAllAnimatables(this.#weights[i]);
    }
  }

  #find(status: NpcStatus): number {
    for (const name of WANTED[status]) {
      for (let i = 0; i < this.#groups.length; i++) if (this.#groups[i].name === name) return i;
    }
    return -1;
  }
}
