import { LINES } from './lines.ts';
import type { MouthTrack } from './mouth-track.ts';
import type { SpeechClip } from './read-clips.ts';
import { findBestLagMs, type LipScores, scoreLips } from './score-lips.ts';

/** One line's scores. */
export interface LineReport {
  readonly id: string;
  readonly title: string;
  readonly atZeroLag: LipScores;
  readonly atBestLag: LipScores;
  /** Speed of the opening over the oracle's; null where the oracle was left out. */
  readonly velocityRatio: number | null;
}

/** Scores everything that was measured. */
export function reportLines(
  clips: readonly SpeechClip[],
  measured: ReadonlyMap<string, readonly MouthTrack[]>,
): LineReport[] {
  const scored = LINES.filter(({ id }) => measured.has(id)).map(({ id, title }) => {
    const mouths = clips.map(({ phones, unknown }, i) => ({ phones, unknown, mouth: measured.get(id)![i]! }));
    return {
      id,
      title,
      atZeroLag: scoreLips(mouths),
      atBestLag: scoreLips(mouths, findBestLagMs(mouths)),
    };
  });
  const oracle = scored.find(({ id }) => id === 'oracle')?.atZeroLag.speed;
  return scored.map((line) => ({
    ...line,
    velocityRatio: oracle ? line.atZeroLag.speed / oracle : null,
  }));
}

const COLUMNS: readonly { readonly head: string; readonly cell: (line: LineReport) => string }[] = [
  { head: '', cell: ({ title }) => title },
  { head: 'lag, ms', cell: ({ atBestLag }) => String(Math.round(atBestLag.lagMs) + 0) },
  { head: 'aperture r', cell: both(({ apertureR }) => hundredths(apertureR)) },
  {
    head: 'bilabial recall / precision (in speech)',
    cell: both(
      ({ bilabial: { recall, precision, precisionInSpeech } }) =>
        `${hundredths(recall)} / ${hundredths(precision)} (${hundredths(precisionInSpeech)})`,
    ),
  },
  {
    head: 'labiodental recall / precision',
    cell: both(
      ({ labiodental: { recall, precision } }) => `${hundredths(recall)} / ${hundredths(precision)}`,
    ),
  },
  { head: 'openness rho', cell: both(({ opennessRho }) => hundredths(opennessRho)) },
  { head: 'rounding rho', cell: both(({ roundingRho }) => hundredths(roundingRho)) },
  { head: 'closed in speech', cell: both(({ closedShare }) => hundredths(closedShare)) },
  {
    head: 'velocity',
    cell: ({ velocityRatio }) => (velocityRatio === null ? '' : hundredths(velocityRatio)),
  },
];

/** A Markdown table; where the best lag gives another number than zero lag, both stand there, `zero → best`. */
export function markdownTable(lines: readonly LineReport[]): string {
  const rows = [
    COLUMNS.map(({ head }) => head),
    ...lines.map((line) => COLUMNS.map(({ cell }) => cell(line))),
  ];
  const widths = COLUMNS.map((_, column) => Math.max(3, ...rows.map((row) => row[column]!.length)));
  const print = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  return [print(rows[0]!), print(widths.map((width) => '-'.repeat(width))), ...rows.slice(1).map(print)].join(
    '\n',
  );
}

function both(show: (scores: LipScores) => string): (line: LineReport) => string {
  return ({ atZeroLag, atBestLag }) => {
    const [zero, best] = [show(atZeroLag), show(atBestLag)];
    return zero === best ? zero : `${zero} → ${best}`;
  };
}

/** `.05`, `-.12`, `1.00`. */
function hundredths(value: number): string {
  return value
    .toFixed(2)
    .replace(/^(-?)0\./, '$1.')
    .replace(/^-\.00$/, '.00');
}
