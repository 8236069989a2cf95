import { expect, test } from 'vitest';
import { findAddressee } from '../../src/turn/addressee.ts';
import { isBackchannel, isHum, isWordless } from '../../src/turn/backchannel.ts';
import { howFinished } from '../../src/turn/how-finished.ts';
import { Interruption } from '../../src/turn/interruption.ts';
import { repeatsWords, sameWords } from '../../src/turn/same-words.ts';
import { classifyOverEcho, classifyVocalSound } from '../../src/turn/vocal-sound.ts';
import { cough, hum, voice } from '../room/room-harness.ts';

test.each([
  ['Where is the telescope?', 'clear'],
  ['So, how much does a ticket cost?', 'clear'],
  ['Hello Mira.', 'clear'],
  ['Thank you very much.', 'clear'],
  ['Yes.', 'clear'],
  ['Stop!', 'clear'],
  ['Tell me about the moon rock.', 'likely'],
  ['I was here last year with my sister.', 'likely'],
  ['The moon rock.', 'likely'],
  ['Moon rock.', 'open'],
  ['I would like to', 'hanging'],
  ['I would like to, uh...', 'hanging'],
  ['I would like', 'hanging'],
  ['Can you tell me?', 'hanging'],
  ['Could you please tell me', 'hanging'],
  ['I was wondering.', 'hanging'],
  ['Do you know if it?', 'hanging'],
  ['Can you find out whether they', 'hanging'],
  ['Do you know if it is open?', 'clear'],
  ['Hello Mira. I have a question.', 'hanging'],
  ['Well, I think', 'hanging'],
  ['How much', 'hanging'],
  ['What is the', 'hanging'],
  ['And then we', 'hanging'],
  ['We came up here this morning, and if there is still time I would like to see.', 'hanging'],
  ['We came from Leeds, and first of all I would like to see.', 'hanging'],
  ['That is all I want to see.', 'likely'],
  ['I want to buy.', 'hanging'],
  ['Look at the roses, and since it is a nice day we could also.', 'hanging'],
  ['Is there somewhere around here where we could get a?', 'hanging'],
  ['Is there a place around here where we could any?', 'hanging'],
  ['Do you think that it would be possible to?', 'hanging'],
  ['Do you think that it would be possible to do', 'open'],
  ['Is there somebody here whom I can talk to?', 'clear'],
  ['Where are you going to?', 'clear'],
  ['If we come back tomorrow with the whole family, can we?', 'hanging'],
  ["You don't sell it, do you?", 'clear'],
  ['See the moon rock, and if there is time I would like to see the moon rock.', 'hanging'],
  ['I would like to see the moon rock. Yes, I would like to see the moon rock.', 'likely'],
  ['Where do I buy the tickets for tonight? Where do I buy the tickets for tonight?', 'clear'],
  ['I want to buy the globe.', 'likely'],
  ['Is this all that you want to see?', 'clear'],
  ['This is what I wanted to see.', 'likely'],
])('%j reads %j', (text, finish) => {
  expect(howFinished(text)).toBe(finish);
});

test('words that are said over and over are read as fast as others', () => {
  for (const word of ['okay, ', 'so ', 'well, so, ', 'hello. ', 'mmm ', 'please, please '])
    expect(howFinished(`${word.repeat(400)}telescope`)).not.toBe('clear');
});

test.each([
  ['Mm-hmm.', true],
  ['Mhm.', true],
  ['Uh-huh.', true],
  ['Yeah, right.', true],
  ['Okay.', true],
  ['I see.', true],
  ['Hmm, yeah.', true],
  ['Yeah, but when?', false],
  ['Stop.', false],
  ['Wait.', false],
  ['No.', false],
  ['Okay, stop.', false],
  ['What about Monday?', false],
])('%j accompanies: %j', (text, expected) => {
  expect(isBackchannel(text)).toBe(expected);
});

test('hums are no words', () => {
  expect(['Mm-hmm.', 'Uh-huh', 'Um...', 'Hmm.'].every(isHum)).toBe(true);
  expect(['Yes.', 'Okay.', 'Hum a song.', 'Mm, where is it?'].some(isHum)).toBe(false);
});

test('a voice without words has none, however it is spelt', () => {
  expect(['Mm-hmm.', 'Ahh!', 'Uh, uh-huh.', 'Haha, ha.', 'Cough, cough.', 'Uhm… oh.'].every(isWordless)).toBe(
    true,
  );
  expect(['Yeah.', 'Okay.', 'Ah, okay.', 'Her.', 'Ohm.'].some(isWordless)).toBe(false);
});

// With an ambiguous pattern, any of these would take longer than the world has been there.
test.each(['m'.repeat(400), 'mm-'.repeat(400), 'uh-huh '.repeat(400), 'ha'.repeat(400), 'hmm, '.repeat(400)])(
  'a recogniser that repeats itself holds up nobody: %j',
  (sound) => {
    const text = `${sound} and`;
    expect([isHum(text), isBackchannel(text), isWordless(text)]).toEqual([false, false, false]);
  },
);

test('a vowel sounds like words, closed lips hum, a cough is noise', () => {
  expect(classifyVocalSound(voice(200))).toBe('words');
  expect(classifyVocalSound(hum(200))).toBe('hum');
  expect(classifyVocalSound(cough(200))).toBe('noise');
  expect(classifyVocalSound(new Float32Array(3200))).toBe('noise');
});

/** Noise above 4 kHz, as of an "s". */
function hiss(durationMs: number): Float32Array {
  const noise = cough(durationMs);
  // Second differences, twice: what is below 4 kHz is gone.
  for (let order = 0; order < 4; order++) for (let i = noise.length - 1; i > 0; i--) noise[i] -= noise[i - 1];
  return noise.map((sample) => 0.02 * sample);
}

/** A burst without its highest frequencies, as a throat makes it. */
function throaty(durationMs: number): Float32Array {
  const noise = cough(durationMs);
  for (let i = noise.length - 1; i > 1; i--) noise[i] += noise[i - 1] + noise[i - 2];
  return noise;
}

/** A vowel as a dark "oh" has it: little above 800 Hz, but more than closed lips let through. */
function darkVowel(durationMs: number): Float32Array {
  return Float32Array.from({ length: durationMs * 16 }, (_, i) => {
    const part = (n: number) => Math.sin((2 * Math.PI * 125 * n * i) / 16_000);
    return 0.1 * (part(1) + part(2) + part(3)) + 0.025 * part(8);
  });
}

test('an "s" is no noise, a voice at the end of a cough no word, lips that open make one', () => {
  expect(classifyVocalSound(hiss(200))).toBe('hiss');
  expect(classifyVocalSound(Float32Array.of(...hiss(100), ...voice(200)))).toBe('words');
  expect(classifyVocalSound(Float32Array.of(...throaty(150), ...voice(160).map((v) => 0.5 * v)), 160)).toBe(
    'noise',
  );
  expect(classifyVocalSound(hum(300))).toBe('hum');
  expect(classifyVocalSound(darkVowel(300))).toBe('hum');
  expect(classifyVocalSound(Float32Array.of(...hum(150), ...darkVowel(150)))).toBe('words');
});

test('over an echo it is the rest that is looked at', () => {
  const at8kHz = (pcm: Float32Array) => pcm.filter((_, i) => i % 2 === 0);
  const echo = voice(200);
  const mixed = hum(200).map((sample, i) => sample + echo[i]);
  expect(classifyVocalSound(mixed)).toBe('words');
  const left = at8kHz(voice(200)).map((sample) => 0.03 * sample);
  const pcm = at8kHz(hum(200)).map((sample, i) => sample + left[i]);
  expect(classifyOverEcho(mixed, { pcm, left })).toBe('hum');
  expect(classifyOverEcho(voice(200), { pcm: at8kHz(voice(200)), left })).toBe('words');
});

test('a voice lowers the speaker after 64 ms, words stop them, "yeah" does not', () => {
  const interruption = new Interruption();
  const words = () => 'words' as const;
  expect(interruption.hear(32, words)).toBeNull();
  expect(interruption.hear(64, words)).toBe('suspect');
  expect(interruption.wantsWords(160)).toBe(false);
  expect(interruption.wantsWords(320)).toBe(true);
  expect(interruption.wantsWords(352)).toBe(false);
  expect(interruption.hearWords('Yeah', false)).toBeNull();
  expect(interruption.hearWords('Yeah.', true)).toBe('withdraw');
  expect(interruption.hear(448, words)).toBe('suspect');
  expect(interruption.hearWords('Yeah but when', false)).toBe('confirm');
  expect(interruption.hear(2000, words)).toBeNull();
  expect(interruption.reset()).toBeNull();
});

test('a voice that is one for sure lowers the speaker after 32 ms, and so does an "s"', () => {
  expect(new Interruption().hear(32, () => 'words', true)).toBe('suspect');
  expect(new Interruption().hear(32, () => 'hum', true)).toBeNull();
  expect(new Interruption().hear(64, () => 'hiss')).toBe('suspect');
});

test('a cough never lowers the speaker, a long voice takes the floor whatever it says', () => {
  const interruption = new Interruption();
  for (let ms = 32; ms < 1000; ms += 32) expect(interruption.hear(ms, () => 'noise')).toBeNull();
  expect(interruption.hear(1088, () => 'words')).toBe('suspect');
  expect(interruption.hear(1120, () => 'words')).toBe('confirm');
});

test('the words of a loudspeaker are known again, a question about them is not', () => {
  const said = 'A ticket costs eight euros, and children under twelve come in free.';
  expect(repeatsWords('ticket costs eight euros and children', said)).toBe(true);
  expect(repeatsWords('And how much is it for children?', said)).toBe(false);
  expect(repeatsWords('eight euros', said)).toBe(false);
  expect(sameWords('Where is it?', 'where is it')).toBe(true);
});

const NPCS = [
  { id: 'mira', name: 'Mira', x: 0, y: 0, z: 0 },
  { id: 'orson', name: 'Orson', x: 4, y: 0, z: 0 },
];
const BEN = { name: 'Ben', x: 1, y: 0, z: -3, talkedToPeopleAgoMs: Number.POSITIVE_INFINITY };
const AT = { x: 0, y: 0, z: -3 };
const FACING_BEN = Math.PI / 2;

test.each([
  [
    'gaze beats a little distance',
    { place: { x: 1.8, y: 0, z: -2 }, yaw: 0.9, text: 'How old are you?' },
    'orson',
  ],
  ['a name beats gaze', { place: AT, yaw: 0, text: 'Orson, how old are you?' }, 'orson'],
  ['a name at the end', { place: AT, yaw: 0, text: 'How old are you, Orson?' }, 'orson'],
  [
    'who is merely mentioned is not called',
    { place: AT, yaw: 0, text: 'What do you think of Orson?' },
    'mira',
  ],
  [
    'the thread of talk',
    { place: { x: 2, y: 0, z: -2 }, last: 'orson', lastAgoMs: 2000, text: 'And why?' },
    'orson',
  ],
  [
    'people who face each other',
    { place: AT, yaw: FACING_BEN, bystanders: [BEN], text: 'Shall we go?' },
    'people',
  ],
  [
    'another visitor is called',
    { place: AT, yaw: 0, bystanders: [BEN], text: 'Ben, look at that!' },
    'people',
  ],
  ['a bystander who is not faced', { place: AT, yaw: 0, bystanders: [BEN], text: 'Shall we go?' }, 'mira'],
  [
    'a name calls even from among people',
    { place: AT, yaw: FACING_BEN, bystanders: [BEN], text: 'Mira, is it far?' },
    'mira',
  ],
  [
    'an answer within a talk among people',
    { place: AT, yaw: 1.27, bystanders: [{ ...BEN, talkedToPeopleAgoMs: 3000 }], text: 'Yes, let us go.' },
    'people',
  ],
  [
    'a choice beats all',
    { explicit: 'mira', place: AT, yaw: FACING_BEN, bystanders: [BEN], text: 'Orson?' },
    'mira',
  ],
])('%s', (_name, clues, id) => {
  const addressee = findAddressee(NPCS, { rangeM: 5, ...clues });
  expect(addressee.kind === 'npc' ? addressee.npc.id : addressee.kind).toBe(id);
});
