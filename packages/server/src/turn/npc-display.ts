import type { Emotion } from '@parley/sdk';
import type { NpcStatus } from '../room/parley-state.ts';

/** What the room shows of an NPC; `NpcState` fits. */
export interface ShownNpc {
  /** How it feels about what it says, `joy:0.6`, or ''. */
  emotion?: string;
  status: string;
  lookAt: string;
  caption: string;
  speakerId: string;
}

/** A caption stays this long after the voice has ended, ms. */
const CAPTION_STAYS_MS = 6_000;

/** Shows what an NPC does, with whom, and what it says. */
export class NpcDisplay {
  readonly #npc: ShownNpc;
  #fading: NodeJS.Timeout | null = null;

  constructor(npc: ShownNpc) {
    this.#npc = npc;
  }

  get isSpeaking(): boolean {
    return this.#npc.status === 'speaking';
  }

  /** What it says or has just said; '' when that has faded. */
  get caption(): string {
    return this.#npc.caption;
  }

  set caption(words: string) {
    this.#npc.caption = words;
  }

  /** @param speakerId Whom it has to do with and looks at; '' for nobody. */
  show(status: NpcStatus, speakerId: string): void {
    this.#npc.status = status;
    this.#npc.lookAt = speakerId;
    this.#npc.speakerId = speakerId;
  }

  /** It turns to a visitor to say something; what it said before is over. */
  think(speakerId: string): void {
    this.show('thinking', speakerId);
    this.#npc.caption = '';
    this.#stopFading();
  }

  /** Its voice begins, as it has been thinking. */
  speak(): void {
    this.#npc.status = 'speaking';
  }

  feel(emotion: Emotion | undefined): void {
    this.#npc.emotion = emotion ? `${emotion.name}:${emotion.intensity}` : '';
  }

  /** What it has said is over and can be read for a while. */
  fadeCaption(): void {
    this.#stopFading();
    this.#fading = setTimeout(() => {
      this.#npc.caption = '';
    }, CAPTION_STAYS_MS);
    this.#fading.unref();
  }

  dispose(): void {
    this.#stopFading();
  }

  #stopFading(): void {
    if (this.#fading) clearTimeout(this.#fading);
    this.#fading = null;
  }
}
