import type { AbstractEngine } from '@babylonjs/core/Engines/abstractEngine.js';
import type { Material } from '@babylonjs/core/Materials/material.js';
import type { MaterialDefines } from '@babylonjs/core/Materials/materialDefines.js';
import { MaterialPluginBase } from '@babylonjs/core/Materials/materialPluginBase.js';
import { ShaderLanguage } from '@babylonjs/core/Materials/shaderLanguage.js';
import type { UniformBuffer } from '@babylonjs/core/Materials/uniformBuffer.js';
import type { SubMesh } from '@babylonjs/core/Meshes/subMesh.js';
import type { Scene } from '@babylonjs/core/scene.js';
import { basisShader } from './basis-shader.ts';
import { acquireBasisTexture, type BasisTexture, releaseBasisTexture } from './basis-texture.ts';
import type { MeshBasis } from './mesh-basis.ts';

/** A face whose weights are all closer to zero than this rests: its vertices are not looked up. */
const SMALLEST_WEIGHT = 1e-3;

/**
 * Moves the vertices of a mesh by a linear basis in the vertex shader, after its morph targets and before its skeleton.
 * The basis lies in an integer texture of half floats that all heads of the shape share; the weights travel in the
 * material's uniform buffer, so a frame costs no JavaScript beyond writing them. Works with Standard, PBR and OpenPBR
 * materials, WebGL2 and WebGPU; for shadows give the material a ShadowDepthWrapper. One material serves one mesh.
 */
export class LinearBasisPlugin extends MaterialPluginBase {
  readonly basis: MeshBasis;
  readonly #scene: Scene;
  readonly #texture: BasisTexture;
  readonly #weights: Float32Array;
  readonly #pivot: readonly [number, number, number];
  readonly #rotation = Float32Array.of(0, 0, 0, 1);
  #moves = 0;
  #released = false;

  /** @param material - The material of the mesh that `basis` belongs to, used by no other mesh. */
  constructor(material: Material, basis: MeshBasis) {
    super(material, 'ParleyLinearBasis', 200, { PARLEY_SHAPES: 0 }, false);
    this.doNotSerialize = true;
    this.basis = basis;
    this.#scene = material.getScene();
    this.#texture = acquireBasisTexture(this.#scene, basis);
    this.#weights = new Float32Array(Math.max(1, Math.ceil(this.#texture.shapes / 4)) * 4);
    this.#pivot = basis.turn?.pivot ?? [0, 0, 0];
    // Only now: the list asks a plug-in for its code at once.
    this._pluginManager._addPlugin(this);
    this._enable(true);
  }

  /**
   * Sets what the next frame shows.
   *
   * @param weights - At least one weight per shape control.
   * @param rotation - Unit quaternion xyzw of the head, in the mesh's own space.
   */
  setPose(weights: ArrayLike<number>, rotation: ArrayLike<number>): void {
    let moves = 0;
    for (let k = 0; k < this.#texture.shapes; k++) {
      const weight = weights[k];
      this.#weights[k] = weight;
      if (weight > SMALLEST_WEIGHT || weight < -SMALLEST_WEIGHT) moves = 1;
    }
    this.#moves = moves;
    for (let i = 0; i < 4; i++) this.#rotation[i] = rotation[i];
  }

  override getClassName(): string {
    return 'LinearBasisPlugin';
  }

  override isCompatible(language: ShaderLanguage): boolean {
    return language === ShaderLanguage.GLSL || language === ShaderLanguage.WGSL;
  }

  override prepareDefines(defines: MaterialDefines): void {
    // Shaders are shared by their defines, and the uniform block's size is part of the shader.
    (defines as unknown as Record<string, number>).PARLEY_SHAPES = this.#texture.shapes;
  }

  override getSamplers(samplers: string[]): void {
    samplers.push('parleyBasis');
  }

  override getUniforms(): { ubo: { name: string; size: number; type: string; arraySize?: number }[] } {
    return {
      ubo: [
        { name: 'parleyWeights', size: 4, type: 'vec4', arraySize: this.#weights.length / 4 },
        { name: 'parleyPivot', size: 4, type: 'vec4' },
        { name: 'parleyRotation', size: 4, type: 'vec4' },
        { name: 'parleyState', size: 4, type: 'vec4' },
      ],
    };
  }

  override isReadyForSubMesh(): boolean {
    return this.#texture.texture.isReady();
  }

  override bindForSubMesh(
    buffer: UniformBuffer,
    _scene: Scene,
    _engine: AbstractEngine,
    _part: SubMesh,
  ): void {
    if (this.#moves) buffer.updateFloatArray('parleyWeights', this.#weights);
    const pivot = this.#pivot;
    const turn = this.#rotation;
    const turns = this.basis.turn && turn[3] < 1 ? 1 : 0;
    buffer.updateFloat4('parleyPivot', pivot[0], pivot[1], pivot[2], this.#texture.unit);
    buffer.updateFloat4('parleyRotation', turn[0], turn[1], turn[2], turn[3]);
    buffer.updateFloat4('parleyState', this.#moves, turns, 0, 0);
    buffer.setTexture('parleyBasis', this.#texture.texture);
  }

  override getCustomCode(shader: string, language = ShaderLanguage.GLSL): Record<string, string> | null {
    if (shader !== 'vertex') return null;
    return { ...basisShader(language === ShaderLanguage.WGSL ? 'wgsl' : 'glsl') };
  }

  override dispose(): void {
    if (this.#released) return;
    this.#released = true;
    releaseBasisTexture(this.#scene, this.basis);
  }
}
