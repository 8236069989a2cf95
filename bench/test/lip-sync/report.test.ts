import { expect, it } from 'vitest';
import { markdownTable } from '../../lip-sync/report.ts';
import type { LipScores } from '../../lip-sync/score-lips.ts';

const scores: LipScores = {
  lagMs: 0,
  apertureR: 0.5,
  bilabial: { recall: 1, precision: 0.25, precisionInSpeech: 0, phones: 4, contacts: 4 },
  labiodental: { recall: 0, precision: 0, precisionInSpeech: 0, phones: 4, contacts: 0 },
  opennessRho: -0.12,
  roundingRho: -0.001,
  closedShare: 0.1,
  speed: 2,
};

it('prints one number where the best lag changes nothing, else both', () => {
  const table = markdownTable([
    {
      id: 'x',
      title: 'x',
      atZeroLag: scores,
      atBestLag: { ...scores, lagMs: 41.7, apertureR: 0.75 },
      velocityRatio: null,
    },
  ]);
  const cells = table
    .split('\n')[2]!
    .split('|')
    .map((cell) => cell.trim());
  expect(cells.slice(1, -1)).toEqual([
    'x',
    '42',
    '.50 → .75',
    '1.00 / .25 (.00)',
    '.00 / .00',
    '-.12',
    '.00',
    '.10',
    '',
  ]);
});
