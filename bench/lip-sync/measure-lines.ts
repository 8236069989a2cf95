import { LINES, type Line } from './lines.ts';
import type { MouthTrack } from './mouth-track.ts';
import { openParley } from './parley-line.ts';
import { type Cepstrum, makeProfile, WLipSyncAnalysis } from './peers/calibrate-wlipsync.ts';
import { openPeers, type PeerTrack } from './peers/open-peers.ts';
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

/** Collects the tracks of the lines, one for each clip. */
type Tracks = Map<Line['id'], MouthTrack[]>;

/**
 * What the mouth does in each line: id of the line to one track for each clip.
 * @throws TypeError where peers are asked for without a browser; RangeError as `makeProfile`.
 */
export async function measureLines(clips: readonly SpeechClip[], options: MeasureOptions): Promise<Tracks> {
  const { template, chromium, only, onProgress } = options;
  const lines = LINES.filter(({ group }) => !only || only.includes(group));
  const fromPeers = lines.filter(({ track }) => track);
  const ours = lines.filter(({ encoder }) => encoder);
  if (fromPeers.length > 0 && !chromium) throw new TypeError('the peers need a browser');
  const draw = (track: VisemeTrack) =>
    template.measure(visemesToControls(track, template.controlNames), track.rateHz);
  const tracks: Tracks = new Map(lines.map(({ id }) => [id, []]));
  const total = clips.length * (ours.length + Number(fromPeers.length > 0));
  let done = 0;
  const progress = (what: string) => onProgress?.(++done, total, what);

  for (const line of ours) await hearParley(line, clips, options, tracks, progress);
  if (tracks.has('loudness')) {
    const all = clips.map(({ pcm }) => loudnessOf(pcm));
    const sorted = Float64Array.from(all.flatMap((loudness) => Array.from(loudness))).sort();
    const full = sorted[Math.floor(LOUD_QUANTILE * (sorted.length - 1))]!;
    tracks.set(
      'loudness',
      all.map((loudness) => draw(loudnessTrack(loudness, full))),
    );
  }
  if (tracks.has('oracle'))
    tracks.set(
      'oracle',
      clips.map(({ phones }) => draw(oracleTrack(phones))),
    );
  if (fromPeers.length > 0)
    await hearPeers(clips, chromium!, options.calibration, (id, peers) => {
      for (const line of fromPeers) tracks.get(line.id)!.push(draw(peers[line.track!]));
      progress(`the peers hear ${id}`);
    });
  return tracks;
}

/** One line of Parley's own: every clip through the encoder of the line. */
async function hearParley(
  line: Line,
  clips: readonly SpeechClip[],
  { template, exportsFolder }: MeasureOptions,
  tracks: Tracks,
  progress: (what: string) => void,
): Promise<void> {
  const parley = await openParley(exportsFolder, line.encoder!);
  try {
    for (const [seed, { id, path }] of clips.entries()) {
      const face = await parley.face(path, seed);
      tracks.get(line.id)!.push(template.measure(face, parley.manifest.codec.fps));
      progress(`Parley (${line.encoder}) hears ${id}`);
    }
  } finally {
    await parley.close();
  }
}

/** All peers at once, clip by clip; wLipSync calibrated on the other clips. */
async function hearPeers(
  clips: readonly SpeechClip[],
  chromium: string,
  calibration: readonly SpeechClip[],
  onClip: (id: string, tracks: Record<PeerTrack, VisemeTrack>) => void,
): Promise<void> {
  const analysis = await WLipSyncAnalysis.open();
  const heard = new Map<string, Cepstrum[]>(
    calibration.map(({ id, pcm, phones }) => [id, analysis.listen(pcm, phones)]),
  );
  const peers = await openPeers(chromium);
  try {
    for (const { id, pcm } of clips) {
      const others = [...heard].filter(([other]) => other !== id).flatMap(([, cepstra]) => cepstra);
      onClip(id, await peers.play(pcm, makeProfile(others)));
    }
  } finally {
    await peers.close();
  }
}
