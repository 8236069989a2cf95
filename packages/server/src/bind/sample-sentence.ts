import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { animate } from '../animate/animate.ts';
import { writeWav } from '../audio/write-wav.ts';
import { createTts } from '../engines/create-engines.ts';

/** Closes and opens lips, purses, bites and widens them. */
const SENTENCE = 'My five brave puppies would move the old blue piano, but who pays for it?';
const FIXTURE_RATE_HZ = 24_000;

/**
 * Writes a sentence for a head to say into a folder: `sentence.wav` and `sentence.json` (as `parley animate` writes it). In the
 * server's voice where its weights are here; else a second of recorded speech that comes with the face model.
 */
export async function writeSampleSentence(
  folder: string,
  exportsPath: string,
  signal: AbortSignal,
): Promise<void> {
  const audio = join(folder, 'sentence.wav');
  await writeFile(audio, (await spoken(signal)) ?? (await recorded(exportsPath)));
  await animate({ audio, out: join(folder, 'sentence.json'), exportsPath, encoder: 'small', signal });
}

async function spoken(signal: AbortSignal): Promise<Uint8Array | null> {
  // Weights that are not here are no reason to fail: there is other speech.
  const voice = await createTts().catch(() => null);
  if (!voice) return null;
  try {
    async function* words() {
      yield SENTENCE;
    }
    const pieces: Float32Array[] = [];
    let rateHz = FIXTURE_RATE_HZ;
    for await (const chunk of voice.engine.speak(words(), signal)) {
      pieces.push(chunk.pcm);
      rateHz = chunk.rateHz;
    }
    const pcm = new Float32Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
    let at = 0;
    for (const piece of pieces) {
      pcm.set(piece, at);
      at += piece.length;
    }
    return writeWav(pcm, rateHz);
  } finally {
    await voice.close();
  }
}

async function recorded(exportsPath: string): Promise<Uint8Array> {
  const fixture = JSON.parse(await readFile(join(exportsPath, 'fixtures/encoder-small.json'), 'utf8'));
  return writeWav(Float32Array.from(fixture.audio.data as number[]), FIXTURE_RATE_HZ);
}
