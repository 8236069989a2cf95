/** Zero crossings of the sinc on each side: -80 dB of aliasing with the window below. */
const HALF_WIDTH = 24;
const KAISER_BETA = 8;
/** The pass band's share of the lower of the two Nyquist frequencies. */
const PASS_SHARE = 0.93;

/**
 * Changes the sample rate of a stream by a rational factor with a windowed sinc, one filter for each of the output's
 * phases (Crochiere and Rabiner 1983, "Multirate Digital Signal Processing"). Output sample k is the input at time
 * k / outputRate, without delay; `push` holds back what still needs future input, and `flush` ends the stream.
 */
export class Resampler {
  readonly #up: number;
  readonly #down: number;
  readonly #taps: number;
  readonly #filters: readonly Float32Array[];
  /** Input that is still needed, oldest first; it begins with the zeros before the stream. */
  #history: Float32Array;
  #length: number;
  /** Input index of `#history[0]`. */
  #startSample: number;
  #inputSamples = 0;
  #outputSamples = 0;

  /** @param inputRateHz,outputRateHz Positive integers. */
  constructor(inputRateHz: number, outputRateHz: number) {
    if (
      !Number.isInteger(inputRateHz) ||
      !Number.isInteger(outputRateHz) ||
      inputRateHz < 1 ||
      outputRateHz < 1
    ) {
      throw new RangeError(`Sample rates must be positive integers, not ${inputRateHz} and ${outputRateHz}.`);
    }
    const divisor = greatestCommonDivisor(inputRateHz, outputRateHz);
    this.#up = outputRateHz / divisor;
    this.#down = inputRateHz / divisor;
    const cutoff = PASS_SHARE * Math.min(1, this.#up / this.#down);
    const reach = this.#up === this.#down ? 0 : Math.ceil(HALF_WIDTH / cutoff);
    this.#taps = 2 * reach + 1;
    this.#filters = filtersFor(this.#up, reach, cutoff);
    this.#history = new Float32Array(Math.max(1024, 4 * this.#taps));
    this.#length = reach;
    this.#startSample = -reach;
  }

  /** @returns The output that is now known, possibly empty. */
  push(input: Float32Array): Float32Array {
    this.#append(input);
    this.#inputSamples += input.length;
    return this.#take(Number.POSITIVE_INFINITY);
  }

  /** @returns The rest: in all, the stream has `round(inputSamples · outputRate / inputRate)` samples. */
  flush(): Float32Array {
    this.#append(new Float32Array(this.#taps));
    return this.#take(Math.round((this.#inputSamples * this.#up) / this.#down));
  }

  #append(input: Float32Array): void {
    if (this.#length + input.length > this.#history.length) {
      const grown = new Float32Array(2 * (this.#length + input.length));
      grown.set(this.#history.subarray(0, this.#length));
      this.#history = grown;
    }
    this.#history.set(input, this.#length);
    this.#length += input.length;
  }

  #take(endSample: number): Float32Array {
    const taps = this.#taps;
    const reach = taps >> 1;
    const lastCentre = this.#startSample + this.#length - 1 - reach;
    const known = Math.floor(((lastCentre + 1) * this.#up - 1) / this.#down) + 1;
    const output = new Float32Array(Math.max(0, Math.min(known, endSample) - this.#outputSamples));
    for (let i = 0; i < output.length; i++) {
      const position = (this.#outputSamples + i) * this.#down;
      const centre = Math.floor(position / this.#up);
      const filter = this.#filters[position % this.#up]!;
      const from = centre - reach - this.#startSample;
      let sum = 0;
      for (let tap = 0; tap < taps; tap++) sum += this.#history[from + tap]! * filter[tap]!;
      output[i] = sum;
    }
    this.#outputSamples += output.length;
    this.#forget();
    return output;
  }

  #forget(): void {
    const nextCentre = Math.floor((this.#outputSamples * this.#down) / this.#up);
    const unneeded = Math.min(this.#length, nextCentre - (this.#taps >> 1) - this.#startSample);
    if (unneeded <= 0) return;
    this.#history.copyWithin(0, unneeded, this.#length);
    this.#length -= unneeded;
    this.#startSample += unneeded;
  }
}

/** A whole signal at another rate; see `Resampler`. */
export function resample(input: Float32Array, inputRateHz: number, outputRateHz: number): Float32Array {
  const resampler = new Resampler(inputRateHz, outputRateHz);
  const body = resampler.push(input);
  const tail = resampler.flush();
  const output = new Float32Array(body.length + tail.length);
  output.set(body);
  output.set(tail, body.length);
  return output;
}

/** Filters of the ratios in use: a voice is resampled clause by clause, and they take longer to make than to apply. */
const FILTERS = new Map<string, readonly Float32Array[]>();
const MOST_RATIOS = 16;

function filtersFor(phases: number, reach: number, cutoff: number): readonly Float32Array[] {
  const key = `${phases} ${cutoff}`;
  const known = FILTERS.get(key);
  if (known) return known;
  const filters = Array.from({ length: phases }, (_, phase) => makeFilter(phase / phases, reach, cutoff));
  if (FILTERS.size >= MOST_RATIOS) FILTERS.clear();
  FILTERS.set(key, filters);
  return filters;
}

/** Taps for an output sample `fraction` of an input sample after the centre tap, scaled to unit gain at 0 Hz. */
function makeFilter(fraction: number, reach: number, cutoff: number): Float32Array {
  const taps = new Float64Array(2 * reach + 1);
  if (reach === 0) return Float32Array.of(1);
  let sum = 0;
  for (let tap = 0; tap < taps.length; tap++) {
    const distance = tap - reach - fraction;
    const inside = 1 - (distance / (reach + 1)) ** 2;
    const window = inside <= 0 ? 0 : besselI0(KAISER_BETA * Math.sqrt(inside)) / besselI0(KAISER_BETA);
    const angle = Math.PI * cutoff * distance;
    taps[tap] = window * (angle === 0 ? 1 : Math.sin(angle) / angle);
    sum += taps[tap]!;
  }
  return Float32Array.from(taps, (tap) => tap / sum);
}

/** Modified Bessel function of the first kind, order 0, for the Kaiser window. */
function besselI0(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > 1e-12 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
