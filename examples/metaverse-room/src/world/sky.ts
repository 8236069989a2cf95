import { Constants } from '@babylonjs/core/Engines/constants';
import { Effect } from '@babylonjs/core/Materials/effect';
import { ShaderMaterial } from '@babylonjs/core/Materials/shaderMaterial';
import { RawCubeTexture } from '@babylonjs/core/Materials/Textures/rawCubeTexture';
import { Color3 } from '@babylonjs/core/Maths/math.color';
import { CreateSphere } from '@babylonjs/core/Meshes/Builders/sphereBuilder';
import { CubeMapToSphericalPolynomialTools } from '@babylonjs/core/Misc/HighDynamicRange/cubemapToSphericalPolynomial';
import type { Scene } from '@babylonjs/core/scene';
import { PALETTE, SUN_DIRECTION } from './palette.ts';

/** The sky's dome; `tick` moves its clouds. */
export interface Sky {
  setClouds(on: boolean): void;
  tick(seconds: number): void;
}

const VERTEX = `
precision highp float;
attribute vec3 position;
uniform mat4 viewProjection;
uniform mat4 world;
varying vec3 direction;
void main() {
  direction = position;
  vec4 clip = viewProjection * world * vec4(position, 1.0);
  gl_Position = clip.xyww;
}`;

const FRAGMENT = `
precision highp float;
varying vec3 direction;
uniform vec3 zenith;
uniform vec3 sky;
uniform vec3 horizon;
uniform vec3 sunGlow;
uniform vec3 sun;
uniform float time;
float hash(vec2 p) { return fract(sin(dot(p, vec2(127.1, 311.7))) * 43758.5453); }
float noise(vec2 p) {
  vec2 i = floor(p);
  vec2 f = fract(p);
  f = f * f * (3.0 - 2.0 * f);
  return mix(mix(hash(i), hash(i + vec2(1.0, 0.0)), f.x), mix(hash(i + vec2(0.0, 1.0)), hash(i + vec2(1.0, 1.0)), f.x), f.y);
}
void main() {
  vec3 d = normalize(direction);
  float height = max(d.y, 0.0);
  float toSun = max(dot(d, sun), 0.0);
  vec3 color = mix(horizon, sky, smoothstep(0.0, 0.30, height));
  color = mix(color, zenith, smoothstep(0.22, 0.95, height));
  color = mix(color, sunGlow, 0.55 * pow(toSun, 6.0) * (1.0 - 0.6 * height));
  color += vec3(1.0, 0.86, 0.66) * (0.35 * pow(toSun, 60.0) + 1.4 * smoothstep(0.9985, 0.9994, toSun));
  vec2 cell = floor(d.xz / (0.35 + height) * 70.0);
  float star = hash(cell);
  vec2 within = fract(d.xz / (0.35 + height) * 70.0) - 0.5;
  color += step(0.988, star) * smoothstep(0.22, 0.0, length(within)) * smoothstep(0.42, 0.85, height) * 0.55;
#ifdef CLOUDS
  if (d.y > 0.015) {
    vec2 p = d.xz / (d.y + 0.14) * 0.9 + vec2(time * 0.004, time * 0.0016);
    float cloud = 0.55 * noise(p * vec2(1.2, 2.4)) + 0.28 * noise(p * vec2(2.9, 5.6)) + 0.17 * noise(p * 9.0);
    cloud = smoothstep(0.52, 0.86, cloud) * smoothstep(0.015, 0.16, d.y) * 0.62;
    color = mix(color, mix(vec3(0.98, 0.90, 0.83), vec3(1.0, 0.82, 0.66), pow(toSun, 3.0)), cloud);
  }
#endif
  gl_FragColor = vec4(color, 1.0);
}`;

/** A late-afternoon sky, drawn by a shader: no images to download. */
export function createSky(scene: Scene): Sky {
  Effect.ShadersStore.orionSkyVertexShader = VERTEX;
  Effect.ShadersStore.orionSkyFragmentShader = FRAGMENT;
  const material = new ShaderMaterial('sky', scene, 'orionSky', {
    attributes: ['position'],
    uniforms: ['world', 'viewProjection', 'zenith', 'sky', 'horizon', 'sunGlow', 'sun', 'time'],
  });
  material.setColor3('zenith', PALETTE.zenith);
  material.setColor3('sky', PALETTE.sky);
  material.setColor3('horizon', PALETTE.horizon);
  material.setColor3('sunGlow', PALETTE.sunGlow);
  material.setVector3('sun', SUN_DIRECTION);
  material.setFloat('time', 0);
  material.backFaceCulling = false;
  material.disableDepthWrite = true;
  const dome = CreateSphere('sky', { diameter: 2, segments: 12 }, scene);
  dome.material = material;
  dome.infiniteDistance = true;
  dome.isPickable = false;
  dome.alwaysSelectAsActiveMesh = true;
  return {
    setClouds: (on) => material.setDefine('CLOUDS', on),
    tick: (seconds) => {
      material.setFloat('time', seconds);
    },
  };
}

/** The same sky as light and reflections for physically based materials. */
export function createEnvironmentTexture(scene: Scene, size = 32): RawCubeTexture {
  const faces: Uint8Array[] = [];
  const color = new Color3();
  for (let face = 0; face < 6; face++) {
    const bytes = new Uint8Array(size * size * 4);
    for (let row = 0; row < size; row++) {
      for (let column = 0; column < size; column++) {
        const s = (2 * (column + 0.5)) / size - 1;
        const t = (2 * (row + 0.5)) / size - 1;
        const length = Math.hypot(1, s, t);
        const [x, y, z] = cubeDirection(face, s, t);
        skyColor(x / length, y / length, z / length, color);
        const at = (row * size + column) * 4;
        bytes[at] = Math.min(255, color.r * 255);
        bytes[at + 1] = Math.min(255, color.g * 255);
        bytes[at + 2] = Math.min(255, color.b * 255);
        bytes[at + 3] = 255;
      }
    }
    faces.push(bytes);
  }
  const texture = new RawCubeTexture(
    scene,
    faces,
    size,
    Constants.TEXTUREFORMAT_RGBA,
    Constants.TEXTURETYPE_UNSIGNED_BYTE,
    true,
    false,
    Constants.TEXTURE_TRILINEAR_SAMPLINGMODE,
  );
  texture.gammaSpace = true;
  const [right, left, up, down, front, back] = faces;
  texture.sphericalPolynomial = CubeMapToSphericalPolynomialTools.ConvertCubeMapToSphericalPolynomial({
    size,
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

/** Direction of a cube map's texel, faces in the order +x, -x, +y, -y, +z, -z. */
function cubeDirection(face: number, s: number, t: number): readonly [number, number, number] {
  switch (face) {
    case 0:
      return [1, -t, -s];
    case 1:
      return [-1, -t, s];
    case 2:
      return [s, 1, t];
    case 3:
      return [s, -1, -t];
    case 4:
      return [s, -t, 1];
    default:
      return [-s, -t, -1];
  }
}

function skyColor(x: number, y: number, z: number, out: Color3): void {
  if (y < 0) {
    // Sunlit stone below the horizon.
    Color3.LerpToRef(PALETTE.horizon, PALETTE.sandstone, Math.min(1, -y * 6), out);
    out.scaleToRef(1 - 0.45 * Math.min(1, -y), out);
    return;
  }
  const toSun = Math.max(0, x * SUN_DIRECTION.x + y * SUN_DIRECTION.y + z * SUN_DIRECTION.z);
  Color3.LerpToRef(PALETTE.horizon, PALETTE.sky, smoothstep(0, 0.3, y), out);
  Color3.LerpToRef(out, PALETTE.zenith, smoothstep(0.22, 0.95, y), out);
  Color3.LerpToRef(out, PALETTE.sunGlow, 0.55 * toSun ** 6 * (1 - 0.6 * y), out);
  out.addInPlaceFromFloats(0.9 * toSun ** 40, 0.8 * toSun ** 40, 0.6 * toSun ** 40);
}

function smoothstep(from: number, to: number, value: number): number {
  const t = Math.min(1, Math.max(0, (value - from) / (to - from)));
  return t * t * (3 - 2 * t);
}
