/**
 * Finds the 468 landmarks on the template head and writes models/exports/landmarks/template.json:
 *
 *     npm run landmarks -w @parley/bench
 *
 * The nets see the template from 35 sides with two kinds of light; the means are laid onto the skin. Run it again after
 * models/template.py or models/landmarks.py has written something new.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { headDrawable, readHead, type TemplateLandmarks } from '@parley/sdk/bind';
import { type AveragedLandmarks, averageViews } from '../../packages/sdk/src/bind/landmarks/average-views.ts';
import { FACE_OVAL } from '../../packages/sdk/src/bind/landmarks/landmark-sets.ts';
import { lookAtFace } from '../../packages/sdk/src/bind/landmarks/look-at-face.ts';
import { pointsOnSurface } from '../../packages/sdk/src/bind/landmarks/points-on-surface.ts';
import { renderView } from '../../packages/sdk/src/bind/render/view.ts';
import { landmarksUrl, loadNets } from './load-nets.ts';

const COUNT = 468;
const SIZE = 384;
const templateUrl = new URL('../../models/exports/template.obj', import.meta.url);

const nets = await loadNets();
const head = await readHead(readFileSync(templateUrl), { fileName: 'template.obj' });
const drawn = headDrawable(head);
const skinParts = head.parts
  .map((_, part) => part)
  .filter((part) => /^(skin|lips)$/.test(head.parts[part].material));
const skin = headDrawable(head, skinParts);

// From the front once, then from all sides with the landmarks of the round before.
const camera = { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], target: [0, 0.02, 0.06], half: 0.16, fovDeg: 20 };
const view = renderView(drawn, camera, SIZE);
const look = await lookAtFace(nets, view, { x: SIZE / 2, y: SIZE / 2, size: SIZE, angle: 0 });
if (!look) throw new Error('the nets see no face on the template');
let template: TemplateLandmarks = {
  vertices: new Uint32Array(3 * COUNT),
  barycentrics: new Float32Array(3 * COUNT),
  positions: pointsOnSurface(view, drawn, look.points, 20).positions,
  weights: new Float32Array(COUNT).map((_, i) => (FACE_OVAL.includes(i) ? 0 : 1)),
  spreadMm: new Float32Array(COUNT),
};
const identity = {
  scale: 1,
  rotation: Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1),
  translation: new Float64Array(3),
};
const turns: [number, number][] = [];
for (const yaw of [-12, -8, -4, 0, 4, 8, 12]) for (const pitch of [-8, -4, 0, 4, 8]) turns.push([yaw, pitch]);

let spread = new Float32Array(COUNT);
for (let round = 0; round < 2; round++) {
  const rounds: AveragedLandmarks[] = [];
  for (const shading of ['plain', 'hollows'] as const) {
    const averaged = await averageViews(nets, drawn, skin, identity, template, 20, shading, turns);
    if (!averaged) throw new Error('the nets see no face on the template');
    console.log(
      shading,
      'detection',
      averaged.detection,
      'presence',
      averaged.presence,
      'views',
      averaged.views,
    );
    rounds.push(averaged);
  }
  // The mean of both, laid onto the skin once more.
  const front = { ...camera, fovDeg: 0 };
  const points = new Float64Array(2 * COUNT);
  const perMetre = SIZE / 2 / front.half;
  for (let i = 0; i < COUNT; i++)
    for (const axis of [0, 1]) {
      const metres = (rounds[0].hits.positions[3 * i + axis] + rounds[1].hits.positions[3 * i + axis]) / 2;
      points[2 * i + axis] = SIZE / 2 + (axis === 0 ? 1 : -1) * (metres - front.target[axis]) * perMetre;
    }
  const guide = { positions: template.positions, behind: 0.008 };
  const hits = pointsOnSurface(renderView(skin, front, SIZE), skin, points, 20, guide);
  spread = rounds[0].spread.map((value, i) => (value + rounds[1].spread[i]) / 2);
  const vertices = new Uint32Array(3 * COUNT);
  for (let i = 0; i < COUNT; i++) {
    const triangle = hits.triangles[i];
    const { joined } = skin;
    const at = joined.firstTriangle.findLastIndex((first) => first <= triangle);
    const part = head.parts[joined.parts[at]];
    for (let k = 0; k < 3; k++)
      vertices[3 * i + k] = part.sourceVertices[part.indices[3 * (triangle - joined.firstTriangle[at]) + k]];
  }
  template = { ...template, vertices, barycentrics: hits.barycentrics, positions: hits.positions };
}
await nets.close();

const rounded = (values: Float32Array, digits: number): number[] =>
  Array.from(values, (value) => Number(value.toFixed(digits)));
writeFileSync(
  new URL('template.json', landmarksUrl),
  `${JSON.stringify({
    scheme: 'mediapipe-468',
    vertices: Array.from(template.vertices),
    barycentrics: rounded(template.barycentrics, 5),
    positions: rounded(template.positions, 6),
    spreadMm: rounded(
      spread.map((metres) => metres * 1000),
      3,
    ),
  })}\n`,
);
const sorted = [...spread].sort((a, b) => a - b);
console.log('spread between views in mm: median', sorted[234] * 1000, '90 %', sorted[421] * 1000);
