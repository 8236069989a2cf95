import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** How a part of an .obj looks. */
export interface ObjMaterial {
  readonly name: string;
  /** As monitors show it (sRGB), 0 to 1. */
  readonly colour: readonly [number, number, number];
  /** 0 (clear) to 1. */
  readonly opacity: number;
  /** File of the colour texture. */
  readonly texture?: { readonly bytes: Uint8Array; readonly mimeType: 'image/png' | 'image/jpeg' };
}

/** The triangles of one material, each corner a vertex of its own kind. */
export interface ObjPart {
  readonly material: ObjMaterial;
  /** For each vertex of the part, the `v` line that it copies. */
  readonly sources: Uint32Array;
  /** uv for each vertex, v downwards as in glTF; null where the file has none. */
  readonly uvs: Float32Array | null;
  /** Triangles of the part's vertices. */
  readonly indices: Uint32Array;
}

const PLAIN: ObjMaterial = { name: 'default', colour: [0.8, 0.8, 0.8], opacity: 1 };

/**
 * Splits an .obj by its materials (`usemtl`) and reads those; polygons become fans. Files of materials or textures that
 * are not there, and pictures other than PNG and JPEG, are left out.
 * @param folder Where the material files lie.
 */
export async function readObjParts(text: string, folder: string): Promise<ObjPart[]> {
  const materials = new Map<string, ObjMaterial>();
  const uvs: number[] = [];
  const corners = new Map<string, string[]>();
  let positions = 0;
  let current = '';
  for (const line of text.split('\n')) {
    const [word, ...rest] = line.trim().split(/\s+/);
    if (word === 'v') positions++;
    else if (word === 'vt') uvs.push(Number(rest[0]), 1 - Number(rest[1] ?? 0));
    else if (word === 'usemtl') current = rest.join(' ');
    else if (word === 'mtllib')
      for (const material of await readMaterials(join(folder, rest.join(' '))))
        materials.set(material.name, material);
    else if (word === 'f') {
      const list = corners.get(current) ?? [];
      corners.set(current, list);
      const face = rest.map((corner) => absolute(corner, positions, uvs.length / 2));
      for (let i = 1; i + 1 < face.length; i++) list.push(face[0]!, face[i]!, face[i + 1]!);
    }
  }
  return [...corners].map(([name, list]) => makePart(materials.get(name) ?? { ...PLAIN, name }, list, uvs));
}

/** `7/-1/3` becomes `6/41`: vertex and texture coordinate, counted from 0; the latter may be missing. */
function absolute(corner: string, positions: number, uvs: number): string {
  const [v = '', vt = ''] = corner.split('/');
  const index = (part: string, count: number) => (Number(part) < 0 ? count + Number(part) : Number(part) - 1);
  return vt === '' ? `${index(v, positions)}/` : `${index(v, positions)}/${index(vt, uvs)}`;
}

function makePart(material: ObjMaterial, corners: readonly string[], uvs: readonly number[]): ObjPart {
  const vertexOf = new Map<string, number>();
  const indices = Uint32Array.from(corners, (corner) => {
    const known = vertexOf.get(corner);
    if (known !== undefined) return known;
    vertexOf.set(corner, vertexOf.size);
    return vertexOf.size - 1;
  });
  const pairs = [...vertexOf.keys()].map((key) => key.split('/'));
  const hasUvs = pairs.every(([, vt]) => vt !== '');
  return {
    material,
    sources: Uint32Array.from(pairs, ([v]) => Number(v)),
    uvs: hasUvs
      ? Float32Array.from(pairs.flatMap(([, vt]) => [uvs[Number(vt) * 2] ?? 0, uvs[Number(vt) * 2 + 1] ?? 0]))
      : null,
    indices,
  };
}

/** The materials of the files that an .obj names, by their names; files that are not there are left out. */
export async function readObjMaterials(text: string, folder: string): Promise<Map<string, ObjMaterial>> {
  const materials = new Map<string, ObjMaterial>();
  for (const [, file = ''] of text.matchAll(/^[ \t]*mtllib[ \t]+(.+?)[ \t\r]*$/gm))
    for (const material of await readMaterials(join(folder, file))) materials.set(material.name, material);
  return materials;
}

async function readMaterials(path: string): Promise<ObjMaterial[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const materials: ObjMaterial[] = [];
  for (const block of text.split(/^\s*newmtl\s+/m).slice(1)) {
    const [name = '', ...lines] = block.split('\n').map((line) => line.trim());
    const value = (word: string) =>
      lines
        .find((line) => line.startsWith(`${word} `))
        ?.slice(word.length + 1)
        .trim();
    const [r = 0.8, g = 0.8, b = 0.8] = (value('Kd') ?? '').split(/\s+/).filter(Boolean).map(Number);
    const transparency = value('Tr');
    const map = value('map_Kd')?.split(/\s+/).at(-1);
    materials.push({
      name,
      colour: [r, g, b],
      opacity: Number(value('d') ?? (transparency === undefined ? 1 : 1 - Number(transparency))),
      texture: map ? await readTexture(join(dirname(path), map)) : undefined,
    });
  }
  return materials;
}

async function readTexture(path: string): Promise<ObjMaterial['texture']> {
  const bytes = await readFile(path).catch(() => null);
  if (bytes?.[0] === 0x89 && bytes[1] === 0x50) return { bytes, mimeType: 'image/png' };
  if (bytes?.[0] === 0xff && bytes[1] === 0xd8) return { bytes, mimeType: 'image/jpeg' };
  return undefined;
}
