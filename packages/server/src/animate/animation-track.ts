import type { Accessor, Animation, Buffer, Document, GLTF, Node } from '@gltf-transform/core';
import type { TakeCurves } from './take-curves.ts';

/** One animation of a glTF document; its tracks share their times. */
export class AnimationTrack {
  readonly #document: Document;
  readonly #animation: Animation;
  readonly #buffer: Buffer;
  readonly #times: Accessor;

  constructor(document: Document, buffer: Buffer, curves: TakeCurves) {
    this.#document = document;
    this.#buffer = buffer;
    this.#animation = document.createAnimation('speech');
    this.#times = document
      .createAccessor('times')
      .setType('SCALAR')
      .setArray(curves.times as Float32Array<ArrayBuffer>)
      .setBuffer(buffer);
  }

  /** @param values frames x as many numbers as the path has. */
  add(node: Node, path: 'weights' | 'rotation', values: Float32Array): void {
    const type: GLTF.AccessorType = path === 'weights' ? 'SCALAR' : 'VEC4';
    const output = this.#document
      .createAccessor(`${node.getName()}.${path}`)
      .setType(type)
      .setArray(values as Float32Array<ArrayBuffer>)
      .setBuffer(this.#buffer);
    const sampler = this.#document
      .createAnimationSampler()
      .setInput(this.#times)
      .setOutput(output)
      .setInterpolation('LINEAR');
    const channel = this.#document
      .createAnimationChannel()
      .setTargetNode(node)
      .setTargetPath(path)
      .setSampler(sampler);
    this.#animation.addSampler(sampler).addChannel(channel);
  }
}
