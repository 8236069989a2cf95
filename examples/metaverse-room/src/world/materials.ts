import { StandardMaterial } from '@babylonjs/core/Materials/standardMaterial';
import { DynamicTexture } from '@babylonjs/core/Materials/Textures/dynamicTexture';
import { Texture } from '@babylonjs/core/Materials/Textures/texture';
import { Color3 } from '@babylonjs/core/Maths/math.color';
import type { Scene } from '@babylonjs/core/scene';

/** The few materials that the whole hall is made of; colours come from the vertices. */
export interface HallMaterials {
  readonly stone: StandardMaterial;
  readonly floor: StandardMaterial;
  readonly metal: StandardMaterial;
  readonly foliage: StandardMaterial;
  readonly glow: StandardMaterial;
}

export function createMaterials(scene: Scene): HallMaterials {
  const random = createRandom(7);
  const stone = new StandardMaterial('stone', scene);
  stone.diffuseTexture = paintTexture(scene, 'stone-grain', 256, 1 / 1.6, (context, size) =>
    paintGrain(context, size, random, 26),
  );
  stone.specularColor = new Color3(0.04, 0.04, 0.04);

  const floor = new StandardMaterial('floor', scene);
  floor.diffuseTexture = paintTexture(scene, 'tiles', 1024, 1 / 4, (context, size) =>
    paintTiles(context, size, random),
  );
  floor.specularColor = new Color3(0.1, 0.095, 0.08);
  floor.specularPower = 48;

  const metal = new StandardMaterial('metal', scene);
  metal.specularColor = new Color3(0.75, 0.62, 0.4);
  metal.specularPower = 42;
  metal.emissiveColor = new Color3(0.05, 0.035, 0.012);

  const foliage = new StandardMaterial('foliage', scene);
  foliage.specularColor = Color3.Black();

  const glow = new StandardMaterial('glow', scene);
  glow.emissiveColor = Color3.White();
  glow.disableLighting = true;
  return { stone, floor, metal, foliage, glow };
}

/** Park-Miller: the same hall for everybody. */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

function paintTexture(
  scene: Scene,
  name: string,
  size: number,
  repeatsPerMetre: number,
  paint: (context: CanvasRenderingContext2D, size: number) => void,
): DynamicTexture {
  const texture = new DynamicTexture(name, size, scene, true, Texture.TRILINEAR_SAMPLINGMODE);
  paint(texture.getContext() as CanvasRenderingContext2D, size);
  texture.update();
  texture.wrapU = Texture.WRAP_ADDRESSMODE;
  texture.wrapV = Texture.WRAP_ADDRESSMODE;
  texture.uScale = repeatsPerMetre;
  texture.vScale = repeatsPerMetre;
  texture.anisotropicFilteringLevel = 8;
  return texture;
}

function paintGrain(
  context: CanvasRenderingContext2D,
  size: number,
  random: () => number,
  depth: number,
): void {
  const image = context.createImageData(size, size);
  const coarse = Array.from({ length: 16 * 16 }, () => random());
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const u = (x / size) * 16;
      const v = (y / size) * 16;
      const value = 255 - depth * (0.65 * sampleWrapped(coarse, 16, u, v) + 0.35 * random());
      const at = (y * size + x) * 4;
      image.data[at] = value;
      image.data[at + 1] = value;
      image.data[at + 2] = value;
      image.data[at + 3] = 255;
    }
  }
  context.putImageData(image, 0, 0);
}

/** Four by four tiles of one metre: a floor that distances can be read from. */
function paintTiles(context: CanvasRenderingContext2D, size: number, random: () => number): void {
  paintGrain(context, size, random, 14);
  const tile = size / 4;
  for (let row = 0; row < 4; row++) {
    for (let column = 0; column < 4; column++) {
      const light = (row + column) % 2 === 0 ? 0.02 : 0.07;
      context.fillStyle = `rgba(96, 74, 52, ${light + random() * 0.04})`;
      context.fillRect(column * tile, row * tile, tile, tile);
    }
  }
  for (let line = 0; line <= 4; line++) {
    const at = line * tile;
    context.fillStyle = 'rgba(88, 72, 56, 0.55)';
    context.fillRect(at - 2.5, 0, 5, size);
    context.fillRect(0, at - 2.5, size, 5);
    context.fillStyle = 'rgba(255, 250, 238, 0.5)';
    context.fillRect(at + 2.5, 0, 2, size);
    context.fillRect(0, at + 2.5, size, 2);
  }
}

function sampleWrapped(values: readonly number[], size: number, u: number, v: number): number {
  const column = Math.floor(u);
  const row = Math.floor(v);
  const s = u - column;
  const t = v - row;
  const at = (x: number, y: number): number => values[(y % size) * size + (x % size)];
  const above = at(column, row) * (1 - s) + at(column + 1, row) * s;
  const below = at(column, row + 1) * (1 - s) + at(column + 1, row + 1) * s;
  return above * (1 - t) + below * t;
}
