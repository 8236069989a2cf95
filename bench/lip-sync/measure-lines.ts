import { LINES, type Line } from './lines.ts';
import type { MouthTrack } from './mouth-track.ts';
import { openParley } from './parley-line.ts';
import { type Cepstrum, makeProfile, WLipSyncAnalysis } from './peers/calibrate-wlipsync.ts';
import { openPeers } from './peers/open-peers.ts';
import type { SpeechClip } from './read-clips.ts';
import { loudnessOf, loudnessTrack, oracleTrack } from './simple-lines.ts';
import type { TemplateMouth } from './template-mouth.ts';
import { type VisemeTrack, visemesToControls } from './visemes.ts';

/** The quantile of loudness, over the clips of a run, that opens the jaw whole. */
const LOUD_QUANTILE = 0.95;

/** What {@link measureLines} needs. */
export interface MeasureOptions {
  /** The head that every line is drawn on. */
  readonly template: TemplateMouth;
  /** Where Parley's encoder and decoder are. */
  readonly exportsFolder: string;
  /** Needed for the peers from npm. */
  readonly chromium?: string;
  /** Groups of lines; default all. */
  readonly only?: readonly Line['group'][];
  /** All clips there are: wLipSync is calibrated on those that are not being heard. */
  readonly calibration: readonly SpeechClip[];
  readonly onProgress?: (done: number, total: number, what: string) => void;
}

/** What the mouth does in each line: id of the line to one track for each clip. */
export async function measureLines(
  clips: readonly SpeechClip[],
  options: MeasureOptions,
): Promise<Map<string, MouthTrack[]>> {
  const { template, exportsFolder, chromium, onProgress } = options;
  const lines = LINES.filter(({ group }) => !options.only || options.only.includes(group));
  const has = (group: Line['group']) => lines.some((line) => line.group === group);
  const names = template.controlNames;
  const draw = (track: VisemeTrack) => template.measure(visemesToControls(track, names), track.rateHz);
  const measured = new Map<string, MouthTrack[]>(lines.map(({ id }) => [id, []]));
  const fromPeers = lines.filter(({ track }) => track);
  const ours = lines.filter(({ encoder }) => encoder);
  const total = clips.length * (ours.length + Number(fromPeers.length > 0));
  let done = 0;
  const progress = (what: string) => onProgress?.(++done, total, what);

  for (const line of ours) {
    const parley = await openParley(exportsFolder, line.encoder!);
    try {
      for (const [seed, { id, path }] of clips.entries()) {
        const face = await parley.face(path, seed);
        measured.get(line.id)!.push(template.measure(face, parley.manifest.codec.fps));
        progress(`Parley (${line.encoder}) hears ${id}`);
      }
    } finally {
      await parley.close();
    }
  }
  if (has('loudness')) {
    const all = clips.map(({ pcm }) => loudnessOf(pcm));
    const sorted = Float64Array.from(all.flatMap((loudness) => Array.from(loudness))).sort();
    const full = sorted[Math.floor(LOUD_QUANTILE * (sorted.length - 1))]!;
    measured.set(
      'loudness',
      all.map((loudness) => draw(loudnessTrack(loudness, full))),
    );
  }
  if (has('oracle'))
    measured.set(
      'oracle',
      clips.map(({ phones }) => draw(oracleTrack(phones))),
    );
  if (fromPeers.length > 0) {
    if (!chromium) throw new TypeError('the peers need a browser');
    const analysis = await WLipSyncAnalysis.open();
    const heard = new Map<string, Cepstrum[]>(
      options.calibration.map(({ id, pcm, phones }) => [id, analysis.listen(pcm, phones)]),
    );
    const peers = await openPeers(chromium);
    try {
      for (const { id, pcm } of clips) {
        const others = [...heard].filter(([other]) => other !== id).flatMap(([, cepstra]) => cepstra);
        const tracks = await peers.play(pcm, makeProfile(others));
        for (const line of fromPeers) measured.get(line.id)!.push(draw(tracks[line.track!]));
        progress(`the peers hear ${id}`);
      }
    } finally {
      await peers.close();
    }
  }
  return measured;
}
