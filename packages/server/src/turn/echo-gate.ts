import { BAND_FRAME_SAMPLES, BANDS, BandAnalyser } from './band-analyser.ts';
import { PLAYED_FRAME_MS, type PlayedVoices } from './played-voices.ts';

/** Longest way of a voice from the room's clock through loudspeaker, air, microphone and network, in frames: 900 ms. */
const DELAYS = 45;
/** Frames that are compared at once: 640 ms. */
const COMPARED = 32;
/** Frames kept. */
const KEPT = 256;
/** How often the delay is looked for while something plays, in frames; more often while nothing is known. */
const LOOK_EVERY = 5;
const LOOK_FIRST_EVERY = 2;
/** Correlation above which the microphone may hear what is played: an echo has .9 to .99, another voice seldom .7. */
const HEARS = 0.8;
/** Correlation that is believed at once; a doubtful one needs two more that agree. */
const HEARS_SURELY = 0.9;
const AGREEING = 3;
/** Correlation below which a few frames tell already that it is something else. */
const HEARS_NOT = 0.55;
/** Frames with sound that a comparison needs, and those that can tell an echo: onsets alone are all alike. */
const LEAST_SOUNDING = 6;
const ENOUGH_SOUNDING = 12;
/** Frames that are looked at for doubts: 400 ms, as a voice over the echo comes and goes sooner than a delay. */
const DOUBTED = 20;
/** Below this correlation at the known delay the sound is not, or not only, an echo. */
const NO_ECHO = 0.45;
/** Comparisons without an echo after which the delay is forgotten: 2.5 s of somebody else's voice. */
const FORGETS_AFTER = 25;
/** A band is somebody's own voice where it is this much above the echo to be expected, dB. */
const ABOVE_ECHO_DB = 8;
/** Bands above the expected echo that make a frame somebody's own. */
const OWN_BANDS = 4;
/** Decay of the room after a played sound, dB a frame: a reverberation time of 0.5 s. */
const DECAY_DB = 2.4;
/** Memory of the decision, in frames. */
const DECISION_FRAMES = 8;
/** Share of own frames that opens the gate, and below which it closes again. */
const OPENS = 0.45;
const CLOSES = 0.15;
/** Once open the gate stays so for a while, as a voice has gaps: 400 ms. */
const HELD_FRAMES = 20;
/** Floor of all levels, dB. */
const FLOOR_DB = -90;
/** A microphone frame must be this much above its own silence to say anything, dB. */
const ABOVE_SILENCE_DB = 8;
/** Before the first comparison was possible, sound that begins this soon after the NPC's is taken for its echo, ms. */
const UNKNOWN_MS = 400;
/** A microphone that stays silent for this long of what is played hears nothing of it, in frames: 500 ms. */
const DEAF_FRAMES = 25;
/** The clock's offset is the smallest of this time, ms. */
const OFFSET_MS = 4_000;

/**
 * Tells whether a microphone hears the NPCs' own voices, beside the echo cancellation of browsers. It compares the
 * microphone's band levels with those that are played, over all likely delays (normalised cross-correlation of log
 * spectra); once the delay is known, what rises above the echo to be expected in several bands is the visitor's own voice.
 * It costs nothing while nobody speaks, and about 1 % of a core while an NPC does.
 */
export class EchoGate {
  readonly #played: PlayedVoices;
  readonly #analyser = new BandAnalyser();
  readonly #expected = new Float32Array(BANDS).fill(FLOOR_DB);
  readonly #bands = new Float32Array(BANDS);
  readonly #gainDb = new Float32Array(BANDS);
  /** Levels of the microphone by frame, and of what was played when it came, dB; rings. */
  readonly #microphone = Array.from({ length: KEPT }, () => new Float32Array(BANDS).fill(FLOOR_DB));
  readonly #reference = Array.from({ length: KEPT + DELAYS }, () => new Float32Array(BANDS).fill(FLOOR_DB));
  readonly #echo = new Uint8Array(KEPT);
  readonly #own: number[] = [];
  #frame = 0;
  #samples = 0;
  #offsetMs = Number.POSITIVE_INFINITY;
  #nextOffsetMs = Number.POSITIVE_INFINITY;
  #offsetSinceMs = 0;
  #delay: number | null = null;
  #candidate = -1;
  #agreements = 0;
  #misses = 0;
  #comparisons = 0;
  #silenceDb = -60;
  #open = false;
  #openedFrame = 0;
  #playingFrames = 0;
  /** Frames in a row in which something played and the microphone was silent. */
  #deafFrames = 0;
  #correlation = 0;

  constructor(played: PlayedVoices) {
    this.#played = played;
  }

  /** How late the microphone hears the NPCs, ms; null while it does not. */
  get delayMs(): number | null {
    return this.#delay === null ? null : this.#delay * PLAYED_FRAME_MS;
  }

  /** Highest correlation of the last comparison, for display. */
  get correlation(): number {
    return this.#correlation;
  }

  /** A new capture begins: samples count from 0 again. What is known of the echo stays. */
  reset(): void {
    this.#analyser.reset();
    this.#frame = 0;
    this.#samples = 0;
    this.#offsetMs = Number.POSITIVE_INFINITY;
    this.#nextOffsetMs = Number.POSITIVE_INFINITY;
    this.#own.length = 0;
    this.#open = false;
    this.#echo.fill(0);
  }

  /** Takes the next 16 kHz samples of the microphone. @param nowMs The room clock at their arrival. */
  receive(pcm: Float32Array, nowMs: number): void {
    this.#samples += pcm.length;
    this.#track(nowMs - this.#samples / 16, nowMs);
    for (const bands of this.#analyser.push(pcm)) this.#judge(bands);
  }

  /** Whether what the microphone hears at a sample is an NPC's voice and nothing else. */
  isEcho(sample: number): boolean {
    const frame = Math.min(this.#frame - 1, Math.floor(sample / BAND_FRAME_SAMPLES) + 1);
    return frame >= 0 && frame > this.#frame - KEPT && this.#echo[frame % KEPT] === 1;
  }

  /** Arrivals jitter upwards only, so the earliest tell the clock. */
  #track(offsetMs: number, nowMs: number): void {
    this.#offsetMs = Math.min(this.#offsetMs, offsetMs);
    this.#nextOffsetMs = Math.min(this.#nextOffsetMs, offsetMs);
    if (nowMs - this.#offsetSinceMs < OFFSET_MS) return;
    this.#offsetSinceMs = nowMs;
    this.#offsetMs = this.#nextOffsetMs;
    this.#nextOffsetMs = offsetMs;
  }

  #judge(bands: Float32Array): void {
    const frame = this.#frame++;
    const levels = this.#microphone[frame % KEPT];
    let loudest = FLOOR_DB;
    for (let band = 0; band < BANDS; band++) {
      levels[band] = decibels(bands[band]);
      loudest = Math.max(loudest, levels[band]);
    }
    const roomMs = this.#offsetMs + frame * PLAYED_FRAME_MS;
    const plays = this.#played.playsWithin(roomMs - DELAYS * PLAYED_FRAME_MS, roomMs + PLAYED_FRAME_MS);
    const reference = this.#reference[frame % this.#reference.length];
    if (plays) {
      this.#played.read(roomMs, this.#bands);
      for (let band = 0; band < BANDS; band++) reference[band] = decibels(this.#bands[band]);
      this.#playingFrames++;
      this.#deafFrames = loudest > this.#silenceDb + ABOVE_SILENCE_DB ? 0 : this.#deafFrames + 1;
      if (this.#deafFrames > DEAF_FRAMES) this.#comparisons++;
    } else {
      reference.fill(FLOOR_DB);
      this.#playingFrames = 0;
      this.#deafFrames = 0;
      this.#open = false;
      // The quiet moments tell the level of silence.
      this.#silenceDb += (Math.min(loudest, this.#silenceDb + 1) - this.#silenceDb) * 0.1;
    }
    const every = this.#delay === null && this.#comparisons === 0 ? LOOK_FIRST_EVERY : LOOK_EVERY;
    if (plays && frame % every === 0) this.#compare(frame);
    this.#echo[frame % KEPT] = plays && this.#isEchoNow(frame, levels, loudest) ? 1 : 0;
  }

  #isEchoNow(frame: number, levels: Float32Array, loudest: number): boolean {
    if (this.#delay === null) {
      // Until a comparison was possible the benefit of the doubt is the NPC's, as it would stop itself otherwise.
      const unknown =
        this.#comparisons === 0 &&
        this.#playingFrames * PLAYED_FRAME_MS < DELAYS * PLAYED_FRAME_MS + UNKNOWN_MS;
      return (unknown || this.#candidate >= 0) && this.#hasPlayedLately(frame);
    }
    let own = 0;
    for (let band = 0; band < BANDS; band++) {
      let played = FLOOR_DB;
      for (let spread = -1; spread <= 1; spread++)
        played = Math.max(played, this.#referenceAt(frame - this.#delay - spread, band));
      const expected = Math.max(played + this.#gainDb[band], this.#expected[band] - DECAY_DB);
      this.#expected[band] = expected;
      if (levels[band] > Math.max(expected + ABOVE_ECHO_DB, this.#silenceDb + ABOVE_SILENCE_DB)) own++;
    }
    if (loudest > this.#silenceDb + ABOVE_SILENCE_DB) {
      this.#own.push(own >= OWN_BANDS ? 1 : 0);
      if (this.#own.length > DECISION_FRAMES) this.#own.shift();
    }
    let share = 0;
    for (const value of this.#own) share += value;
    share /= DECISION_FRAMES;
    if (share >= OPENS) {
      if (!this.#open) this.#openedFrame = frame;
      this.#open = true;
    } else if (share <= CLOSES && frame - this.#openedFrame >= HELD_FRAMES) this.#open = false;
    return !this.#open;
  }

  #hasPlayedLately(frame: number): boolean {
    for (let back = 0; back < DELAYS; back++)
      for (let band = 0; band < BANDS; band++) if (this.#referenceAt(frame - back, band) > -60) return true;
    return false;
  }

  #referenceAt(frame: number, band: number): number {
    if (frame < 0 || frame >= this.#frame || frame <= this.#frame - this.#reference.length) return FLOOR_DB;
    return this.#reference[frame % this.#reference.length][band];
  }

  /** Looks for the delay at which microphone and played voices agree best. */
  #compare(frame: number): void {
    const first = Math.max(0, frame - COMPARED + 1);
    let sounding = 0;
    for (let at = first; at <= frame; at++) {
      const levels = this.#microphone[at % KEPT];
      let loudest = FLOOR_DB;
      for (let band = 0; band < BANDS; band++) loudest = Math.max(loudest, levels[band]);
      if (loudest > this.#silenceDb + ABOVE_SILENCE_DB) sounding++;
    }
    if (sounding < LEAST_SOUNDING) return;
    let best = 0;
    let bestDelay = -1;
    for (let delay = 0; delay < DELAYS; delay++) {
      const correlation = this.#correlate(first, frame, delay);
      if (correlation <= best) continue;
      best = correlation;
      bestDelay = delay;
    }
    this.#correlation = best;
    if (sounding >= ENOUGH_SOUNDING || best < HEARS_NOT) this.#comparisons++;
    if (this.#delay !== null && sounding >= ENOUGH_SOUNDING && this.#doubtsDelay(first, frame)) return;
    if (best < HEARS || sounding < ENOUGH_SOUNDING) {
      this.#candidate = -1;
      this.#agreements = 0;
      return;
    }
    const same = this.#candidate >= 0 && Math.abs(bestDelay - this.#candidate) <= 1;
    this.#agreements = same ? this.#agreements + 1 : 1;
    this.#candidate = bestDelay;
    const agrees = this.#agreements >= AGREEING;
    if (this.#delay === null) {
      // The first that is clear enough is believed; a doubtful one needs a second.
      if (best < HEARS_SURELY && !agrees) return;
      this.#delay = bestDelay;
      this.#learnGain(first, frame, bestDelay, 1);
      for (let at = first; at <= frame; at++) this.#echo[at % KEPT] = 1;
    } else {
      if (agrees) this.#delay = bestDelay;
      if (Math.abs(bestDelay - this.#delay) <= 1) this.#learnGain(first, frame, bestDelay, 0.2);
    }
  }

  /** Whether what is heard does not follow what is played at the known delay; such sound passes. */
  #doubtsDelay(first: number, frame: number): boolean {
    const delay = this.#delay ?? 0;
    const from = Math.max(first, frame - DOUBTED + 1);
    let known = 0;
    for (let spread = -1; spread <= 1; spread++)
      if (delay + spread >= 0) known = Math.max(known, this.#correlate(from, frame, delay + spread));
    if (known >= NO_ECHO) {
      this.#misses = 0;
      return false;
    }
    if (!this.#open) this.#openedFrame = frame;
    this.#open = true;
    if (++this.#misses > FORGETS_AFTER) {
      this.#delay = null;
      this.#candidate = -1;
      this.#agreements = 0;
      this.#misses = 0;
    }
    return true;
  }

  /** Normalised cross-correlation of log band levels, each band about its own mean. */
  #correlate(first: number, last: number, delay: number): number {
    let cross = 0;
    let mine = 0;
    let theirs = 0;
    const count = last - first + 1;
    for (let band = 0; band < BANDS; band++) {
      let sumX = 0;
      let sumY = 0;
      let sumXY = 0;
      let sumXX = 0;
      let sumYY = 0;
      const silence = this.#silenceDb;
      for (let at = first; at <= last; at++) {
        const x = Math.max(silence, this.#microphone[at % KEPT][band]);
        const y = Math.max(-70, this.#referenceAt(at - delay, band));
        sumX += x;
        sumY += y;
        sumXY += x * y;
        sumXX += x * x;
        sumYY += y * y;
      }
      cross += sumXY - (sumX * sumY) / count;
      mine += sumXX - (sumX * sumX) / count;
      theirs += sumYY - (sumY * sumY) / count;
    }
    return mine > 0 && theirs > 0 ? cross / Math.sqrt(mine * theirs) : 0;
  }

  /** Level of the echo against what is played, band by band. */
  #learnGain(first: number, last: number, delay: number, share: number): void {
    for (let band = 0; band < BANDS; band++) {
      const gains: number[] = [];
      for (let at = first; at <= last; at++) {
        const played = this.#referenceAt(at - delay, band);
        if (played > -50) gains.push(this.#microphone[at % KEPT][band] - played);
      }
      if (gains.length < 4) {
        if (share === 1) this.#gainDb[band] = 0;
        continue;
      }
      gains.sort((a, b) => a - b);
      const gain = gains[Math.floor(gains.length * 0.6)];
      this.#gainDb[band] += (gain - this.#gainDb[band]) * share;
    }
  }
}

function decibels(power: number): number {
  return power > 1e-9 ? 10 * Math.log10(power) : FLOOR_DB;
}
