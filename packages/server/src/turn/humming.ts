import { BLOCK_SAMPLES, SPEECH_RATE_HZ } from '@parley/sdk';
import type { Hum } from './hums.ts';
import { humWords, makeHums } from './hums.ts';
import type { NpcVoiceOptions } from './npc-voice.ts';
import { STOP_AHEAD_MS } from './speak.ts';

/** From one hum to the next, ms. */
const BETWEEN_MS = 6_000;

/** The hums of one NPC: made while somebody speaks to it for the first time, sent whole, one at a time and not often. */
export class Humming {
  readonly #options: NpcVoiceOptions;
  #hums: readonly Hum[] = [];
  #next = 0;
  #hummedMs = Number.NEGATIVE_INFINITY;
  #running: { readonly startMs: number; readonly samples: number; readonly timer: NodeJS.Timeout } | null =
    null;

  constructor(options: NpcVoiceOptions) {
    this.#options = options;
  }

  /** Makes the hums of the persona's voice, as it is now; one that nobody has spoken to needs none. */
  prepare(): void {
    const { persona, tts, engines, codec, timeouts } = this.#options;
    const words = humWords(persona.hums, persona.languages[0]);
    if (words.length === 0) {
      this.#hums = [];
      return;
    }
    const voice = { tts, face: engines.face, pitch: persona.voice.pitch, words, codec, timeouts };
    void makeHums(voice).then((hums) => {
      this.#hums = hums;
    });
  }

  /** Hums, unless it has just done so or has nothing that is over in time. @param withinMs From now. */
  begin(withinMs: number): boolean {
    const { output, nowMs, leadMs } = this.#options;
    const now = nowMs();
    if (this.#running || now - this.#hummedMs < BETWEEN_MS) return false;
    const fitting = this.#hums.filter(({ soundsMs }) => leadMs + soundsMs <= withinMs);
    if (fitting.length === 0) return false;
    const { blocks } = fitting[this.#next++ % fitting.length];
    this.#hummedMs = now;
    const startMs = now + leadMs;
    const samples = blocks.length * BLOCK_SAMPLES;
    output.begin(startMs, { backchannel: true });
    for (const block of blocks) output.send(block);
    const timer = setTimeout(() => this.#end(), leadMs + (1000 * samples) / SPEECH_RATE_HZ);
    timer.unref();
    this.#running = { startMs, samples, timer };
    return true;
  }

  /** Falls silent, as something else is to be said. */
  stop(): void {
    if (!this.#running) return;
    const { startMs, samples, timer } = this.#running;
    clearTimeout(timer);
    const elapsedMs = this.#options.nowMs() - startMs + STOP_AHEAD_MS;
    const elapsed = Math.max(0, Math.round((elapsedMs * SPEECH_RATE_HZ) / 1000));
    if (elapsed < samples) this.#options.output.stop(elapsed);
    this.#end();
  }

  #end(): void {
    this.#running = null;
    this.#options.output.end();
  }
}
