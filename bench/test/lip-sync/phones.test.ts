import { expect, it } from 'vitest';
import { phoneAt, readPhones } from '../../lip-sync/phones.ts';

it('reads phones with their milliseconds, and joins equal neighbours', () => {
  const phones = readPhones('IH1:80 N:60 N:20 sp:40 :20');
  expect(phones).toEqual([
    { phone: 'IH', startMs: 0, endMs: 80 },
    { phone: 'N', startMs: 80, endMs: 160 },
    { phone: 'sil', startMs: 160, endMs: 220 },
  ]);
  expect([79, 80, 219, 220, -1].map((ms) => phoneAt(phones, ms))).toEqual(['IH', 'N', 'sil', 'sil', 'sil']);
  expect(() => readPhones('IH1')).toThrow(/IH1/);
});
