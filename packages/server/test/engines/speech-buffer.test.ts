import { describe, expect, it } from 'vitest';
import { SpeechBuffer } from '../../src/engines/asr/speech-buffer.ts';

const tone = (seconds: number, level = 0.2) =>
  Float32Array.from({ length: 16_000 * seconds }, (_, i) => level * Math.sin(i * 0.1));
const silence = (seconds: number) => new Float32Array(16_000 * seconds);

describe('SpeechBuffer', () => {
  it('cuts at the quietest place before 28 s and keeps the rest', () => {
    const buffer = new SpeechBuffer();
    for (const piece of [tone(24), silence(0.5), tone(5)]) buffer.push(piece);
    expect(buffer.isFull).toBe(true);
    const piece = buffer.takePiece();
    expect(piece.length / 16_000).toBeGreaterThan(24);
    expect(piece.length / 16_000).toBeLessThan(24.5);
    expect(buffer.length).toBe(29.5 * 16_000 - piece.length);
    expect(buffer.startSample).toBe(piece.length);
    expect(buffer.endSample).toBe(29.5 * 16_000);
    expect(buffer.isFull).toBe(false);
  });

  it('stays bounded over ten minutes', () => {
    const buffer = new SpeechBuffer();
    const chunk = tone(0.1);
    let taken = 0;
    for (let i = 0; i < 6000; i++) {
      buffer.push(chunk);
      while (buffer.isFull) taken += buffer.takePiece().length;
      expect(buffer.length).toBeLessThan(28.1 * 16_000);
    }
    expect(taken + buffer.length).toBe(600 * 16_000);
  });

  it('notices a pause after speech, once', () => {
    const buffer = new SpeechBuffer();
    buffer.push(silence(0.5));
    expect(buffer.hasPausedSince(0)).toBe(false);
    buffer.push(tone(1));
    expect(buffer.hasPausedSince(0)).toBe(false);
    buffer.push(silence(0.3));
    expect(buffer.hasPausedSince(0)).toBe(true);
    const heard = buffer.endSample;
    buffer.push(silence(0.5));
    expect(buffer.hasPausedSince(heard)).toBe(false);
    expect(buffer.isQuietFrom(heard)).toBe(true);
    buffer.push(tone(0.2));
    expect(buffer.isQuietFrom(heard)).toBe(false);
  });

  it('measures quiet against the loudest speech, not against an absolute level', () => {
    const buffer = new SpeechBuffer();
    buffer.push(tone(1, 0.3));
    buffer.push(tone(0.5, 0.01));
    expect(buffer.isQuietFrom(16_000)).toBe(true);
  });
});
