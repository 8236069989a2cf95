import type { Asr } from '../engines/contracts.ts';
import { type TranscribeInput, type Transcription, transcribe } from './transcribe.ts';

/**
 * One speech recogniser shared by everybody who listens with it. Finished speech goes first: what is merely partial is not
 * begun while the recogniser has work, and ends when finished speech comes.
 */
export class Recogniser {
  static readonly #shared = new WeakMap<Asr, Recogniser>();
  #jobs = 0;
  #partial: AbortController | null = null;

  /** The one that belongs to an engine. */
  static of(asr: Asr): Recogniser {
    const recogniser = Recogniser.#shared.get(asr) ?? new Recogniser();
    Recogniser.#shared.set(asr, recogniser);
    return recogniser;
  }

  get busy(): boolean {
    return this.#jobs > 0;
  }

  /** Transcribes what somebody has said. */
  async transcribe(input: TranscribeInput, signal: AbortSignal): Promise<Transcription> {
    this.#partial?.abort(displaced());
    this.#jobs++;
    try {
      return await transcribe(input, signal);
    } finally {
      this.#jobs--;
    }
  }

  /** Transcribes what somebody has said so far; null when the recogniser has better things to do. */
  async transcribePartly(input: TranscribeInput, signal: AbortSignal): Promise<Transcription | null> {
    if (this.busy) return null;
    const controller = new AbortController();
    this.#partial = controller;
    this.#jobs++;
    try {
      return await transcribe(input, AbortSignal.any([signal, controller.signal]));
    } catch (error) {
      if (controller.signal.aborted) return null;
      throw error;
    } finally {
      this.#jobs--;
      if (this.#partial === controller) this.#partial = null;
    }
  }
}

function displaced(): DOMException {
  return new DOMException('Finished speech goes first', 'AbortError');
}
