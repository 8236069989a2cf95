import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readAudio } from '@parley/server';
import { type PhoneSpan, readPhones } from './phones.ts';

const PHONES_FILE = 'lj_phones.tsv.gz';
/** Everything but Parley hears the clips at the usual rate of a browser's sound. */
export const BROWSER_RATE_HZ = 48_000;
/** A pause as loud as speech is a word that the alignment does not know: within this of the clip's loud parts. */
const SPEECH_BELOW_PEAK_DB = 30;
const LONG_PAUSE_MS = 250;

/** A recorded sentence with its aligned phones. */
export interface SpeechClip {
  readonly id: string;
  readonly path: string;
  readonly phones: readonly PhoneSpan[];
  /** "Pauses" that are words. */
  readonly unknown: readonly PhoneSpan[];
  /** Mono at {@link BROWSER_RATE_HZ}. */
  readonly pcm: Float32Array;
}

/** Ids of the clips in a folder that has both `*.flac` and their phones; null where there are none. */
export async function findClips(folder: string): Promise<string[] | null> {
  const files = await readdir(folder).catch((): string[] => []);
  if (!files.includes(PHONES_FILE)) return null;
  const ids = files.filter((file) => file.endsWith('.flac')).map((file) => file.slice(0, -'.flac'.length));
  return ids.length > 0 ? ids.sort() : null;
}

/**
 * Reads clips and their phones.
 * @throws {RangeError} if a clip has no phones in `lj_phones.tsv.gz`.
 * @throws {ParleyError} `bad-audio`
 */
export async function readClips(folder: string, ids: readonly string[]): Promise<SpeechClip[]> {
  const wanted = new Set(ids);
  const phonesOf = new Map<string, PhoneSpan[]>();
  for (const line of gunzipSync(await readFile(join(folder, PHONES_FILE)))
    .toString('utf8')
    .split('\n')) {
    const [id, phones] = line.split('\t');
    if (id && phones && wanted.has(id)) phonesOf.set(id, readPhones(phones));
  }
  const clips: SpeechClip[] = [];
  for (const id of ids) {
    const phones = phonesOf.get(id);
    if (!phones) throw new RangeError(`${PHONES_FILE} has no phones of ${id}`);
    const path = join(folder, `${id}.flac`);
    const pcm = await readAudio(path, BROWSER_RATE_HZ);
    clips.push({ id, path, phones, unknown: findUnknown(phones, pcm), pcm });
  }
  return clips;
}

function findUnknown(phones: readonly PhoneSpan[], pcm: Float32Array): PhoneSpan[] {
  const magnitudes = pcm.map(Math.abs).sort();
  const peak = magnitudes[Math.floor(0.99 * (magnitudes.length - 1))] ?? 0;
  return phones.filter(({ phone, startMs, endMs }) => {
    if (phone !== 'sil' || endMs - startMs < LONG_PAUSE_MS) return false;
    const part = pcm.subarray((startMs * BROWSER_RATE_HZ) / 1000, (endMs * BROWSER_RATE_HZ) / 1000);
    const power = part.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, part.length);
    return Math.sqrt(power) > peak * 10 ** (-SPEECH_BELOW_PEAK_DB / 20);
  });
}
