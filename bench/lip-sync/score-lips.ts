import { pearson, spearman } from './correlation.ts';
import { type MouthTrack, SCORE_RATE_HZ } from './mouth-track.ts';
import {
  BILABIAL,
  LABIODENTAL,
  type Phone,
  type PhoneSpan,
  phoneAt,
  VOWEL_OPENNESS,
  VOWEL_ROUNDING,
} from './phones.ts';
import { VISEME_APERTURE, VISEME_OF } from './visemes.ts';

/** One clip: what was said, and what the mouth did. */
export interface ScoredClip {
  readonly phones: readonly PhoneSpan[];
  /** Words that the alignment took for pauses; nobody can be right there, so the aperture is not looked at. */
  readonly unknown?: readonly PhoneSpan[];
  readonly mouth: MouthTrack;
}

/** Recall and precision of one kind of contact, 0 to 1. */
export interface ContactScore {
  /** Share of the phones during which the contact is made. */
  readonly recall: number;
  /** Share of the contacts that meet such a phone or a pause. */
  readonly precision: number;
  /** The same without contacts that meet a pause. */
  readonly precisionInSpeech: number;
  readonly phones: number;
  readonly contacts: number;
}

/** Scores at one lag. */
export interface LipScores {
  /** By how much the mouth may come late (negative: early), ms. */
  readonly lagMs: number;
  /** Correlation of the opening with what the phones ask for. */
  readonly apertureR: number;
  readonly bilabial: ContactScore;
  readonly labiodental: ContactScore;
  /** Rank correlation of the opening in each vowel with how open the vowel is. */
  readonly opennessRho: number;
  /** Rank correlation of how round the lips are in each vowel with how round the vowel is. */
  readonly roundingRho: number;
  /** Share of speech, pauses left out, in which the lips are closed: a mouth that hardly opens has an easy recall. */
  readonly closedShare: number;
  /** Mean speed of the opening, ranges a second. */
  readonly speed: number;
}

/** Settings of the scores; see docs/benchmarks.md. */
export const LIP_SCORE_DEFAULTS = {
  /** This quantile of the opening, over all clips of a run, is 1: each mouth is judged by its own range. */
  rangeQuantile: 0.99,
  /** A mouth that opens less than this is still, and scores nothing. */
  minRangeMm: 0.5,
  /** Lips are closed below this share of the range. */
  closedBelow: 0.05,
  /** The lower lip is at the upper teeth below this share of its neutral distance, if the lips are apart. */
  atTeethBelow: 0.5,
  /** A contact may miss its phone by so much. */
  toleranceMs: 30,
  /** Shorter consonants are not asked for. */
  minConsonantMs: 30,
  minVowelMs: 40,
  /** A phone in the first moments of a clip is not asked for: nothing was heard before. */
  leadMs: 150,
  /** Where the best lag is looked for. */
  minLagMs: -200,
  maxLagMs: 400,
} as const;

const STEP_MS = 1000 / SCORE_RATE_HZ;

/** How far the lips of a run come apart, mm: what counts as 1; 0 for a still mouth. */
export function findRangeMm(clips: readonly ScoredClip[]): number {
  const { rangeQuantile, minRangeMm } = LIP_SCORE_DEFAULTS;
  const all = Float64Array.from(clips.flatMap(({ mouth }) => Array.from(mouth.gapMm))).sort();
  const rangeMm = all[Math.floor(rangeQuantile * (all.length - 1))] ?? 0;
  return rangeMm < minRangeMm ? 0 : rangeMm;
}

/** The opening of each clip from 0 (neutral or closed) to about 1. */
function toOpenings(clips: readonly ScoredClip[], rangeMm: number): Float64Array[] {
  return clips.map(({ mouth }) => mouth.gapMm.map((gap) => gap / rangeMm));
}

/**
 * The lag at which the opening follows the phones best, ms: the peak of the cross-correlation, in steps of 1 / {@link SCORE_RATE_HZ}.
 * 0 for a still mouth.
 */
export function findBestLagMs(clips: readonly ScoredClip[]): number {
  const rangeMm = findRangeMm(clips);
  if (rangeMm === 0) return 0;
  const openings = toOpenings(clips, rangeMm);
  let best = 0;
  let bestR = Number.NEGATIVE_INFINITY;
  const first = Math.ceil(LIP_SCORE_DEFAULTS.minLagMs / STEP_MS);
  const last = Math.floor(LIP_SCORE_DEFAULTS.maxLagMs / STEP_MS);
  for (let lag = first; lag <= last; lag++) {
    const r = apertureCorrelation(clips, openings, lag);
    if (r > bestR) {
      best = lag;
      bestR = r;
    }
  }
  return best * STEP_MS;
}

/**
 * Scores mouths against aligned phones, on geometry: what the lips of the head do, whatever drove them.
 * @param lagMs The mouth is read so much later than the sound.
 */
export function scoreLips(clips: readonly ScoredClip[], lagMs = 0): LipScores {
  const rangeMm = findRangeMm(clips);
  const lag = Math.round(lagMs / STEP_MS);
  if (rangeMm === 0) {
    const phones = (kinds: ReadonlySet<Phone>) => clips.flatMap((clip) => askedFor(clip, kinds)).length;
    const none = { recall: 0, precision: 0, precisionInSpeech: 0, contacts: 0 };
    return {
      lagMs,
      apertureR: 0,
      bilabial: { ...none, phones: phones(BILABIAL) },
      labiodental: { ...none, phones: phones(LABIODENTAL) },
      opennessRho: 0,
      roundingRho: 0,
      closedShare: 1,
      speed: 0,
    };
  }
  const openings = toOpenings(clips, rangeMm);
  const { closedBelow, atTeethBelow } = LIP_SCORE_DEFAULTS;
  const closed = openings.map((opening) => Array.from(opening, (gap) => gap < closedBelow));
  const touching = clips.map(({ mouth }) =>
    Array.from(mouth.lipToTeeth, (share, i) => share < atTeethBelow && mouth.gapMm[i]! > 0),
  );
  return {
    lagMs,
    apertureR: apertureCorrelation(clips, openings, lag),
    bilabial: scoreContacts(clips, closed, BILABIAL, lag),
    labiodental: scoreContacts(clips, touching, LABIODENTAL, lag),
    ...scoreVowels(clips, openings, lag),
    closedShare: closedShareOfSpeech(clips, closed, lag),
    speed: meanSpeed(openings),
  };
}

function apertureCorrelation(
  clips: readonly ScoredClip[],
  openings: readonly Float64Array[],
  lag: number,
): number {
  const heard: number[] = [];
  const meant: number[] = [];
  clips.forEach(({ phones, unknown = [] }, clip) => {
    const target = targetOf(phones);
    const isUnknown = unknownOf(unknown, target.length);
    const opening = openings[clip]!;
    for (let i = Math.max(0, -lag); i < target.length && i + lag < opening.length; i++) {
      if (isUnknown[i]) continue;
      heard.push(opening[i + lag]!);
      meant.push(target[i]!);
    }
  });
  return pearson(heard, meant);
}

const targets = new WeakMap<readonly PhoneSpan[], Float64Array>();

/** The aperture that the phones ask for, at the score rate. */
function targetOf(phones: readonly PhoneSpan[]): Float64Array {
  let target = targets.get(phones);
  if (!target) {
    target = Float64Array.from({ length: Math.floor((phones.at(-1)?.endMs ?? 0) / STEP_MS) }, (_, i) => {
      const viseme = VISEME_OF[phoneAt(phones, i * STEP_MS)];
      return viseme ? VISEME_APERTURE[viseme] : 0;
    });
    targets.set(phones, target);
  }
  return target;
}

function unknownOf(spans: readonly PhoneSpan[], length: number): Uint8Array {
  const out = new Uint8Array(length);
  for (const { startMs, endMs } of spans)
    out.fill(1, Math.floor(startMs / STEP_MS), Math.floor(endMs / STEP_MS));
  return out;
}

/** The phones of these kinds that a mouth must show. */
function askedFor({ phones }: ScoredClip, kinds: ReadonlySet<Phone>): PhoneSpan[] {
  const { minConsonantMs, leadMs } = LIP_SCORE_DEFAULTS;
  return phones.filter(
    ({ phone, startMs, endMs }) => kinds.has(phone) && endMs - startMs >= minConsonantMs && startMs > leadMs,
  );
}

function scoreContacts(
  clips: readonly ScoredClip[],
  marks: readonly (readonly boolean[])[],
  kinds: ReadonlySet<Phone>,
  lag: number,
): ContactScore {
  const { toleranceMs, leadMs } = LIP_SCORE_DEFAULTS;
  let phones = 0;
  let hits = 0;
  let contacts = 0;
  let right = 0;
  let inSpeech = 0;
  let rightInSpeech = 0;
  clips.forEach((clip, index) => {
    const on = marks[index]!;
    for (const { startMs, endMs } of askedFor(clip, kinds)) {
      phones++;
      const from = Math.max(0, Math.floor((startMs - toleranceMs) / STEP_MS) + lag);
      const to = Math.min(on.length - 1, Math.floor((endMs + toleranceMs) / STEP_MS) + lag);
      for (let i = from; i <= to; i++)
        if (on[i]) {
          hits++;
          break;
        }
    }
    const lastMs = clip.phones.at(-1)?.endMs ?? 0;
    for (const [from, to] of runsOf(on)) {
      const startMs = (from - lag) * STEP_MS;
      const endMs = (to - lag) * STEP_MS;
      const meets = (test: (phone: Phone) => boolean) =>
        clip.phones.some(
          (span) =>
            test(span.phone) && startMs < span.endMs + toleranceMs && endMs > span.startMs - toleranceMs,
        );
      const isPause =
        startMs < leadMs + toleranceMs || endMs > lastMs - toleranceMs || meets((phone) => phone === 'sil');
      const isRight = meets((phone) => kinds.has(phone));
      contacts++;
      if (isRight || isPause) right++;
      if (isPause) continue;
      inSpeech++;
      if (isRight) rightInSpeech++;
    }
  });
  return {
    recall: share(hits, phones),
    precision: share(right, contacts),
    precisionInSpeech: share(rightInSpeech, inSpeech),
    phones,
    contacts,
  };
}

function* runsOf(on: readonly boolean[]): Generator<[from: number, to: number]> {
  for (let from = 0; from < on.length; from++) {
    if (!on[from]) continue;
    let to = from;
    while (to < on.length && on[to]) to++;
    yield [from, to];
    from = to;
  }
}

function scoreVowels(
  clips: readonly ScoredClip[],
  openings: readonly Float64Array[],
  lag: number,
): Pick<LipScores, 'opennessRho' | 'roundingRho'> {
  const opened: number[] = [];
  const meantOpen: number[] = [];
  const pushed: number[] = [];
  const meantRound: number[] = [];
  clips.forEach(({ phones, mouth }, index) => {
    for (const { phone, startMs, endMs } of phones) {
      const openness = VOWEL_OPENNESS[phone];
      if (openness === undefined || endMs - startMs < LIP_SCORE_DEFAULTS.minVowelMs) continue;
      const from = Math.floor(startMs / STEP_MS) + lag;
      const to = Math.floor(endMs / STEP_MS) + lag + 1;
      if (from < 0 || to > mouth.gapMm.length) continue;
      opened.push(mean(openings[index]!.subarray(from, to)));
      meantOpen.push(openness);
      pushed.push(mean(mouth.roundingMm.subarray(from, to)));
      meantRound.push(VOWEL_ROUNDING[phone] ?? 0);
    }
  });
  return { opennessRho: spearman(opened, meantOpen), roundingRho: spearman(pushed, meantRound) };
}

function closedShareOfSpeech(
  clips: readonly ScoredClip[],
  closed: readonly (readonly boolean[])[],
  lag: number,
): number {
  let speech = 0;
  let shut = 0;
  clips.forEach(({ phones }, index) => {
    for (const { phone, startMs, endMs } of phones) {
      if (phone === 'sil') continue;
      for (let i = Math.floor(startMs / STEP_MS); i < Math.floor(endMs / STEP_MS); i++) {
        speech++;
        if (closed[index]![i + lag]) shut++;
      }
    }
  });
  return share(shut, speech);
}

function meanSpeed(openings: readonly Float64Array[]): number {
  let sum = 0;
  let count = 0;
  for (const opening of openings)
    for (let i = 1; i < opening.length; i++) {
      sum += Math.abs(opening[i]! - opening[i - 1]!) * SCORE_RATE_HZ;
      count++;
    }
  return share(sum, count);
}

function mean(values: Float64Array): number {
  return share(
    values.reduce((sum, value) => sum + value, 0),
    values.length,
  );
}

function share(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}
