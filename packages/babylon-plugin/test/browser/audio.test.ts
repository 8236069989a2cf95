import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, type OpenPage, openPage, SOUND } from './open-page.ts';

const worst = (values: number[]): number => Math.max(...values.map(Math.abs));
const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1];

describe.skipIf(!hasBrowser)('the speech player in a browser', () => {
  let open: OpenPage;
  beforeAll(async () => {
    open = await openPage([...SOUND, '--disable-gpu']);
  });
  afterAll(() => open?.close());

  it('knows within 20 ms which sample is heard, and starts on the room clock', async () => {
    const result = await open.page.evaluate(() => window.parleyTest.playClicks(4, -1, 0));
    console.log(
      `clicks: worst ${worst(result.errorsMs).toFixed(2)} ms, median ${median(result.errorsMs).toFixed(2)} ms; start ${result.startErrorMs.toFixed(2)} ms; output clock differs by ${median(result.clockDifferencesMs).toFixed(2)} ms; latency ${result.outputLatencyMs.toFixed(1)} ms`,
    );
    expect(result.played).toBe(result.expected);
    expect(worst(result.errorsMs)).toBeLessThan(20);
    expect(Math.abs(result.startErrorMs)).toBeLessThan(20);
    expect(Math.abs(median(result.clockDifferencesMs))).toBeLessThan(20);
  });

  it('holds when packets stall, loses no click, and stays in sync', async () => {
    const result = await open.page.evaluate(() => window.parleyTest.playClicks(5, 21, 650));
    console.log(
      `stall: ${result.underruns} underruns, worst click ${worst(result.errorsMs).toFixed(2)} ms, lag ${result.finalLagMs.toFixed(0)} ms`,
    );
    expect(result.played).toBe(result.expected);
    expect(result.underruns).toBeGreaterThanOrEqual(1);
    expect(worst(result.errorsMs)).toBeLessThan(20);
  });

  it.each(['webcodecs', 'wasm'] as const)('decodes Opus in its place with %s', async (backend) => {
    const result = await open.page.evaluate((b) => window.parleyTest.opusRoundTrip(b), backend);
    console.log(
      `${backend}: correlation ${result.correlation.toFixed(3)}, ${result.lateSamples} samples late, ${result.bytesPerFrame.toFixed(0)} B a frame`,
    );
    expect(result.correlation).toBeGreaterThan(0.95);
    expect(Math.abs(result.lateSamples)).toBeLessThanOrEqual(48);
  });

  it('encodes the microphone as Opus with the capture clock', async () => {
    const { codec, packets, startSamples } = await open.page.evaluate(() =>
      window.parleyTest.microphoneCodec(),
    );
    expect(codec).toBe('opus');
    expect(packets).toBeGreaterThanOrEqual(18);
    expect(startSamples[0]).toBe(1000);
    expect(startSamples[5]).toBe(1000 + 5 * 320);
  });
});
