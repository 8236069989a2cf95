import { describe, expect, it } from 'vitest';
import { RemoteMotion } from '../src/avatar/remote-motion.ts';

describe('RemoteMotion', () => {
  it('shows the place between two positions, late by its delay', () => {
    const motion = new RemoteMotion(100);
    motion.push(0, 0, 0, 0);
    motion.push(100, 1, 2, 0.5);
    motion.sample(150);
    expect([motion.x, motion.z, motion.yaw]).toEqual([0.5, 1, 0.25]);
  });

  it('stands where it came to last', () => {
    const motion = new RemoteMotion(100);
    motion.push(0, 0, 0, 0);
    motion.push(100, 1, 2, 0.5);
    motion.sample(5000);
    expect([motion.x, motion.z, motion.yaw]).toEqual([1, 2, 0.5]);
  });

  it('turns the short way round', () => {
    const motion = new RemoteMotion(0);
    motion.push(0, 0, 0, 3);
    motion.push(100, 0, 0, -3);
    motion.sample(50);
    expect(Math.abs(motion.yaw)).toBeCloseTo(Math.PI);
  });

  it('keeps the newest of many positions', () => {
    const motion = new RemoteMotion(0);
    for (let i = 0; i <= 100; i++) motion.push(i * 10, i, 0, 0);
    motion.sample(995);
    expect(motion.x).toBeCloseTo(99.5);
  });
});
