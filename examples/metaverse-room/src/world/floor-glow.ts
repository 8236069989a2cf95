import { Constants } from '@babylonjs/core/Engines/constants';
import { Effect } from '@babylonjs/core/Materials/effect';
import { ShaderMaterial } from '@babylonjs/core/Materials/shaderMaterial';
import type { Color3 } from '@babylonjs/core/Maths/math.color';
import { CreateGround } from '@babylonjs/core/Meshes/Builders/groundBuilder';
import type { Mesh } from '@babylonjs/core/Meshes/mesh';
import type { Scene } from '@babylonjs/core/scene';
import { PALETTE } from './palette.ts';

const VERTEX = `
precision highp float;
attribute vec3 position;
attribute vec2 uv;
uniform mat4 worldViewProjection;
varying vec2 at;
void main() { at = uv; gl_Position = worldViewProjection * vec4(position, 1.0); }`;

const TRAIL = `
precision highp float;
varying vec2 at;
uniform vec3 color;
uniform float strength;
uniform float time;
uniform float lengthM;
void main() {
  float across = abs(at.x - 0.5) * 2.0;
  float along = at.y * lengthM;
  float chevron = fract((along + across * 0.42) / 0.8);
  float mark = smoothstep(0.0, 0.1, chevron) * smoothstep(0.36, 0.2, chevron) * smoothstep(0.95, 0.75, across);
  float wave = 0.45 + 0.55 * pow(0.5 + 0.5 * sin(6.2831 * (along / 4.0 - time * 0.55)), 2.0);
  float ends = smoothstep(0.0, 0.12, at.y) * smoothstep(1.0, 0.9, at.y);
  gl_FragColor = vec4(color, mark * wave * ends * strength);
}`;

const RING = `
precision highp float;
varying vec2 at;
uniform vec3 color;
uniform float strength;
uniform float time;
uniform float sweep;
void main() {
  vec2 p = (at - 0.5) * 2.0;
  float r = length(p);
  float line = smoothstep(0.055, 0.0, abs(r - 0.84));
  float halo = 0.34 * smoothstep(0.84, 0.55, r) * smoothstep(0.2, 0.8, r) + 0.22 * smoothstep(1.0, 0.86, r) * step(0.84, r);
  float turn = 0.5 + 0.5 * cos(atan(p.y, p.x) - time * 3.6);
  line *= mix(1.0, 0.18 + 0.95 * pow(turn, 3.0), sweep);
  gl_FragColor = vec4(color, (line + halo) * strength);
}`;

/** Light on the floor: nothing is drawn at strength 0. */
export interface FloorGlow {
  readonly mesh: Mesh;
  /** 0..1 */
  strength: number;
  tick(seconds: number): void;
}

/** Chevrons that run along the floor from one point to another: the way to the guide. */
export function createTrail(scene: Scene, x: number, fromZ: number, toZ: number): FloorGlow {
  const lengthM = toZ - fromZ;
  const mesh = createSheet(scene, 'trail', TRAIL, 1.0, lengthM, PALETTE.trail);
  mesh.position.set(x, 0.02, (fromZ + toZ) / 2);
  const material = mesh.material as ShaderMaterial;
  material.setFloat('lengthM', lengthM);
  return withTick(mesh, material, 0.9);
}

/** A ring of light around whoever is being addressed. */
export interface AttentionRing extends FloorGlow {
  setColor(color: Color3): void;
  /** Whether light runs around the ring (thinking) or it rests. */
  setSweep(on: boolean): void;
}

export function createAttentionRing(scene: Scene, diameter: number): AttentionRing {
  const mesh = createSheet(scene, 'attention-ring', RING, diameter, diameter, PALETTE.listening);
  mesh.position.y = 0.028;
  const material = mesh.material as ShaderMaterial;
  material.setFloat('sweep', 0);
  return Object.assign(withTick(mesh, material, 0), {
    setColor: (color: Color3) => {
      material.setColor3('color', color);
    },
    setSweep: (on: boolean) => {
      material.setFloat('sweep', on ? 1 : 0);
    },
  });
}

function createSheet(
  scene: Scene,
  name: string,
  fragment: string,
  width: number,
  height: number,
  color: Color3,
): Mesh {
  const key = `orion${name.replace('-', '')}`;
  Effect.ShadersStore[`${key}VertexShader`] = VERTEX;
  Effect.ShadersStore[`${key}FragmentShader`] = fragment;
  const material = new ShaderMaterial(name, scene, key, {
    attributes: ['position', 'uv'],
    uniforms: ['worldViewProjection', 'color', 'strength', 'time', 'lengthM', 'sweep'],
    needAlphaBlending: true,
  });
  material.alphaMode = Constants.ALPHA_ADD;
  material.setColor3('color', color);
  material.setFloat('strength', 0);
  material.setFloat('time', 0);
  material.backFaceCulling = false;
  const mesh = CreateGround(name, { width, height }, scene);
  mesh.material = material;
  mesh.isPickable = false;
  mesh.setEnabled(false);
  return mesh;
}

function withTick(mesh: Mesh, material: ShaderMaterial, strength: number): FloorGlow {
  let shown = 0;
  return {
    mesh,
    strength,
    tick(seconds: number) {
      shown += (this.strength - shown) * 0.12;
      const visible = shown > 0.004;
      if (mesh.isEnabled() !== visible) mesh.setEnabled(visible);
      if (!visible) return;
      material.setFloat('strength', shown);
      material.setFloat('time', seconds);
    },
  };
}
