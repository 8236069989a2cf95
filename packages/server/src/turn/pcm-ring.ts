/** The last seconds of a PCM stream, addressed by the sample index since its start. */
export class PcmRing {
  readonly #ring: Float32Array;
  #end = 0;

  /** @param capacity Samples kept. */
  constructor(capacity: number) {
    this.#ring = new Float32Array(capacity);
  }

  /** Sample index after the newest sample. */
  get endSample(): number {
    return this.#end;
  }

  write(pcm: Float32Array): void {
    const ring = this.#ring;
    const tail = pcm.length > ring.length ? pcm.subarray(pcm.length - ring.length) : pcm;
    this.#end += pcm.length;
    const at = (this.#end - tail.length) % ring.length;
    const first = Math.min(tail.length, ring.length - at);
    ring.set(tail.subarray(0, first), at);
    ring.set(tail.subarray(first), 0);
  }

  /** A copy of the stretch, as much of it as is still kept. */
  read(startSample: number, endSample: number): Float32Array {
    const ring = this.#ring;
    const end = Math.min(endSample, this.#end);
    const start = Math.max(startSample, this.#end - ring.length, 0);
    const out = new Float32Array(Math.max(0, end - start));
    const at = start % ring.length;
    const first = Math.min(out.length, ring.length - at);
    out.set(ring.subarray(at, at + first));
    if (first < out.length) out.set(ring.subarray(0, out.length - first), first);
    return out;
  }
}
