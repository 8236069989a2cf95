import { type PhoneSymbol, SPEECH_RATE_HZ } from '@parley/sdk';
import type { PhonedAudio, TimedPhone } from '../contracts.ts';
import { arpabetOfIpa, hasSilentClosure } from './arpabet-of-ipa.ts';

/** A stretch of speech that holds one sound, or silence. */
export interface PhoneSpan {
  readonly symbol: PhoneSymbol;
  readonly stress: 0 | 1 | 2;
  readonly startSample: number;
  readonly endSample: number;
}

/** Whether a pause is silent is looked at every 10 ms, over 25 ms. */
const STEP_SAMPLES = SPEECH_RATE_HZ / 100;
const WINDOW_SAMPLES = SPEECH_RATE_HZ / 40;
/** Below the loud parts of the piece by this much is silence: 35 dB as an amplitude. */
const QUIET_RATIO = 10 ** (-35 / 20);
/** A shorter pause between two phones belongs to them. */
const SHORTEST_PAUSE_STEPS = 10;
/** The share of a pause that has to be quiet. */
const QUIET_SHARE = 0.7;
/** Before the burst of a stop that follows a pause, the mouth has closed already. */
const CLOSURE_STEPS = 6;

/**
 * What a piece of speech holds from its first to its last sample. Times between phones (spaces, punctuation, what the
 * engine gave no label) are silence where the sound is quiet for 100 ms or more, else they go to the neighbours; the
 * same rule labels the speech that the articulator was trained on (`models/data.py`).
 * @throws RangeError for phones whose times are no numbers or end before they start.
 */
export function phoneSpans({ pcm, phones }: PhonedAudio): PhoneSpan[] {
  const said = placed(phones, pcm.length);
  if (said.length === 0) return pcm.length === 0 ? [] : [silence(0, pcm.length)];
  const quiet = quietSteps(pcm);
  const spans: PhoneSpan[] = [];
  let before: PhoneSpan | undefined;
  for (const phone of said) {
    spans.push(...pause(before, phone, before?.endSample ?? 0, phone.startSample, quiet), phone);
    before = phone;
  }
  spans.push(...pause(before, undefined, before!.endSample, pcm.length, quiet));
  return spans.filter(({ startSample, endSample }) => endSample > startSample);
}

/** The phones within the piece, in order and without overlaps. */
function placed(phones: readonly TimedPhone[], length: number): PhoneSpan[] {
  const spans: PhoneSpan[] = [];
  for (const { phone, stress, startSample, endSample } of phones) {
    if (!Number.isFinite(startSample) || !Number.isFinite(endSample) || endSample < startSample)
      throw new RangeError(
        `The phone "${phone}" cannot last from sample ${startSample} to ${endSample}: give its start and its end.`,
      );
    const start = Math.min(length, Math.max(0, Math.round(startSample)));
    const end = Math.min(length, Math.max(0, Math.round(endSample)));
    const sounds = arpabetOfIpa(phone).filter(({ symbol }) => symbol !== 'sil');
    sounds.forEach((sound, i) => {
      const from = Math.round(start + ((end - start) * i) / sounds.length);
      const to = Math.round(start + ((end - start) * (i + 1)) / sounds.length);
      if (to > from)
        spans.push({
          symbol: sound.symbol,
          stress: stress !== undefined && isVowel(sound.symbol) ? stress : sound.stress,
          startSample: from,
          endSample: to,
        });
    });
  }
  return withoutOverlaps(spans);
}

function isVowel(symbol: PhoneSymbol): boolean {
  return /^[AEIOU]/.test(symbol);
}

/** Sorted by start; each ends where the next begins at the latest. */
function withoutOverlaps(spans: readonly PhoneSpan[]): PhoneSpan[] {
  const sorted = spans.toSorted((a, b) => a.startSample - b.startSample);
  return sorted
    .map((span, i) => {
      const next = sorted[i + 1]?.startSample ?? Number.POSITIVE_INFINITY;
      return { ...span, endSample: Math.min(span.endSample, next) };
    })
    .filter(({ startSample, endSample }) => endSample > startSample);
}

/** For each 10 ms of the piece, whether it is silent against the piece's loud parts. */
function quietSteps(pcm: Float32Array): boolean[] {
  const powers: number[] = [];
  for (let from = 0; from < pcm.length; from += STEP_SAMPLES) {
    let sum = 0;
    const end = Math.min(pcm.length, from + WINDOW_SAMPLES);
    for (let i = from; i < end; i++) sum += pcm[i]! ** 2;
    powers.push(sum / (end - from));
  }
  const loud = powers.toSorted((a, b) => a - b)[Math.floor(0.95 * (powers.length - 1))]!;
  return powers.map((power) => power <= loud * QUIET_RATIO ** 2);
}

/** What lies between two phones, or between a phone and an end of the piece. */
function pause(
  before: PhoneSpan | undefined,
  after: PhoneSpan | undefined,
  startSample: number,
  endSample: number,
  quiet: readonly boolean[],
): PhoneSpan[] {
  if (endSample <= startSample) return [];
  const from = Math.round(startSample / STEP_SAMPLES);
  const to = Math.min(quiet.length, Math.round(endSample / STEP_SAMPLES));
  const steps = quiet.slice(from, to);
  const first = steps.indexOf(true);
  const last = steps.lastIndexOf(true);
  // Steps of the pause that belong to the phone before, and where the silence ends.
  let silentFrom: number;
  let silentTo: number;
  if (!before) {
    silentFrom = 0;
    silentTo = steps.includes(false) ? last + 1 : steps.length;
  } else if (!after) {
    silentFrom = first < 0 ? steps.length : steps.includes(false) ? first : 0;
    silentTo = steps.length;
  } else {
    const share = steps.slice(first, last + 1).filter(Boolean).length / (last + 1 - first);
    const isPause = first >= 0 && last - first >= SHORTEST_PAUSE_STEPS && share > QUIET_SHARE;
    silentFrom = isPause ? first : steps.length / 2;
    silentTo = isPause ? last + 1 : steps.length / 2;
    if (isPause && hasSilentClosure(after.symbol)) silentTo = Math.max(silentFrom, silentTo - CLOSURE_STEPS);
  }
  const at = (step: number) =>
    step >= steps.length ? endSample : Math.min(endSample, Math.round(startSample + step * STEP_SAMPLES));
  const spans: PhoneSpan[] = [];
  if (before) spans.push({ ...before, startSample, endSample: at(silentFrom) });
  spans.push(silence(before ? at(silentFrom) : startSample, after ? at(silentTo) : endSample));
  if (after) spans.push({ ...after, startSample: at(silentTo), endSample });
  return spans;
}

function silence(startSample: number, endSample: number): PhoneSpan {
  return { symbol: 'sil', stress: 0, startSample, endSample };
}
