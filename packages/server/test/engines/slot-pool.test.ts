import { describe, expect, it } from 'vitest';
import { SlotPool } from '../../src/engines/llm/slot-pool.ts';

const never = new AbortController().signal;

describe('SlotPool', () => {
  it('gives a key the slot it had, and new keys the one unused the longest', async () => {
    const pool = new SlotPool(['a', 'b']);
    const use = async (key: string) => {
      const { value, free } = await pool.take(key, never);
      free();
      return value;
    };
    expect(await use('mira')).toBe('a');
    expect(await use('orson')).toBe('b');
    expect(await use('mira')).toBe('a');
    expect(await use('third')).toBe('b');
    expect(await use('mira')).toBe('a');
  });

  it('lets a caller wait for a free slot', async () => {
    const pool = new SlotPool(['a']);
    const first = await pool.take('x', never);
    const second = pool.take('y', never);
    first.free();
    expect((await second).value).toBe('a');
  });

  it('rejects a waiting caller who aborts, and serves the next', async () => {
    const pool = new SlotPool(['a']);
    const first = await pool.take('x', never);
    const controller = new AbortController();
    const impatient = pool.take('y', controller.signal);
    const patient = pool.take('z', never);
    controller.abort(new Error('barge-in'));
    await expect(impatient).rejects.toThrow('barge-in');
    first.free();
    expect((await patient).value).toBe('a');
  });
});
