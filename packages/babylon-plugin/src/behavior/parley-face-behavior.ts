import type { Behavior } from '@babylonjs/core/Behaviors/behavior.js';
import type { TransformNode } from '@babylonjs/core/Meshes/transformNode.js';
import type { Observer } from '@babylonjs/core/Misc/observable.js';
import type { Scene } from '@babylonjs/core/scene.js';
import type { FaceDecoder } from '@parley/sdk';
import type { AttachBasisOptions } from '../basis/attach-basis.ts';
import type { HeadModel } from '../head/load-head.ts';
import { CodePlayer } from './code-player.ts';
import { FaceLevel } from './face-level.ts';
import { rigTarget, type TargetRig } from './rig-target.ts';

/** Options of {@link ParleyFaceBehavior}. */
export interface ParleyFaceBehaviorOptions extends AttachBasisOptions {
  /** Turns codes into controls; only {@link ParleyFaceBehavior.playCodes} needs it. */
  readonly decoder?: FaceDecoder;
  /** A rig that is there already, as `loadHead` makes it. Default: the target is rigged when it is attached. */
  readonly rig?: Omit<TargetRig, 'dispose'>;
  /**
   * `auto` moves faces that are far away less often, further away not at all, and none that is out of sight; see `FACE_LEVELS`.
   * Default `auto`.
   */
  readonly levels?: 'auto' | 'always';
  /** Clock of {@link ParleyFaceBehavior.playCodes}, in ms. Default `performance.now`. */
  readonly timeMs?: () => number;
}

/**
 * Gives any head a Parley face: attach it to the head's topmost node, then feed it with controls or codes. The head has
 * ARKit morph targets, or is the template.
 *
 * ```ts
 * const face = new ParleyFaceBehavior(model, { decoder: model.decoder });
 * head.addBehavior(face);
 * face.setControls(controls);
 * ```
 */
export class ParleyFaceBehavior implements Behavior<TransformNode> {
  readonly name = 'ParleyFace';
  /** The frame that is shown next, in the manifest's order; write into it, or use {@link setControls}. */
  readonly controls: Float32Array;
  /** The node that the behavior is attached to. */
  attachedNode: TransformNode | null = null;
  readonly #model: HeadModel;
  readonly #options: ParleyFaceBehaviorOptions;
  readonly #timeMs: () => number;
  #rig: Omit<TargetRig, 'dispose'> | null = null;
  #ownRig: TargetRig | null = null;
  #codes: CodePlayer | null = null;
  #observer: Observer<Scene> | null = null;
  #level: FaceLevel | null = null;
  #rests = false;
  readonly #rest: Float32Array;

  constructor(model: HeadModel, options: ParleyFaceBehaviorOptions = {}) {
    this.#model = model;
    this.#options = options;
    this.#timeMs = options.timeMs ?? (() => performance.now());
    this.controls = new Float32Array(model.manifest.controls.length);
    this.#rest = new Float32Array(this.controls.length);
  }

  /** Names of the controls that the attached head cannot show. */
  get missing(): readonly string[] {
    return this.#rig?.rig.missing ?? [];
  }

  /** Middle between the eyes of the attached head. */
  get faceNode(): TransformNode | null {
    return this.#rig?.faceNode ?? null;
  }

  init(): void {}

  /**
   * Rigs the head below `target` and shows {@link controls} before every frame.
   *
   * @throws ParleyError `no-face-controls` when the head has neither ARKit morph targets nor is the template.
   */
  attach(target: TransformNode): void {
    this.detach();
    if (this.#options.rig) this.#rig = this.#options.rig;
    else {
      this.#ownRig = rigTarget(target, this.#model, this.#options);
      this.#rig = this.#ownRig;
    }
    this.attachedNode = target;
    this.#level = this.#options.levels === 'always' ? null : new FaceLevel(this.#rig.faceNode, target);
    // After animations, so that the head's turn comes on top of them.
    this.#observer = target.getScene().onBeforeRenderObservable.add(() => this.#show());
  }

  /** Leaves the head as it was. */
  detach(): void {
    this.#observer?.remove();
    this.#observer = null;
    this.#ownRig?.dispose();
    this.#ownRig = null;
    this.#rig = null;
    this.attachedNode = null;
  }

  /** Shows one frame of controls from the next rendered frame on, until the next call. */
  setControls(controls: ArrayLike<number>): void {
    this.#codes = null;
    this.controls.set(controls);
  }

  /**
   * Plays face codes at the model's frame rate, after those that are still to be played.
   *
   * @param codes - frames x heads class indices.
   * @returns when the codes are decoded.
   * @throws TypeError without a decoder among the options.
   */
  async playCodes(codes: ArrayLike<number>): Promise<void> {
    const { decoder } = this.#options;
    if (!decoder) throw new TypeError('playCodes needs a decoder among the options of ParleyFaceBehavior');
    this.#codes ??= new CodePlayer(this.#model.manifest, decoder);
    await this.#codes.push(codes, this.#timeMs());
  }

  #show(): void {
    this.#codes?.sampleControls(this.#timeMs(), this.controls);
    const task = this.#level?.task() ?? 'show';
    if (task === 'show') this.#rig?.rig.apply(this.controls);
    else if (task === 'rest' && !this.#rests) this.#rig?.rig.apply(this.#rest);
    this.#rests = task === 'rest' || (this.#rests && task === 'keep');
  }
}
