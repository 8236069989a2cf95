import type { EncoderSize } from '@parley/sdk';
import type { PeerTrack } from './peers/open-peers.ts';

/** One line of the table. */
export interface Line {
  readonly id: string;
  readonly title: string;
  /** Name for `--only`. */
  readonly group: 'parley' | 'oracle' | 'loudness' | 'headaudio' | 'wawa' | 'wlipsync';
  /** The audio encoder of Parley's that it hears with. */
  readonly encoder?: EncoderSize;
  /** The peers' track that it draws. */
  readonly track?: PeerTrack;
}

/** All lines, in the order of the table. */
export const LINES: readonly Line[] = [
  { id: 'parley-server', title: '**Parley, server encoder**', group: 'parley', encoder: 'server' },
  { id: 'parley-small', title: '**Parley, small encoder**', group: 'parley', encoder: 'small' },
  {
    id: 'headaudio-smooth',
    title: 'HeadAudio 0.1.0, as shipped',
    group: 'headaudio',
    track: 'headaudio-smooth',
  },
  { id: 'headaudio-raw', title: 'its raw events', group: 'headaudio', track: 'headaudio-raw' },
  {
    id: 'headaudio-mended-smooth',
    title: 'HeadAudio 0.1.0, viseme 0 mended',
    group: 'headaudio',
    track: 'headaudio-mended-smooth',
  },
  { id: 'headaudio-mended-raw', title: 'its raw events', group: 'headaudio', track: 'headaudio-mended-raw' },
  {
    id: 'wawa-smooth',
    title: "wawa-lipsync 0.0.2, its demo's smoothing",
    group: 'wawa',
    track: 'wawa-smooth',
  },
  { id: 'wawa-raw', title: 'its raw labels', group: 'wawa', track: 'wawa-raw' },
  {
    id: 'wlipsync-smooth',
    title: 'wLipSync 1.3.1, calibrated on this speaker',
    group: 'wlipsync',
    track: 'wlipsync-smooth',
  },
  { id: 'wlipsync-raw', title: 'its raw events', group: 'wlipsync', track: 'wlipsync-raw' },
  { id: 'loudness', title: 'loudness drives the jaw', group: 'loudness' },
  { id: 'oracle', title: 'oracle: the true phones through the table', group: 'oracle' },
];

/** The names that `--only` takes. */
export const GROUPS = [...new Set(LINES.map(({ group }) => group))];
