import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { readPhones } from '../../lip-sync/phones.ts';
import { LIP_SCORE_DEFAULTS, scoreLips } from '../../lip-sync/score-lips.ts';
import { loudnessOf, loudnessTrack, oracleTrack } from '../../lip-sync/simple-lines.ts';
import { TemplateMouth } from '../../lip-sync/template-mouth.ts';
import { VISEME_APERTURE, VISEMES, visemesToControls } from '../../lip-sync/visemes.ts';

const EXPORTS = fileURLToPath(new URL('../../../models/exports', import.meta.url));
let template: TemplateMouth;
beforeAll(async () => {
  template = await TemplateMouth.load(EXPORTS);
});

/** The mouth in each viseme at weight 1. */
function pure() {
  const weights = Float32Array.from(VISEMES.flatMap((_, i) => VISEMES.map((_, j) => Number(i === j))));
  // Four score steps a frame; the first is the viseme itself.
  const track = template.measure(visemesToControls({ rateHz: 30, weights }, template.controlNames), 30);
  return Object.fromEntries(
    VISEMES.map((viseme, i) => [
      viseme,
      {
        gapMm: track.gapMm[i * 4]!,
        lipToTeeth: track.lipToTeeth[i * 4]!,
        roundingMm: track.roundingMm[i * 4]!,
      },
    ]),
  );
}

describe('the viseme table on the template', () => {
  it('opens the lips as far as the reference says', () => {
    const faces = pure();
    for (const viseme of VISEMES) {
      const opening = faces[viseme]!.gapMm / faces.aa!.gapMm;
      expect(Math.abs(opening - VISEME_APERTURE[viseme]), viseme).toBeLessThan(0.03);
    }
  });

  it('closes the lips for PP alone, touches the teeth for FF alone, and pushes them forward for U and O', () => {
    const faces = pure();
    const { atTeethBelow } = LIP_SCORE_DEFAULTS;
    expect(VISEMES.filter((viseme) => faces[viseme]!.lipToTeeth < atTeethBelow)).toEqual(['FF']);
    expect(faces.sil!.lipToTeeth).toBeCloseTo(1, 6);
    expect(VISEMES.filter((viseme) => faces[viseme]!.gapMm === 0)).toEqual(['PP', 'sil']);
    // The rounder the more: U, then R, and O, whose open jaw draws the lower lip back.
    expect(faces.U!.roundingMm).toBeGreaterThan(faces.RR!.roundingMm);
    expect(faces.RR!.roundingMm).toBeGreaterThan(faces.sil!.roundingMm);
    expect(faces.O!.roundingMm).toBeGreaterThan(faces.sil!.roundingMm);
    expect(faces.I!.roundingMm).toBeLessThan(0);
  });

  it('needs controls that the head has', () => {
    const track = { rateHz: 60, weights: new Float32Array(VISEMES.length) };
    expect(() => visemesToControls(track, ['jawOpen'])).toThrow(/no control mouth/);
  });

  it('lets the oracle through whole', () => {
    const phones = readPhones(
      ':200 DH:50 AH0:60 M:70 AE1:130 P:80 IH1:70 Z:90 F:90 AO1:140 R:70 DH:50 AH0:60 B:60 OY1:150 sp:200 V:70 EH1:90 R:60 IY0:80 :300',
    );
    const track = oracleTrack(phones);
    const mouth = template.measure(visemesToControls(track, template.controlNames), track.rateHz);
    const scores = scoreLips([{ phones, mouth }]);
    expect(scores.bilabial).toMatchObject({ recall: 1, precision: 1, phones: 3 });
    expect(scores.labiodental).toMatchObject({ recall: 1, precision: 1, phones: 2 });
    expect(scores.apertureR).toBeGreaterThan(0.93);
  });
});

it('opens the jaw with loudness', () => {
  const pcm = Float32Array.from({ length: 48_000 }, (_, i) => (i < 24_000 ? 0 : 0.5 * Math.sin(i * 0.1)));
  const loudness = loudnessOf(pcm);
  expect(loudness).toHaveLength(60);
  const { weights } = loudnessTrack(loudness, 0.5 / Math.SQRT2);
  expect(weights[30 * VISEMES.length]).toBe(0);
  expect(weights[34 * VISEMES.length]).toBeCloseTo(1, 2);
});
