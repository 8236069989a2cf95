import type { FaceAudio } from '../contracts.ts';
import { type PhoneSpan, phoneSpans } from './phone-spans.ts';

/** How the articulator cuts time. */
export interface LabelGrid {
  /** Samples of a face frame. */
  readonly hopSamples: number;
  /** Samples of a label; divides `hopSamples`. */
  readonly samplesPerLabel: number;
  /** What the numbers of `phones` mean. */
  readonly symbols: readonly string[];
}

/** What the articulator sees of a stretch of speech. */
export interface SpeechWindow {
  /** An index into the grid's symbols for each label. */
  readonly phones: Int32Array;
  readonly stress: Int32Array;
  readonly audio: Float32Array;
}

interface Piece {
  readonly startSample: number;
  readonly endSample: number;
  /** Empty where the phones are not known: nobody asks for it. */
  readonly pcm: Float32Array;
  /** In the utterance's samples; null where the phones are not known. */
  readonly spans: readonly PhoneSpan[] | null;
}

const NO_SOUND = new Float32Array(0);

/** The part of an utterance that still matters: its sound, and its phones where they are known. */
export class KnownSpeech {
  readonly #grid: LabelGrid;
  readonly #indexOf: ReadonlyMap<string, number>;
  #pieces: Piece[] = [];
  #endSample = 0;

  constructor(grid: LabelGrid) {
    this.#grid = grid;
    this.#indexOf = new Map(grid.symbols.map((symbol, index) => [symbol, index]));
  }

  /** @throws RangeError as `phoneSpans`. */
  push(audio: FaceAudio): void {
    const pcm = audio instanceof Float32Array ? audio : audio.pcm;
    const startSample = this.#endSample;
    const spans =
      audio instanceof Float32Array
        ? null
        : phoneSpans(audio).map((span) => ({
            ...span,
            startSample: span.startSample + startSample,
            endSample: span.endSample + startSample,
          }));
    this.#endSample += pcm.length;
    if (pcm.length === 0) return;
    this.#pieces.push({ startSample, endSample: this.#endSample, pcm: spans ? pcm : NO_SOUND, spans });
  }

  /** Consecutive pieces with known phones around `sample`, as far as they came and were not forgotten. */
  regionAt(sample: number): { readonly startSample: number; readonly endSample: number } | null {
    const pieces = this.#pieces;
    const at = pieces.findIndex((piece) => sample >= piece.startSample && sample < piece.endSample);
    if (at < 0 || !pieces[at]!.spans) return null;
    let first = at;
    let last = at;
    while (pieces[first - 1]?.spans) first--;
    while (pieces[last + 1]?.spans) last++;
    return { startSample: pieces[first]!.startSample, endSample: pieces[last]!.endSample };
  }

  /** `frames` frames from `startFrame` (which may be negative) on; what lies outside `region` is silence. */
  window(
    startFrame: number,
    frames: number,
    region: { readonly startSample: number; readonly endSample: number },
  ): SpeechWindow {
    const { hopSamples, samplesPerLabel } = this.#grid;
    const startSample = startFrame * hopSamples;
    const audio = new Float32Array(frames * hopSamples);
    const spans: PhoneSpan[] = [];
    for (const piece of this.#pieces) {
      if (!piece.spans || piece.startSample < region.startSample || piece.endSample > region.endSample)
        continue;
      const from = Math.max(piece.startSample, startSample);
      const to = Math.min(piece.endSample, startSample + audio.length);
      if (to <= from) continue;
      audio.set(piece.pcm.subarray(from - piece.startSample, to - piece.startSample), from - startSample);
      spans.push(...piece.spans);
    }
    const labels = labelSpans(spans, startSample, (frames * hopSamples) / samplesPerLabel, samplesPerLabel);
    const silence = this.#indexOf.get('sil')!;
    const phones = Int32Array.from(labels, (span) => (span ? this.#indexOf.get(span.symbol)! : silence));
    const stress = Int32Array.from(labels, (span) => span?.stress ?? 0);
    return { phones, stress, audio };
  }

  /** What lies before `sample` will not be asked for again. */
  forget(sample: number): void {
    const kept = this.#pieces.findIndex(({ endSample }) => endSample > sample);
    if (kept > 0) this.#pieces.splice(0, kept);
  }
}

/**
 * The span that fills most of each label. A sound too short to fill most of any still gets the label where it is
 * longest, unless its owner has no other: a closure of 10 ms must be seen.
 */
function labelSpans(
  spans: readonly PhoneSpan[],
  startSample: number,
  count: number,
  samplesPerLabel: number,
): (PhoneSpan | undefined)[] {
  const owners = new Array<PhoneSpan | undefined>(count);
  const shares = new Float64Array(count);
  const owned = new Map<PhoneSpan, number>();
  const wanted = new Map<PhoneSpan, { label: number; share: number }>();
  for (const span of spans) {
    const first = Math.max(0, Math.floor((span.startSample - startSample) / samplesPerLabel));
    const end = Math.min(count, Math.ceil((span.endSample - startSample) / samplesPerLabel));
    for (let label = first; label < end; label++) {
      const from = startSample + label * samplesPerLabel;
      const share = Math.min(span.endSample, from + samplesPerLabel) - Math.max(span.startSample, from);
      if (share > (wanted.get(span)?.share ?? 0)) wanted.set(span, { label, share });
      if (share <= shares[label]!) continue;
      shares[label] = share;
      owners[label] = span;
    }
  }
  for (const owner of owners) if (owner) owned.set(owner, (owned.get(owner) ?? 0) + 1);
  for (const [span, { label }] of wanted) {
    const owner = owners[label]!;
    if (span.symbol === 'sil' || owned.has(span) || owned.get(owner)! < 2) continue;
    owners[label] = span;
    owned.set(span, 1);
    owned.set(owner, owned.get(owner)! - 1);
  }
  return owners;
}
