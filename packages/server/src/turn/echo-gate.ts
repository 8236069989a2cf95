import { resample } from '../engines/resample.ts';
import { ArrivalClock } from './arrival-clock.ts';
import { decibels } from './decibels.ts';
import { EchoFinder } from './echo-finder.ts';
import { EchoFree, type OwnSound } from './echo-free.ts';
import { EchoSearch } from './echo-search.ts';
import { ExpectedEcho } from './expected-echo.ts';
import { meanSquare } from './mean-square.ts';
import { OwnHiss } from './own-hiss.ts';
import {
  COMPARED_FRAME,
  COMPARED_RATE_HZ,
  ComparedSignal,
  type PlayedVoices,
  PRE_EMPHASIS,
} from './played-voices.ts';
import { PossibleDelays } from './possible-delays.ts';

/**
 * What a microphone hears at some moment: an NPC's voice and nothing else, something of the visitor's own, or it cannot be told
 * before a few hundredths of a second more are heard.
 */
export type EchoVerdict = 'echo' | 'own' | 'undecided';

const FRAME_MS = 20;
const FRAME = COMPARED_FRAME;
/** Samples kept of the microphone and of what is played: what is searched, and what is compared. */
const KEPT = EchoSearch.span + 2 * FRAME + ExpectedEcho.reach;
/** Frames whose verdict is kept. */
const VERDICTS = 256;
/** Frames that are undecided at most, those of the longest search and some silence. */
const UNDECIDED_FRAMES = 64;
/** What has played this long ago may still be heard, ms. */
const LINGERS_MS = 840;
/** A microphone frame must be this much above its own silence to say anything, dB. */
const ABOVE_SILENCE_DB = 8;
/** Silent frames after which sound begins anew. */
const GAP_FRAMES = 8;
/** A microphone that stays silent for so many frames of what is played hears nothing of it: 500 ms. */
const DEAF_FRAMES = 25;
/** Loud frames of which at least one is heard where there is an echo. */
const TELLING_FRAMES = 5;
/** What is played must be this loud for that, -40 dB, and must have been so for the longest delay of an echo, in samples. */
const LOUD_POWER = 1e-4;
const LONGEST_DELAY = (800 * COMPARED_RATE_HZ) / 1000;
/** Memory of the decision, in frames, and how many of them open the gate or let it close. */
const DECISION_FRAMES = 5;
const OPENS = 3;
const CLOSES = 0;
/** Once open the gate stays so for a while, as a voice has gaps: 300 ms. */
const HELD_FRAMES = 15;
/** Frames after a visitor's "s" in which a vowel is expected: 200 ms. */
const HISS_HELD_FRAMES = 10;
/** While it is open the echo is looked for elsewhere, in frames; after so much of somebody else's voice it is forgotten: 3 s. */
const DOUBT_EVERY = 10;
const FORGETS_AFTER = 150;

/**
 * Tells whether a microphone hears the NPCs' own voices, beside the echo cancellation of browsers. It looks for what is played in what is
 * heard (cross-correlation over all likely delays), learns what the room makes of it, and takes for the visitor's own what the echo to be
 * expected does not explain. All of it counts samples, so that a late process decides as a timely one would. It costs next to
 * nothing while nobody speaks, and some 3 % of a core while an NPC is heard.
 */
export class EchoGate {
  readonly #played: PlayedVoices;
  readonly #finder = new EchoFinder();
  readonly #echo = new ExpectedEcho();
  readonly #clock = new ArrivalClock();
  readonly #hiss: OwnHiss;
  readonly #free = new EchoFree();
  readonly #possible = new PossibleDelays();
  #signal = new ComparedSignal(16_000);
  readonly #heard = new Float32Array(KEPT);
  readonly #reference = new Float32Array(KEPT);
  readonly #partial = new Float32Array(FRAME);
  #partialSamples = 0;
  readonly #verdicts: EchoVerdict[] = new Array(VERDICTS).fill('own');
  readonly #own: boolean[] = [];
  #frame = 0;
  #samples = 0;
  /** Room clock at the microphone's sample 0 as long as something plays, ms; null in silence. */
  #anchorMs: number | null = null;
  #lastAnchorMs: number | null = null;
  /** Delay of the echo, in samples; null while none is known. */
  #delay: number | null = null;
  /** Whether the delay has been confirmed since the NPCs began to speak. */
  #aligned = false;
  #silenceDb = -60;
  #soundFrames = 0;
  #silentFrames = 0;
  /** What the sound under way is taken for. */
  #sound: EchoVerdict = 'undecided';
  #deaf = false;
  #deafFrames = 0;
  #loudFrames = 0;
  #loudSinceFrame = Number.POSITIVE_INFINITY;
  #unheardMs = 0;
  #openedFrame = 0;
  #hissFrame = Number.NEGATIVE_INFINITY;
  #foreignFrames = 0;

  constructor(played: PlayedVoices) {
    this.#played = played;
    this.#hiss = new OwnHiss(played);
  }

  /** How late the microphone hears the NPCs, ms; null while it does not. */
  get delayMs(): number | null {
    return this.#delay === null ? null : (this.#delay * 1000) / COMPARED_RATE_HZ;
  }

  /** A new capture begins: samples count from 0 again. What is known of the echo stays, but for its exact delay. */
  reset(): void {
    this.#signal = new ComparedSignal(16_000);
    this.#hiss.reset();
    this.#free.reset();
    this.#partialSamples = 0;
    this.#frame = 0;
    this.#hissFrame = Number.NEGATIVE_INFINITY;
    this.#samples = 0;
    this.#clock.reset();
    this.#anchorMs = null;
    this.#lastAnchorMs = null;
    this.#verdicts.fill('own');
    this.#heard.fill(0);
    this.#reference.fill(0);
    this.#beginUtterance();
  }

  /** Takes the next 16 kHz samples of the microphone. @param nowMs The room clock at their arrival. */
  receive(pcm: Float32Array, nowMs: number): void {
    this.#samples += pcm.length;
    this.#clock.track(nowMs - this.#samples / 16, nowMs);
    this.#hiss.receive(pcm);
    const signal = this.#signal.push(pcm);
    for (let from = 0; from < signal.length; ) {
      const count = Math.min(FRAME - this.#partialSamples, signal.length - from);
      this.#partial.set(signal.subarray(from, from + count), this.#partialSamples);
      from += count;
      this.#partialSamples += count;
      if (this.#partialSamples < FRAME) break;
      this.#partialSamples = 0;
      this.#judge(this.#partial);
    }
  }

  /** What the microphone hears at a sample of its 16 kHz clock, as far as is known by now. */
  verdict(sample: number): EchoVerdict {
    const frame = Math.min(this.#frame - 1, Math.floor(sample / (2 * FRAME)) + 1);
    return frame >= 0 && frame > this.#frame - VERDICTS ? this.#verdicts[frame % VERDICTS] : 'own';
  }

  /**
   * What the visitor utters between two samples of the 16 kHz clock, as far as the echo can be taken from it; null where there is no
   * echo.
   */
  ownSound(startSample: number, endSample: number): OwnSound | null {
    if (!this.#aligned || this.#delay === null || this.#anchorMs === null) return null;
    const start = Math.round(startSample / 2);
    const samples = Math.round(endSample / 2) - start;
    return { pcm: this.#free.own(start, samples), left: this.#free.left(start, samples) };
  }

  /** Takes the echo, up to 4 kHz, from a piece of the microphone's 16 kHz sound, as far as it is known. @param startSample Of its clock. */
  withoutEcho(pcm: Float32Array, startSample: number): Float32Array {
    const start = Math.floor(startSample / 2);
    const around = 64;
    const echo = this.#free.echo(start - around, Math.ceil(pcm.length / 2) + 2 * around);
    if (!echo.some((sample) => sample !== 0)) return pcm;
    const raised = resample(echo, COMPARED_RATE_HZ, 2 * COMPARED_RATE_HZ);
    const from = 2 * around + (startSample - 2 * start);
    return pcm.map((sample, i) => sample - raised[from + i]);
  }

  /** Room clock at a sample of the 16 kHz clock, ms. */
  roomMs(sample: number): number {
    return (this.#anchorMs ?? this.#clock.offsetMs) + sample / 16;
  }

  /** The microphone without the echo at 8 kHz, high frequencies raised, until a moment of the room's clock. */
  recent(untilMs: number, samples: number): Float32Array {
    const end = Math.round(((untilMs - (this.#anchorMs ?? this.#clock.offsetMs)) * COMPARED_RATE_HZ) / 1000);
    if (!Number.isFinite(end)) return new Float32Array(samples);
    const out = this.#free.own(end - samples, samples);
    for (let i = samples - 1; i > 0; i--) out[i] -= PRE_EMPHASIS * out[i - 1];
    return out;
  }

  #judge(signal: Float32Array): void {
    const frame = this.#frame++;
    this.#heard.copyWithin(0, FRAME);
    this.#heard.set(signal, KEPT - FRAME);
    const level = decibels(meanSquare(signal));
    const sounds = level > this.#silenceDb + ABOVE_SILENCE_DB;
    const roomMs = (this.#anchorMs ?? this.#clock.offsetMs) + frame * FRAME_MS;
    if (!this.#played.playsWithin(roomMs - LINGERS_MS, roomMs + FRAME_MS)) {
      if (this.#anchorMs !== null) this.#endUtterance();
      this.#silenceDb += (Math.min(level, this.#silenceDb + 1) - this.#silenceDb) * 0.1;
      this.#verdicts[frame % VERDICTS] = 'own';
      this.#hiss.pass();
      this.#free.push(signal, null, 0, false);
      return;
    }
    if (this.#anchorMs === null) this.#anchor();
    this.#reference.copyWithin(0, FRAME);
    this.#played.read((this.#anchorMs ?? 0) + frame * FRAME_MS, this.#reference.subarray(KEPT - FRAME));
    this.#possible.push(decibels(meanSquare(this.#reference.subarray(KEPT - FRAME))), level, sounds);
    this.#followSound(sounds);
    this.#followUnheard(sounds);
    this.#verdicts[frame % VERDICTS] = 'undecided';
    this.#echo.beginFrame();
    this.#decide(frame, level, sounds);
    const isOnlyEcho = this.#sound === 'echo';
    this.#free.push(signal, this.#echo.samples, this.#echo.share, isOnlyEcho);
    const delayMs = this.#aligned ? this.delayMs : null;
    const isEcho = this.#verdicts[frame % VERDICTS] === 'echo';
    const hisses = this.#hiss.judge(roomMs, delayMs, this.#unheardMs, isEcho);
    if (hisses) this.#hissFrame = frame;
    // What follows a visitor's "s" is the rest of the word, unless it is known to be an echo.
    const follows =
      frame - this.#hissFrame < HISS_HELD_FRAMES && this.#verdicts[frame % VERDICTS] === 'undecided';
    if (hisses || follows) this.#verdicts[frame % VERDICTS] = 'own';
  }

  /** The clock holds still while something plays, so that one delay fits all of it. */
  #anchor(): void {
    this.#anchorMs = this.#clock.offsetMs;
    if (this.#delay !== null && this.#lastAnchorMs !== null) {
      const shift = ((this.#anchorMs - this.#lastAnchorMs) * COMPARED_RATE_HZ) / 1000;
      this.#delay = Math.max(0, Math.round(this.#delay + shift));
    }
    this.#lastAnchorMs = this.#anchorMs;
    this.#reference.fill(0);
    this.#beginUtterance();
  }

  #beginUtterance(): void {
    this.#aligned = false;
    this.#finder.reset();
    this.#soundFrames = 0;
    this.#silentFrames = 0;
    this.#deafFrames = 0;
    this.#loudFrames = 0;
    this.#loudSinceFrame = Number.POSITIVE_INFINITY;
    this.#unheardMs = 0;
    this.#sound = 'undecided';
    this.#own.length = 0;
    this.#echo.beginUtterance();
    this.#possible.beginUtterance();
  }

  #endUtterance(): void {
    this.#anchorMs = null;
    this.#settle('own');
  }

  /** How late an echo would come at least, as nothing was heard of what was played so far. */
  #followUnheard(sounds: boolean): void {
    if (
      meanSquare(this.#reference.subarray(KEPT - FRAME)) > LOUD_POWER &&
      ++this.#loudFrames === TELLING_FRAMES
    )
      this.#loudSinceFrame = this.#frame;
    if (this.#deaf) this.#unheardMs = Number.POSITIVE_INFINITY;
    else if (!sounds) this.#unheardMs = Math.max(0, (this.#frame - this.#loudSinceFrame) * FRAME_MS);
  }

  /** How long the sound under way has lasted, and whether the microphone is deaf to what is played. */
  #followSound(sounds: boolean): void {
    if (sounds) {
      this.#soundFrames++;
      this.#silentFrames = 0;
      this.#deafFrames = 0;
      return;
    }
    if (++this.#silentFrames === GAP_FRAMES) {
      this.#soundFrames = 0;
      this.#finder.reset();
      this.#sound = 'undecided';
      this.#possible.beginSound();
    }
    const end = KEPT - (this.#delay ?? LONGEST_DELAY);
    if (
      meanSquare(this.#reference.subarray(end - FRAME, end)) > LOUD_POWER &&
      ++this.#deafFrames >= DEAF_FRAMES
    ) {
      this.#deaf = true;
      this.#delay = null;
      this.#forgetEcho();
    }
  }

  #decide(frame: number, level: number, sounds: boolean): void {
    if (!sounds) {
      if (this.#delay !== null) this.#echo.pass(this.#reference, this.#delay);
      // Silence asks for no decision, but a voice that has gaps goes on.
      if (this.#sound !== 'undecided') this.#settle(this.#sound);
      else if (this.#soundFrames === 0) this.#settle('echo');
      return;
    }
    if (this.#delay !== null && this.#aligned) this.#compare(frame, level, this.#delay);
    else if (this.#sound === 'undecided' && !this.#possible.any) this.#sound = 'own';
    else if (this.#sound === 'undecided' || frame % DOUBT_EVERY === 0) this.#look(frame);
    if (this.#sound === 'undecided' && this.#deaf && this.#delay === null) this.#sound = 'own';
    if (this.#sound === 'undecided' && this.#soundFrames > 2 * EchoFinder.most) this.#sound = 'own';
    if (this.#sound !== 'undecided') this.#settle(this.#sound);
  }

  /** All that was undecided is this. */
  #settle(verdict: EchoVerdict): void {
    for (let frame = this.#frame - 1; frame >= 0 && frame > this.#frame - UNDECIDED_FRAMES; frame--)
      if (this.#verdicts[frame % VERDICTS] === 'undecided') this.#verdicts[frame % VERDICTS] = verdict;
  }

  /** Looks for what is played in the sound under way. */
  #look(frame: number): void {
    const found = this.#finder.look(this.#heard, this.#reference, frame, this.#soundFrames, {
      delay: this.#delay,
      possible: this.#sound === 'undecided' ? this.#possible : null,
      deaf: this.#deaf,
    });
    if (found === 'none') this.#sound = 'own';
    else if (found !== null) this.#adopt(found);
  }

  #adopt(delay: number): void {
    if (this.#delay !== null && !EchoFinder.isNear(delay, this.#delay)) this.#forgetEcho();
    this.#delay = delay;
    this.#possible.find(delay);
    this.#aligned = true;
    this.#echo.find(this.#heard, this.#reference, delay, Math.min(this.#soundFrames, EchoFinder.most));
    this.#deaf = false;
    this.#sound = 'echo';
    this.#own.length = 0;
    this.#foreignFrames = 0;
  }

  /** Compares what is heard with the echo to be expected. */
  #compare(frame: number, level: number, delay: number): void {
    const own = this.#echo.compare(this.#heard, this.#reference, delay, level);
    if (this.#sound === 'echo' && !own) this.#echo.learn(this.#heard, this.#reference, delay);
    this.#own.push(own);
    if (this.#own.length > DECISION_FRAMES) this.#own.shift();
    const owns = this.#own.filter(Boolean).length;
    if (owns >= OPENS) {
      if (this.#sound !== 'own') this.#openedFrame = frame;
      this.#sound = 'own';
    } else if (owns <= CLOSES && (this.#sound !== 'own' || frame - this.#openedFrame >= HELD_FRAMES))
      this.#sound = 'echo';
    else if (this.#sound === 'undecided') this.#sound = 'echo';
    if (this.#sound === 'own') this.#doubt();
    else this.#foreignFrames = 0;
  }

  /** Whether the echo is elsewhere than was thought, or gone. */
  #doubt(): void {
    if (++this.#foreignFrames % DOUBT_EVERY !== 0) return;
    const delay = this.#finder.lookOnce(this.#heard, this.#reference);
    if (delay !== null) this.#adopt(delay);
    else if (this.#foreignFrames >= FORGETS_AFTER) {
      this.#delay = null;
      this.#aligned = false;
      this.#forgetEcho();
    }
  }

  #forgetEcho(): void {
    this.#echo.forget();
    this.#hiss.forget();
    this.#free.forget();
  }
}
