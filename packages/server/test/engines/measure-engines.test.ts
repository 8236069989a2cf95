import { expect, it } from 'vitest';
import { type EngineSpeed, measureEngines } from '../../src/engines/measure-engines.ts';
import { scriptedEngines } from './scripted-engines.ts';

it('measures each engine once, the voice first since the others need its speech', async () => {
  const speeds: EngineSpeed[] = [];
  await measureEngines(scriptedEngines({ tokenDelayMs: 2 }), (speed) => speeds.push(speed));
  expect(speeds.map(({ kind }) => kind)).toEqual(['tts', 'vad', 'asr', 'llm', 'face']);
  for (const { value, firstMs } of speeds) {
    expect(value).toBeGreaterThan(0);
    expect(Number.isFinite(value)).toBe(true);
    expect(firstMs).toBeGreaterThan(0);
  }
});

it('stops at the first engine that fails', async () => {
  const failures = { asr: new Error('no ears') };
  const speeds: EngineSpeed[] = [];
  const run = measureEngines(scriptedEngines({ failures }), (speed) => speeds.push(speed));
  await expect(run).rejects.toThrow('no ears');
  expect(speeds.map(({ kind }) => kind)).toEqual(['tts', 'vad']);
});
