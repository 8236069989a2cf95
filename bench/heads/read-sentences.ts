import { readFileSync } from 'node:fs';

/** Weights of the lips' controls in every frame of the fixed sentences: one record per frame, 15 frames a second. */
export function readSentences(): Record<string, number>[] {
  const { controls, frames } = JSON.parse(
    readFileSync(new URL('sentences.json', import.meta.url), 'utf8'),
  ) as { controls: string[]; frames: string };
  const bytes = Buffer.from(frames, 'base64');
  return Array.from({ length: bytes.length / controls.length }, (_, frame) =>
    Object.fromEntries(controls.map((name, k) => [name, bytes[frame * controls.length + k] / 255])),
  );
}
