import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type EncoderSize, readManifest } from '@parley/sdk';

/** What the choice depends on. */
export interface EncoderChoice {
  readonly wanted: EncoderSize | 'auto';
  /** Folder with `manifest.json` and the files it names. */
  readonly exportsPath: string;
  /** Whether the voice tells its phones and their times. */
  readonly voiceTellsPhones: boolean;
}

/**
 * The audio encoder to load. `auto` is `small` for a voice that tells its phones (the lips follow those, and the sound
 * says only where the brows go), else `server` where its file is there, else `small`.
 */
export async function chooseEncoder({
  wanted,
  exportsPath,
  voiceTellsPhones,
}: EncoderChoice): Promise<EncoderSize> {
  if (wanted !== 'auto') return wanted;
  if (voiceTellsPhones) return 'small';
  try {
    const manifest = readManifest(JSON.parse(await readFile(join(exportsPath, 'manifest.json'), 'utf8')));
    await stat(join(exportsPath, manifest.files.encoderServer!.path));
    return 'server';
  } catch {
    // Not exported or not fetched. What is wrong with the manifest itself is told when it is loaded.
    return 'small';
  }
}
