import { Constants } from '@babylonjs/core/Engines/constants.js';
import { RawCubeTexture } from '@babylonjs/core/Materials/Textures/rawCubeTexture.js';
import { CubeMapToSphericalPolynomialTools } from '@babylonjs/core/Misc/HighDynamicRange/cubemapToSphericalPolynomial.js';
import type { Scene } from '@babylonjs/core/scene.js';

const SIZE = 64;
/** Direction of each face's centre, of its columns and of its rows, in the order +x, -x, +y, -y, +z, -z. */
const FACES = [
  [
    [1, 0, 0],
    [0, 0, -1],
    [0, -1, 0],
  ],
  [
    [-1, 0, 0],
    [0, 0, 1],
    [0, -1, 0],
  ],
  [
    [0, 1, 0],
    [1, 0, 0],
    [0, 0, 1],
  ],
  [
    [0, -1, 0],
    [1, 0, 0],
    [0, 0, -1],
  ],
  [
    [0, 0, 1],
    [1, 0, 0],
    [0, -1, 0],
  ],
  [
    [0, 0, -1],
    [-1, 0, 0],
    [0, -1, 0],
  ],
] as const;
/** A soft box of light: where it is, how wide, how bright. */
const LAMPS = [
  { at: [-0.55, 0.5, 0.67], cosine: 0.9, light: [1, 0.96, 0.9] },
  { at: [0.75, 0.2, 0.63], cosine: 0.95, light: [0.45, 0.5, 0.6] },
] as const;

/** What mirrors in the eyes: a dim room with two soft boxes in front. */
export function createReflections(scene: Scene): RawCubeTexture {
  const faces = FACES.map((axes) => paintFace(axes));
  const texture = new RawCubeTexture(
    scene,
    faces,
    SIZE,
    Constants.TEXTUREFORMAT_RGBA,
    Constants.TEXTURETYPE_UNSIGNED_BYTE,
    true,
    false,
    Constants.TEXTURE_TRILINEAR_SAMPLINGMODE,
  );
  texture.gammaSpace = true;
  const [right, left, up, down, front, back] = faces as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  texture.sphericalPolynomial = CubeMapToSphericalPolynomialTools.ConvertCubeMapToSphericalPolynomial({
    size: SIZE,
    right,
    left,
    up,
    down,
    front,
    back,
    format: Constants.TEXTUREFORMAT_RGBA,
    type: Constants.TEXTURETYPE_UNSIGNED_BYTE,
    gammaSpace: true,
  });
  return texture;
}

function paintFace([centre, across, downwards]: (typeof FACES)[number]): Uint8Array {
  const bytes = new Uint8Array(SIZE * SIZE * 4);
  for (let row = 0; row < SIZE; row++)
    for (let column = 0; column < SIZE; column++) {
      const s = (2 * (column + 0.5)) / SIZE - 1;
      const t = (2 * (row + 0.5)) / SIZE - 1;
      const length = Math.hypot(1, s, t);
      const at = (axis: number) => (centre[axis]! + s * across[axis]! + t * downwards[axis]!) / length;
      const colour = lightFrom(at(0), at(1), at(2));
      bytes.set([...colour.map((value) => Math.min(255, value * 255)), 255], (row * SIZE + column) * 4);
    }
  return bytes;
}

function lightFrom(x: number, y: number, z: number): [number, number, number] {
  const sky = 0.5 + 0.5 * y;
  const colour: [number, number, number] = [0.2 + 0.16 * sky, 0.19 + 0.18 * sky, 0.2 + 0.22 * sky];
  for (const { at, cosine, light } of LAMPS) {
    const nearness = x * at[0] + y * at[1] + z * at[2];
    const t = Math.min(Math.max((nearness - cosine) / (1 - cosine), 0), 1);
    const share = t * t * (3 - 2 * t);
    for (let i = 0; i < 3; i++) colour[i]! += light[i]! * share;
  }
  return colour;
}
