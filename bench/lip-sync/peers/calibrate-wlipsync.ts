import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Phone, PhoneSpan } from '../phones.ts';
import { BROWSER_RATE_HZ } from '../read-clips.ts';

/**
 * wLipSync's phonemes, as in its example, each with two entries of related phones. Two, because wLipSync 1.3.1 computes only as many of its 12
 * coefficients as its profile has entries.
 */
const ENTRIES: readonly { readonly name: string; readonly phones: readonly Phone[] }[] = [
  { name: 'A', phones: ['AA', 'AY', 'AW'] },
  { name: 'A', phones: ['AE'] },
  { name: 'E', phones: ['EH', 'EY'] },
  { name: 'E', phones: ['AH', 'ER'] },
  { name: 'I', phones: ['IY'] },
  { name: 'I', phones: ['IH'] },
  { name: 'O', phones: ['AO'] },
  { name: 'O', phones: ['OW', 'OY'] },
  { name: 'U', phones: ['UW'] },
  { name: 'U', phones: ['UH'] },
  { name: 'S', phones: ['S', 'Z'] },
  { name: 'S', phones: ['SH', 'ZH'] },
];
/** uLipSync's own defaults, from which wLipSync is ported. */
const TARGET_RATE_HZ = 16_000;
const WINDOW_SAMPLES = 1024;
const MEL_CHANNELS = 30;
const COEFFICIENTS = 12;
/** Cosine similarity: of the three, with and without standardising, it named most phones of clips that it was not calibrated on. */
const COMPARE_METHOD = 2;
/** Shorter phones are mostly transition. */
const MIN_PHONE_MS = 60;

/** What `createWLipSyncNode` takes. */
export interface WLipSyncProfile {
  readonly targetSampleRate: number;
  readonly sampleCount: number;
  readonly melFilterBankChannels: number;
  readonly compareMethod: 0 | 1 | 2;
  readonly mfccNum: number;
  readonly mfccDataCount: number;
  readonly useStandardization: boolean;
  readonly mfccs: readonly {
    readonly name: string;
    readonly mfccCalibrationDataList: readonly { readonly array: readonly number[] }[];
  }[];
}

/** Cepstral coefficients at one moment. */
export interface Cepstrum {
  /** Index of the profile's entry. */
  readonly entry: number;
  readonly coefficients: readonly number[];
}

interface WLipSyncExports {
  load_profile(...settings: number[]): number;
  precompute_profile(): void;
  set_input(rateHz: number): void;
  get_input_buffer(): number;
  get_input_buffer_size(): number;
  execute(index: number): number;
  readonly mfccOut: WebAssembly.Global;
}

/** wLipSync's own analysis, to calibrate it with: its package has no profile, uLipSync's editor makes one by listening to a speaker. */
export class WLipSyncAnalysis {
  readonly #memory: WebAssembly.Memory;
  readonly #wasm: WLipSyncExports;

  private constructor(memory: WebAssembly.Memory, wasm: WLipSyncExports) {
    this.#memory = memory;
    this.#wasm = wasm;
    wasm.load_profile(TARGET_RATE_HZ, WINDOW_SAMPLES, MEL_CHANNELS, COMPARE_METHOD, ENTRIES.length, 1, 0);
    wasm.precompute_profile();
    wasm.set_input(BROWSER_RATE_HZ);
  }

  static async open(): Promise<WLipSyncAnalysis> {
    const bytes = await readFile(fileURLToPath(import.meta.resolve('wlipsync/wlipsync.wasm')));
    const memory = new WebAssembly.Memory({ initial: 4 });
    const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } });
    return new WLipSyncAnalysis(memory, instance.exports as unknown as WLipSyncExports);
  }

  /** The coefficients in the middle of each phone that the profile has an entry for. */
  listen(pcm: Float32Array, phones: readonly PhoneSpan[]): Cepstrum[] {
    const windowMs = (1000 * WINDOW_SAMPLES) / TARGET_RATE_HZ;
    return phones.flatMap(({ phone, startMs, endMs }) => {
      const entry = ENTRIES.findIndex(({ phones }) => phones.includes(phone));
      if (entry < 0 || endMs - startMs < MIN_PHONE_MS) return [];
      const end = Math.round((((startMs + endMs + windowMs) / 2) * BROWSER_RATE_HZ) / 1000);
      return [{ entry, coefficients: this.#analyse(pcm, end) }];
    });
  }

  #analyse(pcm: Float32Array, end: number): number[] {
    const size = this.#wasm.get_input_buffer_size();
    const input = new Float32Array(this.#memory.buffer, this.#wasm.get_input_buffer(), size);
    input.fill(0);
    const from = Math.max(0, end - size);
    const heard = pcm.subarray(from, Math.min(end, pcm.length));
    input.set(heard, from - (end - size));
    this.#wasm.execute(0);
    return Array.from(new Float32Array(this.#memory.buffer, this.#wasm.mfccOut.value, COEFFICIENTS));
  }
}

/**
 * A profile by the documented way: each entry is the average of what was heard of it.
 * @throws {RangeError} if an entry was never heard.
 */
export function makeProfile(heard: readonly Cepstrum[]): WLipSyncProfile {
  return {
    targetSampleRate: TARGET_RATE_HZ,
    sampleCount: WINDOW_SAMPLES,
    melFilterBankChannels: MEL_CHANNELS,
    compareMethod: COMPARE_METHOD,
    mfccNum: COEFFICIENTS,
    mfccDataCount: 1,
    useStandardization: false,
    mfccs: ENTRIES.map(({ name, phones }, entry) => {
      const own = heard.filter((cepstrum) => cepstrum.entry === entry);
      if (own.length === 0)
        throw new RangeError(
          `wLipSync cannot be calibrated: no clip has ${phones.join(' or ')}; take more clips`,
        );
      const array = Array.from(
        { length: COEFFICIENTS },
        (_, i) => own.reduce((sum, { coefficients }) => sum + coefficients[i]!, 0) / own.length,
      );
      return { name, mfccCalibrationDataList: [{ array }] };
    }),
  };
}
