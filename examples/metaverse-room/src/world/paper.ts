import { StandardMaterial } from '@babylonjs/core/Materials/standardMaterial';
import { DynamicTexture } from '@babylonjs/core/Materials/Textures/dynamicTexture';
import { Color3 } from '@babylonjs/core/Maths/math.color';
import { Vector4 } from '@babylonjs/core/Maths/math.vector';
import { CreatePlane } from '@babylonjs/core/Meshes/Builders/planeBuilder';
import { Mesh } from '@babylonjs/core/Meshes/mesh';
import type { Scene } from '@babylonjs/core/scene';
import { ORION } from './constellations.ts';
import type { Paper } from './paper-words.ts';

/** Size of a sheet, metres and pixels. */
const WIDTH_M = 0.15;
const HEIGHT_M = 0.22;
const WIDTH_PX = 420;
const HEIGHT_PX = 616;
const INK = '#26324a';
const GOLD = '#b98a36';
const SHEET = '#f7f0df';
const FONT = '"Avenir Next", "Segoe UI", system-ui, sans-serif';

/** A printed sheet; +z looks away from who reads it. It owns its material and texture. */
export function createPaper(scene: Scene, paper: Paper): Mesh {
  const mesh = CreatePlane(
    'paper',
    {
      width: WIDTH_M,
      height: HEIGHT_M,
      sideOrientation: Mesh.DOUBLESIDE,
      // The same on both sides, and on none as in a mirror.
      frontUVs: new Vector4(0, 0, 1, 1),
      backUVs: new Vector4(1, 0, 0, 1),
    },
    scene,
  );
  const texture = new DynamicTexture('paper', { width: WIDTH_PX, height: HEIGHT_PX }, scene, true);
  print(texture.getContext() as CanvasRenderingContext2D, paper);
  texture.update();
  const material = new StandardMaterial('paper', scene);
  // Lit from within, so that it can be read in the shade.
  material.emissiveTexture = texture;
  material.diffuseColor = Color3.Black();
  material.specularColor = Color3.Black();
  mesh.material = material;
  mesh.isPickable = false;
  return mesh;
}

function print(context: CanvasRenderingContext2D, { title, subtitle, parts }: Paper): void {
  context.fillStyle = SHEET;
  context.fillRect(0, 0, WIDTH_PX, HEIGHT_PX);
  context.fillStyle = INK;
  context.fillRect(0, 0, WIDTH_PX, 190);
  stars(context);
  context.textBaseline = 'alphabetic';
  context.fillStyle = SHEET;
  context.font = `700 46px ${FONT}`;
  context.fillText(title, 26, 130);
  context.font = `400 24px ${FONT}`;
  context.fillText(subtitle, 26, 166);
  let y = 232;
  for (const [heading, ...lines] of parts) {
    context.fillStyle = GOLD;
    context.font = `700 24px ${FONT}`;
    context.fillText(heading, 26, y);
    y += 29;
    context.fillStyle = INK;
    context.font = `400 22px ${FONT}`;
    for (const line of lines.flatMap((text) => wrapped(context, text, WIDTH_PX - 52))) {
      context.fillText(line, 26, y);
      y += 27;
    }
    y += 12;
  }
}

function stars(context: CanvasRenderingContext2D): void {
  const at = ([u, v]: readonly [number, number]): readonly [number, number] => [
    WIDTH_PX - 82 + 62 * u,
    88 - 72 * v,
  ];
  context.strokeStyle = GOLD;
  context.lineWidth = 2;
  for (const [a, b] of ORION.lines) {
    context.beginPath();
    context.moveTo(...at(ORION.stars[a]));
    context.lineTo(...at(ORION.stars[b]));
    context.stroke();
  }
  context.fillStyle = SHEET;
  for (const star of ORION.stars) {
    context.beginPath();
    context.arc(...at(star), 4.5, 0, 2 * Math.PI);
    context.fill();
  }
}

function wrapped(context: CanvasRenderingContext2D, text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && context.measureText(longer).width > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}
