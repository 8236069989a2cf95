import { describe, expect, it } from 'vitest';
import { chooseAddressee, nextAddressee } from '../src/talk/choose-addressee.ts';

const PEOPLE = [
  { id: 'mira', x: 0, z: 1 },
  { id: 'orson', x: 5, z: 3 },
];

describe('chooseAddressee', () => {
  it('takes the nearest within reach and in view', () => {
    expect(chooseAddressee(PEOPLE, 0, -3, 0, '', false)).toBe('mira');
    expect(chooseAddressee(PEOPLE, 4, 1, 0.5, '', false)).toBe('orson');
    expect(chooseAddressee(PEOPLE, 0, -8, 0, '', false)).toBe('');
  });

  it('addresses nobody behind the back, unless they are close', () => {
    expect(chooseAddressee(PEOPLE, 0, -3, Math.PI, '', false)).toBe('');
    expect(chooseAddressee(PEOPLE, 0, -0.5, Math.PI, '', false)).toBe('mira');
  });

  it('does not change its mind halfway, but follows a clear move', () => {
    expect(chooseAddressee(PEOPLE, 2.6, 1.9, 1, 'mira', false)).toBe('mira');
    expect(chooseAddressee(PEOPLE, 4.2, 2.4, 1, 'mira', false)).toBe('orson');
  });

  it("keeps a visitor's own choice while it is within reach", () => {
    expect(chooseAddressee(PEOPLE, 4.2, 2.4, 1, 'mira', true)).toBe('mira');
    expect(chooseAddressee(PEOPLE, 9, 3, -1.5, 'mira', true)).toBe('orson');
  });
});

describe('nextAddressee', () => {
  it('goes round among those within reach', () => {
    expect(nextAddressee(PEOPLE, 2.5, 1, 'mira')).toBe('orson');
    expect(nextAddressee(PEOPLE, 2.5, 1, 'orson')).toBe('mira');
    expect(nextAddressee(PEOPLE, 2.5, 1, '')).toBe('mira');
    expect(nextAddressee(PEOPLE, -3, 1, 'mira')).toBe('');
  });
});
