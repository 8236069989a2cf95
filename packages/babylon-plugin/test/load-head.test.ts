import { VertexBuffer } from '@babylonjs/core/Buffers/buffer.js';
import type { Scene } from '@babylonjs/core/scene.js';
import { applyBasis, type ParleyError } from '@parley/sdk';
import { afterEach, describe, expect, it } from 'vitest';
import type { Head } from '../src/head/head.ts';
import { readHead } from '../src/head/load-head.ts';
import { exampleHead, exported, exportedModel } from './support/exported-model.ts';
import { nullScene } from './support/null-scene.ts';

const model = exportedModel();
const { manifest, template } = model;
const templateBytes = withoutMaterials(exported(manifest.files.template.path));

let scene: Scene;
afterEach(() => scene.getEngine().dispose());

/** The material file cannot be fetched in Node. */
function withoutMaterials(bytes: Uint8Array): Uint8Array {
  return new TextEncoder().encode(new TextDecoder().decode(bytes).replace(/^mtllib.*$/m, ''));
}

function edited(edit: (text: string) => string): Uint8Array {
  return new TextEncoder().encode(edit(new TextDecoder().decode(templateBytes)));
}

/** A frame of controls with some set. */
function frame(values: Record<string, number>): Float32Array {
  return Float32Array.from(manifest.controls, ({ name }) => values[name] ?? 0);
}

function load(bytes: Uint8Array, name = 'head.obj'): Promise<Head> {
  return readHead(scene, bytes, name, '', model, { path: 'cpu' });
}

/** Positions of all vertices of a head, keyed by the rest position in the template's axes. */
function positionsOf(head: Head, signX: number): Float32Array[] {
  return head.meshes.map((mesh) => {
    const positions = Float32Array.from(mesh.getVerticesData(VertexBuffer.PositionKind)!);
    for (let i = 0; i < positions.length; i += 3) positions[i] *= signX;
    return positions;
  });
}

function key(p: ArrayLike<number>, i: number): string {
  return `${p[i].toFixed(5)} ${p[i + 1].toFixed(5)} ${p[i + 2].toFixed(5)}`;
}

describe.each([
  { handedness: 'left-handed', rightHanded: false },
  { handedness: 'right-handed', rightHanded: true },
])('the template as .obj in a $handedness scene', ({ rightHanded }) => {
  it('moves every vertex exactly as the basis says', async () => {
    scene = nullScene({ rightHanded });
    const head = await load(templateBytes);
    expect(head.kind).toBe('template');
    const signX = rightHanded ? 1 : -1;
    const rest = positionsOf(head, signX);
    const vertexAt = new Map<string, number>();
    const neutral = template.surface.positions;
    for (let v = 0; v < neutral.length / 3; v++) vertexAt.set(key(neutral, v * 3), v);

    const controls = frame({ jawOpen: 0.7, mouthSmileLeft: 0.5, eyeBlinkRight: 1, tongueOut: 0.4 });
    head.rig.apply(controls);
    const expected = new Float32Array(neutral.length);
    applyBasis(template.basis, controls, neutral, expected);
    const moved = positionsOf(head, signX);
    const seen = new Set<number>();
    let worst = 0;
    moved.forEach((positions, m) => {
      for (let i = 0; i < positions.length; i += 3) {
        const v = vertexAt.get(key(rest[m], i))!;
        seen.add(v);
        for (let axis = 0; axis < 3; axis++) {
          worst = Math.max(worst, Math.abs(positions[i + axis] - expected[v * 3 + axis]));
        }
      }
    });
    expect(seen.size).toBe(template.basis.vertices);
    expect(worst).toBeLessThan(1e-5);
  });

  it('turns to its own left, looks down, tilts to its own left', async () => {
    scene = nullScene({ rightHanded });
    const head = await load(templateBytes);
    const signX = rightHanded ? 1 : -1;
    const nose = highestZ(positionsOf(head, signX));
    head.rig.apply(frame({ headYaw: 0.3 }));
    expect(at(head, signX, nose)[0]).toBeGreaterThan(0.02);
    head.rig.apply(frame({ headPitch: 0.3 }));
    expect(at(head, signX, nose)[1]).toBeLessThan(-0.02);
    const top = highestY(positionsOf(head, signX));
    head.rig.apply(frame({ headRoll: 0.3 }));
    expect(at(head, signX, top)[0]).toBeGreaterThan(0.03);
  });

  it('keeps the cut of the neck on its shoulders', async () => {
    scene = nullScene({ rightHanded });
    const head = await load(templateBytes);
    const rest = positionsOf(head, 1);
    head.rig.apply(frame({ headYaw: 0.4, headPitch: 0.2 }));
    const moved = positionsOf(head, 1);
    let lowest = 0;
    rest.forEach((positions, m) => {
      for (let i = 0; i < positions.length; i += 3) {
        if (positions[i + 1] > -0.135) continue;
        lowest++;
        for (let axis = 0; axis < 3; axis++) expect(moved[m][i + axis]).toBeCloseTo(positions[i + axis], 6);
      }
    });
    expect(lowest).toBeGreaterThan(3);
  });
});

function highestZ(parts: Float32Array[]): [mesh: number, index: number] {
  return highest(parts, 2);
}

function highestY(parts: Float32Array[]): [mesh: number, index: number] {
  return highest(parts, 1);
}

function highest(parts: Float32Array[], axis: number): [number, number] {
  let best: [number, number] = [0, 0];
  parts.forEach((positions, m) => {
    for (let i = 0; i < positions.length; i += 3) {
      if (positions[i + axis] > parts[best[0]][best[1] + axis]) best = [m, i];
    }
  });
  return best;
}

function at(head: Head, signX: number, [mesh, index]: [number, number]): Float32Array {
  return positionsOf(head, signX)[mesh].slice(index, index + 3);
}

describe('an .obj of another identity', () => {
  it('moves by its size, turned with it', async () => {
    scene = nullScene({ rightHanded: true });
    // Twice as large, lying on its back (y up becomes z up), somewhere else.
    const bytes = edited((text) =>
      text.replace(/^v (\S+) (\S+) (\S+)/gm, (_, x, y, z) => `v ${2 * x + 1} ${-2 * z} ${2 * y + 3}`),
    );
    const head = await load(bytes);
    const rest = positionsOf(head, 1);
    head.rig.apply(frame({ jawOpen: 1 }));
    const moved = positionsOf(head, 1);
    let furthest = [0, 0, 0];
    rest.forEach((positions, m) => {
      for (let i = 0; i < positions.length; i += 3) {
        const delta = [0, 1, 2].map((axis) => moved[m][i + axis] - positions[i + axis]);
        if (Math.hypot(...delta) > Math.hypot(...furthest)) furthest = delta;
      }
    });
    const jaw = template.basis.names.indexOf('jawOpen');
    let longest = 0;
    for (let v = 0; v < template.basis.vertices; v++) {
      const first = (jaw * template.basis.vertices + v) * 3;
      const offset = Array.from(
        template.basis.offsets.slice(first, first + 3),
        (n) => n * template.basis.scale[jaw],
      );
      longest = Math.max(longest, Math.hypot(...offset));
    }
    expect(Math.hypot(...furthest)).toBeCloseTo(2 * longest, 3);
    // Down is now -z.
    expect(furthest[2]).toBeLessThan(-0.02);
  });

  it('the example bust: its head moves, its shoulders and plinth do not', async () => {
    scene = nullScene();
    const head = await load(withoutMaterials(exampleHead('bust.obj')), 'bust.obj');
    const rest = positionsOf(head, 1);
    head.rig.apply(frame({ jawOpen: 1, headYaw: 0.4 }));
    const moved = positionsOf(head, 1);
    let still = 0;
    let far = 0;
    rest.forEach((positions, m) => {
      for (let i = 0; i < positions.length; i += 3) {
        const length = Math.hypot(...[0, 1, 2].map((axis) => moved[m][i + axis] - positions[i + axis]));
        if (length < 1e-6) still++;
        if (length > 0.01) far++;
      }
    });
    expect(still).toBeGreaterThan(100);
    expect(far).toBeGreaterThan(1000);
  });

  it('two heads of one file share a basis', async () => {
    scene = nullScene();
    const textures = scene.textures.length;
    const a = await readHead(scene, templateBytes, 'a.obj', '', model);
    const after = scene.textures.length;
    const b = await readHead(scene, templateBytes, 'b.obj', '', model);
    expect(scene.textures.length).toBe(after);
    a.dispose();
    b.dispose();
    expect(scene.textures.length).toBe(textures);
    expect(scene.meshes.length).toBe(0);
    expect(scene.transformNodes.length).toBe(0);
    expect(scene.geometries.length).toBe(0);
    expect(scene.materials.length).toBe(0);
  });
});

describe('files that are no head', () => {
  const glb = (lengthBytes: number): Uint8Array => {
    const bytes = new Uint8Array(40);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, 0x46546c67, true);
    view.setUint32(4, 2, true);
    view.setUint32(8, lengthBytes, true);
    return bytes;
  };
  const gltf = (json: object): Uint8Array => new TextEncoder().encode(JSON.stringify(json));
  const text = (value: string): Uint8Array => new TextEncoder().encode(value);

  it.each([
    { what: 'an empty file', bytes: new Uint8Array(0), code: 'empty-head' },
    { what: 'spaces', bytes: text(' \n '), code: 'empty-head' },
    { what: 'a picture', bytes: Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 13), code: 'not-a-mesh' },
    { what: 'a letter', bytes: text('Dear head,\nhow are you?\n'), code: 'not-a-mesh' },
    { what: 'a truncated .glb', bytes: glb(4000), code: 'truncated-head' },
    { what: 'a .glb of nothing', bytes: glb(40), code: 'unreadable-head' },
    { what: 'a truncated .gltf', bytes: text('{"asset":{"version":"2.0"},"mes'), code: 'truncated-head' },
    {
      what: 'a .gltf without morph targets',
      bytes: gltf({ asset: { version: '2.0' }, scene: 0, scenes: [{ nodes: [0] }], nodes: [{ name: 'n' }] }),
      code: 'no-face-controls',
    },
    {
      what: 'a cut .obj',
      bytes: text('v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\nf 1 2 9'),
      code: 'truncated-head',
    },
    {
      what: 'a line cut short',
      bytes: text('v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\nf 1 2'),
      code: 'truncated-head',
    },
    { what: 'a foreign .obj', bytes: text('v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3'), code: 'unknown-topology' },
    {
      what: 'the first half of a head',
      bytes: templateBytes.slice(0, templateBytes.lastIndexOf(0x0a, templateBytes.length * 0.75)),
      code: 'unknown-topology',
    },
  ])('$what: $code', async ({ bytes, code }) => {
    scene = nullScene();
    const failure = await load(bytes, 'file').catch((error: ParleyError) => error);
    expect(failure).toMatchObject({ code });
    expect((failure as ParleyError).message).toMatch(/again|give|shape|export/);
    expect(scene.meshes.length + scene.transformNodes.length + scene.materials.length).toBe(0);
  });
});
