import { describe, expect, it } from 'vitest';
import { type MouthTrack, SCORE_RATE_HZ } from '../../lip-sync/mouth-track.ts';
import { phoneAt, readPhones } from '../../lip-sync/phones.ts';
import { findBestLagMs, type ScoredClip, scoreLips } from '../../lip-sync/score-lips.ts';
import { VISEME_APERTURE, VISEME_OF } from '../../lip-sync/visemes.ts';

// pause, "a map of a big tub ... five"
const PHONES = readPhones(
  ':200 AA1:120 M:80 AE1:150 P:90 AH0:100 V:80 AA1:110 B:60 IH1:70 G:60 T:70 AH1:90 B:70 AH0:60 sp:200 F:90 AY1:160 V:70 N:80 UW1:120 :300',
);
const STEP_MS = 1000 / SCORE_RATE_HZ;
const RANGE_MM = 12;

/** A mouth that does at `time` what `gap` and `touches` say of the phone that was heard `delayMs` before. */
function mouth(gap: (phone: string) => number, touches: (phone: string) => boolean, delayMs = 0): MouthTrack {
  const length = Math.floor((PHONES.at(-1)!.endMs + 500) / STEP_MS);
  const each = (value: (phone: string) => number) =>
    Float64Array.from({ length }, (_, i) => value(phoneAt(PHONES, i * STEP_MS - delayMs)));
  return {
    gapMm: each(gap),
    lipToTeeth: each((phone) => (touches(phone) ? 0.2 : 0.9)),
    roundingMm: each((phone) => (phone === 'UW' ? 5 : 0)),
  };
}

const asAsked = (phone: string) => VISEME_APERTURE[VISEME_OF[phone]!] * RANGE_MM;
const isLabiodental = (phone: string) => phone === 'F' || phone === 'V';
const clip = (track: MouthTrack): ScoredClip[] => [{ phones: PHONES, mouth: track }];

describe('scoreLips', () => {
  it('gives a mouth that does what the phones ask for everything', () => {
    const scores = scoreLips(clip(mouth(asAsked, isLabiodental)));
    expect(scores.apertureR).toBeCloseTo(1, 6);
    expect(scores.bilabial).toEqual({
      recall: 1,
      precision: 1,
      precisionInSpeech: 1,
      phones: 4,
      contacts: 7,
    });
    expect(scores.labiodental).toEqual({
      recall: 1,
      precision: 1,
      precisionInSpeech: 1,
      phones: 3,
      contacts: 3,
    });
    expect(scores.opennessRho).toBeGreaterThan(0.8);
    expect(scores.roundingRho).toBeCloseTo(1, 6);
    // M, P and two B are 300 of 1730 ms of speech.
    expect(scores.closedShare).toBeCloseTo(300 / 1730, 1);
  });

  it('gives a still mouth nothing, open or closed', () => {
    for (const gap of [0, 8]) {
      const still = mouth(
        () => gap / 100,
        () => false,
      );
      const scores = scoreLips(clip(still));
      expect(scores.apertureR).toBe(0);
      expect(scores.bilabial).toMatchObject({ recall: 0, precision: 0, phones: 4, contacts: 0 });
      expect(scores.labiodental).toMatchObject({ recall: 0, precision: 0, phones: 3 });
      expect(scores.opennessRho).toBe(0);
      expect(scores.speed).toBe(0);
      expect(findBestLagMs(clip(still))).toBe(0);
    }
  });

  it('judges each mouth by its own range', () => {
    const small = scoreLips(clip(mouth((phone) => asAsked(phone) / 10, isLabiodental)));
    expect(small.bilabial.recall).toBe(1);
    expect(small.apertureR).toBeCloseTo(1, 6);
    expect(small.speed).toBeCloseTo(scoreLips(clip(mouth(asAsked, isLabiodental))).speed, 6);
  });

  it('finds no closure in a mouth that never closes while it speaks', () => {
    const scores = scoreLips(
      clip(mouth((phone) => (phone === 'sil' ? 0 : 3 + asAsked(phone)), isLabiodental)),
    );
    expect(scores.bilabial).toMatchObject({ recall: 0, precision: 1, precisionInSpeech: 0, contacts: 3 });
    // A score step or two stand on the edge of a pause.
    expect(scores.closedShare).toBeLessThan(0.01);
  });

  it('counts closures that no phone asked for', () => {
    const nasalsToo = mouth((phone) => (phone === 'N' || phone === 'T' ? 0 : asAsked(phone)), isLabiodental);
    const { bilabial } = scoreLips(clip(nasalsToo));
    // T and N stand alone; the three closures in pauses are left out.
    expect(bilabial).toMatchObject({ recall: 1, contacts: 9 });
    expect(bilabial.precision).toBeCloseTo(7 / 9, 6);
    expect(bilabial.precisionInSpeech).toBeCloseTo(4 / 6, 6);
  });

  it('does not take pressed lips for the teeth on the lip', () => {
    const pressed = mouth(
      (phone) => (isLabiodental(phone) ? 0 : asAsked(phone)),
      (phone) => isLabiodental(phone),
    );
    expect(scoreLips(clip(pressed)).labiodental).toMatchObject({ recall: 0, contacts: 0 });
  });

  it('leaves out of the aperture what nobody can know', () => {
    const wrong = mouth((phone) => (phone === 'sil' ? RANGE_MM : asAsked(phone)), isLabiodental);
    const known = { phones: PHONES, unknown: PHONES.filter(({ phone }) => phone === 'sil'), mouth: wrong };
    // The end of the clip may fall between two steps.
    expect(scoreLips([known]).apertureR).toBeGreaterThan(0.98);
    expect(scoreLips(clip(wrong)).apertureR).toBeLessThan(0.5);
  });
});

describe('findBestLagMs', () => {
  it.each([-100, 0, 50, 200])('finds a shift of %i ms, and there the scores are whole again', (delayMs) => {
    const shifted = clip(mouth(asAsked, isLabiodental, delayMs));
    const lagMs = findBestLagMs(shifted);
    expect(lagMs).toBeCloseTo(delayMs, 6);
    expect(scoreLips(shifted, lagMs).apertureR).toBeCloseTo(1, 2);
    // The first phone is gone from a mouth that is early.
    expect(scoreLips(shifted, lagMs).bilabial.recall).toBe(1);
  });

  it('makes a late mouth miss what it shows too late', () => {
    const late = clip(mouth(asAsked, isLabiodental, 200));
    expect(scoreLips(late).bilabial.recall).toBeLessThan(1);
    expect(scoreLips(late).apertureR).toBeLessThan(0.5);
  });
});
