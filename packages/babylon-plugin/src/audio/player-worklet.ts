// The text of `playerWorklet` runs in an AudioWorkletGlobalScope, so the function refers to nothing outside itself but
// that scope's globals.

declare const sampleRate: number;
declare const currentTime: number;
declare const AudioWorkletProcessor: new () => { readonly port: MessagePort };
declare function registerProcessor(name: string, processor: unknown): void;

/** Name under which the player's processor registers. */
export const PLAYER_PROCESSOR = 'parley-speech-player';

/** Main thread to player. Times are seconds of the audio context, samples count from the utterance's start. */
export type PlayerRequest =
  /** A voice begins: sample 0 plays at `startTime`, which may lie in the past. */
  | {
      readonly type: 'begin';
      readonly utterance: number;
      readonly startTime: number;
      readonly rateHz: number;
    }
  /** Sample 0 should have played, or play, at `startTime`: the clocks drifted. */
  | { readonly type: 'align'; readonly utterance: number; readonly startTime: number }
  /** Decoded sound, in order; a hole before it was lost and plays as silence. */
  | {
      readonly type: 'samples';
      readonly utterance: number;
      readonly startSample: number;
      readonly pcm: Float32Array;
    }
  /** The voice ends at `endSample`, fading over the samples before it. */
  | {
      readonly type: 'end';
      readonly utterance: number;
      readonly endSample: number;
      readonly fadeSamples: number;
    }
  | { readonly type: 'close' };

/** Player to main thread: what is played from `contextTime` on. */
export interface PlayerReport {
  readonly utterance: number;
  /** Start of the render quantum, in seconds of the audio context. */
  readonly contextTime: number;
  /** Source sample at `contextTime`, fractional. */
  readonly sample: number;
  /** Source samples per second from `contextTime` on; 0 before the start, during an underrun and after the end. */
  readonly samplesPerSecond: number;
  readonly state: 'waiting' | 'playing' | 'holding' | 'ended';
  /** How far the voice is behind the room, in ms. */
  readonly lagMs: number;
  /** Times that the voice ran out of sound. */
  readonly underruns: number;
  /** Sound that is decoded and not played yet, in ms. */
  readonly bufferedMs: number;
}

/**
 * Registers the processor that plays utterances by sample index. Sound is resampled by a windowed sinc; a voice that
 * runs out of sound holds its breath, then catches up by playing up to 4 % faster, so that it stays in step with the
 * room; one that fell far behind jumps.
 */
export function playerWorklet(): void {
  /** Samples of a voice that are kept; the main thread sends no more than 4 s ahead. A power of two. */
  const ringSize = 1 << 17;
  /** Taps of the resampling filter, and its phases, between which it interpolates. */
  const taps = 16;
  const half = taps / 2;
  const phases = 128;
  /** A voice closer to the room than this is in step. */
  const inStepSeconds = 0.008;
  const fastest = 0.04;
  const slowest = -0.02;
  /** A voice further behind than this jumps. */
  const jumpSeconds = 1;
  /** Sound that must be there before a held voice goes on; it grows with every underrun, up to a limit. */
  const reserveSeconds = 0.06;
  const reserveGrowthSeconds = 0.08;
  const reserveLimitSeconds = 0.4;
  /** Sound beyond the reserve that lets a voice catch up. */
  const comfortSeconds = 0.1;
  /** A held voice whose sound does not come is given up after this. */
  const abandonSeconds = 5;
  /** The voice fades over this before it runs dry and after it resumes. */
  const edgeSeconds = 0.005;
  /** Render quanta between reports: 21 ms at 48 kHz. */
  const quantaPerReport = 8;

  const filters = new Map<number, Float32Array>();

  /** Kaiser-windowed sinc, one row of taps for each phase. */
  const filterFor = (rateHz: number): Float32Array => {
    const known = filters.get(rateHz);
    if (known) return known;
    const cutoff = Math.min(1, sampleRate / rateHz) * 0.94;
    const beta = 7;
    const bessel = (x: number): number => {
      let sum = 1;
      let term = 1;
      for (let k = 1; k < 30; k++) {
        term *= (x / (2 * k)) ** 2;
        sum += term;
      }
      return sum;
    };
    const filter = new Float32Array((phases + 1) * taps);
    for (let phase = 0; phase <= phases; phase++) {
      let sum = 0;
      for (let tap = 0; tap < taps; tap++) {
        const x = tap - half + 1 - phase / phases;
        const sinc = x === 0 ? cutoff : Math.sin(Math.PI * cutoff * x) / (Math.PI * x);
        const at = x / half;
        const window = Math.abs(at) >= 1 ? 0 : bessel(beta * Math.sqrt(1 - at * at)) / bessel(beta);
        filter[phase * taps + tap] = sinc * window;
        sum += sinc * window;
      }
      for (let tap = 0; tap < taps; tap++) filter[phase * taps + tap] /= sum;
    }
    filters.set(rateHz, filter);
    return filter;
  };

  // Closures instead of class fields: a bundler that lowers fields would call a function outside this text.
  const createVoice = (utterance: number, startTime: number, rateHz: number) => {
    const ring = new Float32Array(ringSize);
    const mask = ringSize - 1;
    const filter = filterFor(rateHz);
    const edge = edgeSeconds * rateHz;
    let state: PlayerReport['state'] = 'waiting';
    /** Next source sample to play, fractional. */
    let position = 0;
    let speed = 1;
    let underruns = 0;
    let heldSince = 0;
    let firstSample = -1;
    let filled = 0;
    let endSample = Number.POSITIVE_INFINITY;
    let fadeSamples = 0;
    let gain = 1;

    const isWhole = (): boolean => filled >= endSample;
    const buffered = (): number => Math.max(0, filled - position);
    const lagSeconds = (time: number): number => time - startTime - position / rateHz;
    const reserve = (): number =>
      Math.min(reserveLimitSeconds, reserveSeconds + reserveGrowthSeconds * underruns) * rateHz;
    const isComfortable = (): boolean => isWhole() || buffered() > reserve() + comfortSeconds * rateHz;

    const start = (time: number, quantumSeconds: number): void => {
      if (endSample <= 0) {
        state = 'ended';
        return;
      }
      if (firstSample < 0 || time + quantumSeconds <= startTime) return;
      const wanted = (time - startTime) * rateHz;
      // Who came late to the room enters in step; who merely got the first block late hears all of it.
      const late = wanted > jumpSeconds * rateHz || firstSample > 0;
      if (late && wanted >= filled && !isWhole()) return;
      position = late ? Math.max(wanted, firstSample) : Math.min(wanted, 0);
      gain = position > 0 ? 0 : 1;
      state = 'playing';
    };

    const chooseSpeed = (time: number): void => {
      const lag = lagSeconds(time);
      if (lag > jumpSeconds && filled > position + lag * rateHz + reserve()) {
        position += lag * rateHz;
        gain = 0;
        speed = 1;
      } else if (Math.abs(lag) < inStepSeconds || (lag > 0 && !isComfortable())) {
        speed = 1;
      } else {
        speed = 1 + Math.min(fastest, Math.max(slowest, lag * 0.5));
      }
    };

    const interpolated = (at: number): number => {
      const whole = Math.floor(at);
      const phase = (at - whole) * phases;
      const row = Math.floor(phase);
      const t = phase - row;
      const a = row * taps;
      let sum = 0;
      for (let tap = 0; tap < taps; tap++) {
        const index = whole + tap - half + 1;
        if (index < firstSample) continue;
        sum += (filter[a + tap] + (filter[a + taps + tap] - filter[a + tap]) * t) * ring[index & mask];
      }
      return sum;
    };

    return {
      utterance,
      state: () => state,
      align(time: number): void {
        startTime = time;
      },
      write(startSample: number, pcm: Float32Array): void {
        if (firstSample < 0) {
          firstSample = startSample;
          filled = startSample;
        }
        for (; filled < startSample; filled++) ring[filled & mask] = 0;
        for (let i = Math.max(0, filled - startSample); i < pcm.length; i++) ring[filled++ & mask] = pcm[i];
        for (let i = 0; i < taps; i++) ring[(filled + i) & mask] = 0;
      },
      end(sample: number, fade: number): void {
        if (sample > endSample) return;
        endSample = sample;
        fadeSamples = fade;
      },
      /** Decides before each quantum whether and how fast the voice plays; returns whether that changed. */
      prepare(time: number, quantumSeconds: number): boolean {
        const stateBefore = state;
        const speedBefore = speed;
        if (state === 'waiting') start(time, quantumSeconds);
        if (state === 'holding') {
          if (isWhole() || buffered() >= reserve()) state = 'playing';
          else if (time - heldSince > abandonSeconds) state = 'ended';
        }
        if (state === 'playing') chooseSpeed(time);
        return state !== stateBefore || Math.abs(speed - speedBefore) > 0.005;
      },
      /** Adds the voice to `out`; returns whether it still plays. */
      render(out: Float32Array, time: number): boolean {
        const step = (rateHz / sampleRate) * speed;
        for (let i = 0; i < out.length; i++) {
          const left = endSample - position;
          if (left <= 0) {
            state = 'ended';
            return false;
          }
          const ahead = isWhole() ? edge : filled - half - position;
          if (ahead <= 0) {
            state = 'holding';
            heldSince = time;
            underruns++;
            gain = 0;
            return false;
          }
          gain = Math.min(1, gain + step / edge, ahead / edge);
          const fade = left < fadeSamples ? left / fadeSamples : 1;
          if (position >= 0) out[i] += gain * fade * interpolated(position);
          position += step;
        }
        return true;
      },
      report(contextTime: number): PlayerReport {
        return {
          utterance,
          contextTime,
          sample: position,
          samplesPerSecond: state === 'playing' ? rateHz * speed : 0,
          state,
          lagMs: lagSeconds(contextTime) * 1000,
          underruns,
          bufferedMs: (buffered() * 1000) / rateHz,
        };
      },
    };
  };

  class Player extends AudioWorkletProcessor {
    declare run: (outputs: Float32Array[][]) => boolean;

    constructor() {
      super();
      let voices: ReturnType<typeof createVoice>[] = [];
      let open = true;
      let quanta = 0;
      const port = this.port;

      port.onmessage = ({ data }: MessageEvent<PlayerRequest>): void => {
        if (data.type === 'close') {
          open = false;
          voices = [];
          return;
        }
        if (data.type === 'begin') {
          voices.push(createVoice(data.utterance, data.startTime, data.rateHz));
          return;
        }
        const voice = voices.find(({ utterance }) => utterance === data.utterance);
        if (!voice) return;
        if (data.type === 'align') voice.align(data.startTime);
        else if (data.type === 'samples') voice.write(data.startSample, data.pcm);
        else voice.end(data.endSample, data.fadeSamples);
      };

      this.run = (outputs) => {
        const out = outputs[0]?.[0];
        if (!out) return open;
        const due = quanta++ % quantaPerReport === 0;
        const quantumSeconds = out.length / sampleRate;
        for (let i = 0; i < voices.length; i++) {
          const voice = voices[i];
          const changed = voice.prepare(currentTime, quantumSeconds);
          if (changed || due) port.postMessage(voice.report(currentTime));
          if (voice.state() === 'playing' && !voice.render(out, currentTime)) {
            port.postMessage(voice.report(currentTime + quantumSeconds));
          }
          if (voice.state() === 'ended') voices.splice(i--, 1);
        }
        return open;
      };
    }

    process(_inputs: unknown, outputs: Float32Array[][]): boolean {
      return this.run(outputs);
    }
  }

  registerProcessor('parley-speech-player', Player);
}
