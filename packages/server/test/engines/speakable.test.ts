import { describe, expect, it } from 'vitest';
import { speakable } from '../../src/engines/tts/speakable.ts';

describe('speakable', () => {
  it.each([
    ['Apollo 17 flew in 1972.', 'Apollo seventeen flew in nineteen seventy two.'],
    ['€12.50, or $5; 20% off', 'twelve euros and fifty cents, or five dollars; twenty percent off'],
    ['$1, £0.01, ¥300, 12 €', 'one dollar, one penny, three hundred yen, twelve euros'],
    ['$1.5 million', 'one point five million dollars'],
    ['9:00 am to 6pm', 'nine A M to six P M'],
    ["It's 12:05, not 18:30 or 7:00.", "It's twelve oh five, not eighteen thirty or seven o'clock."],
    [
      'the 3rd of May, May 21, 2024-02-01',
      'the third of May, May twenty first, February first, twenty twenty four',
    ],
    [
      'the 1960s, 2005, 1900, 1905, 2000',
      'the nineteen sixties, two thousand five, nineteen hundred, nineteen oh five, two thousand',
    ],
    ['1,204,567 people', 'one million two hundred four thousand five hundred sixty seven people'],
    ['3.14, -5, 007, 1/2', 'three point one four, minus five, zero zero seven, one half'],
    [
      '20°C, 5 km/h, 1 kg, 100 m',
      'twenty degrees Celsius, five kilometers per hour, one kilogram, one hundred meters',
    ],
    ['10-20 people and/or 5x', 'ten to twenty people and or five x'],
    ['call 555-1234', 'call five five five, one two three four'],
    ['Dr. Smith vs. Mr. Jones, e.g. now', 'Doctor Smith versus Mister Jones, for example now'],
    ['the U.S.A. and NPCs', "the U S A and N P C's"],
    ['**Bold** _it_ `code` ~~no~~', 'Bold it code no'],
    ['# Title\n- one\n- two', 'Title. one. two'],
    ['see [the map](http://x.y/z) at https://a.b/c?d.', 'see the map at the link.'],
    ['https://a.b/c: our page', 'our page'],
    ['Hi 😀👍🏽🇫🇷 there', 'Hi there'],
    ['Wait — really...', 'Wait, really'],
    ['take it (it is free).', 'take it, it is free.'],
    ['café Zürich', 'cafe Zurich'],
    ["visitors' maps 'quoted' it's", "visitors' maps quoted it's"],
    ['me@site.org', 'me at site dot org'],
    ['A & B @ C + D = E', 'A and B at C plus D equals E'],
    ['', ''],
    ['😀', ''],
  ])('%s', (text, expected) => {
    expect(speakable(text)).toBe(expected);
  });

  it('never takes long and never throws on hostile text', () => {
    const startMs = performance.now();
    for (const text of [
      '('.repeat(2_000),
      '1'.repeat(2_000),
      '['.repeat(1_000),
      '-'.repeat(2_000),
      '. '.repeat(2_000),
    ]) {
      expect(typeof speakable(text)).toBe('string');
    }
    expect(performance.now() - startMs).toBeLessThan(1000);
  });
});
