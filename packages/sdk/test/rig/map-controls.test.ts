import { expect, test } from 'vitest';
import { applyControlMap, mapControls } from '../../src/index.ts';
import { realManifest } from '../real-export.ts';

const names = realManifest()
  .controls.filter((control) => control.kind === 'shape')
  .map((control) => control.name);
const arkit = names.slice(0, 52);

const short = (name: string) => name.replace(/Left$/, '_L').replace(/Right$/, '_R');
const pascal = (name: string) => name[0].toUpperCase() + name.slice(1);
const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const SPELLINGS: [string, (name: string) => string][] = [
  ['exact', (name) => name],
  ['EyeBlinkLeft', pascal],
  ['EYEBLINKLEFT', (name) => name.toUpperCase()],
  ['eyeblinkleft', (name) => name.toLowerCase()],
  ['eyeBlink_L', short],
  ['EyeBlink_l', (name) => pascal(short(name)).replace(/_([LR])$/, (side) => side.toLowerCase())],
  ['eyeBlink.L', (name) => short(name).replace('_', '.')],
  ['eyeBlink-R', (name) => short(name).replace('_', '-')],
  ['eyeBlinkL', (name) => short(name).replace('_', '')],
  ['eye_blink_left', snake],
  ['eye blink left', (name) => snake(name).replaceAll('_', ' ')],
  ['blendShape1.eyeBlink_L', (name) => `blendShape1.${short(name)}`],
  ['head:eyeBlinkLeft', (name) => `head:${name}`],
  ['Head_Mesh.EyeBlink.L', (name) => `Head_Mesh.${pascal(short(name)).replace('_', '.')}`],
];

test.each(SPELLINGS)('all 52 are found when they are spelt like %s, whatever their order', (_, spell) => {
  const targets = ['Basis', ...[...arkit].reverse().map(spell), 'smileWide'];
  const map = mapControls(names, targets);
  expect(map.missing).toEqual(names.slice(52));
  expect([...map.controlIndices].map((control) => names[control])).toEqual(arkit);
  expect([...map.targetIndices].map((target) => targets[target])).toEqual(arkit.map(spell));
});

test('the 52 names of ARKit come first, as Apple spells them', () => {
  expect(arkit[0]).toBe('eyeBlinkLeft');
  expect(arkit[51]).toBe('tongueOut');
  expect(new Set(arkit.map((name) => name.toLowerCase())).size).toBe(52);
});

test('a control without side drives both halves of a split target; mouthLeft stays a direction', () => {
  const targets = [
    'browInnerUp_L',
    'browInnerUp_R',
    'cheekPuffLeft',
    'cheekPuffRight',
    'mouthLeft',
    'mouthRight',
  ];
  const map = mapControls(['browInnerUp', 'cheekPuff', 'mouthLeft', 'mouthRight', 'jawOpen'], targets);
  expect([...map.controlIndices]).toEqual([0, 0, 1, 1, 2, 3]);
  expect([...map.targetIndices]).toEqual([0, 1, 2, 3, 4, 5]);
  expect(map.missing).toEqual(['jawOpen']);
});

test('of two targets that are spelt alike the first counts', () => {
  const map = mapControls(['jawOpen'], ['teeth.jawOpen', 'JawOpen', 'jawOpen']);
  expect([...map.targetIndices]).toEqual([0]);
});

test('influences are written, other targets are left alone', () => {
  const map = mapControls(['jawOpen', 'cheekPuff'], ['smile', 'JawOpen', 'cheekPuff_L', 'cheekPuff_R']);
  const influences = [0.3, 0, 0, 0];
  applyControlMap(map, Float32Array.of(0.5, 0.25), influences);
  expect(influences).toEqual([0.3, 0.5, 0.25, 0.25]);
});

test('a head without targets misses everything', () => {
  expect(mapControls(names, []).missing).toEqual(names);
  expect(mapControls(names, ['Basis', '', '.', '_L']).missing).toEqual(names);
});
