import { Matrix, Quaternion, Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import type { TransformNode } from '@babylonjs/core/Meshes/transformNode.js';
import type { NpcView } from '@parley/sdk';
import { AdditiveTurn } from '../head/additive-turn.ts';
import type { BodyWalk } from './body-walk.ts';

const degrees = Math.PI / 180;

/** Half of the angle between the legs at the end of a step, and how far a leg that swings bends. */
const STRIDE = 23 * degrees;
const KNEE = 52 * degrees;
/** The arms swing so far against the legs, and bend. */
const ARM = 17 * degrees;
const ELBOW = 14 * degrees;
/** From this speed on, steps have their whole length, metres a second. */
const WHOLE_STEP_M_PER_S = 0.75;
/** Feet are set anew while the body turns on the spot: steps a second, and their part of a whole one. */
const TURNING_STEPS_PER_S = 1.6;
const TURNING_PART = 0.3;
/** Turning faster than this needs steps, radians a second. */
const TURNING = 0.5;
/** Time constants: of falling into step, and of an arm that is raised or lowered, ms. */
const STEP_MS = 160;
const ARM_MS = 240;
/** An arm that points is not raised higher than this above the horizontal, and leaves out so much of the way. */
const EASE_ARM = 0.97;
/** Who points looks there for so long, then back at whom it shows it to, ms. */
const LOOKS_AT_AIM_MS = 1_700;

const NAMES = {
  thigh: ['thigh', 'upleg', 'upperleg', 'upper_leg'],
  calf: ['calf', 'leg', 'lowerleg', 'lower_leg', 'shin'],
  foot: ['foot'],
  upperArm: ['upperarm', 'arm', 'upper_arm'],
  lowerArm: ['lowerarm', 'forearm', 'lower_arm'],
  hand: ['hand'],
} as const;

type Side = 'left' | 'right';
type Limb = keyof typeof NAMES;

/**
 * Steps and pointing for a body whose file has no animation for them, by its bones' usual names, on top of what the file's
 * animations do. A head without limbs is left alone.
 */
export class Limbs {
  /** Whether the eyes should be on what is pointed at. */
  looksAtAim = false;
  readonly #root: TransformNode;
  readonly #space: TransformNode;
  readonly #legs: readonly Leg[];
  readonly #arms: readonly Arm[];
  readonly #aim = new Vector3();
  readonly #inverse = new Matrix();
  readonly #turn = new Quaternion();
  #phase = 0;
  #walkedM = 0;
  #weight = 0;
  #drop = 0;
  #pointing = false;
  #pointedMs = 0;
  /** Weight of pointing for each arm. */
  readonly #raised = [0, 0];
  #arm = 0;

  constructor(root: TransformNode) {
    this.#root = root;
    const nodes = root.getDescendants(false) as TransformNode[];
    this.#space = nodes.find(({ name }) => name === '__root__') ?? root;
    const bone = (limb: Limb, side: Side) => findBone(nodes, limb, side);
    root.computeWorldMatrix(true);
    this.#legs = (['left', 'right'] as const).flatMap((side) => {
      const [thigh, calf, foot] = [bone('thigh', side), bone('calf', side), bone('foot', side)];
      return thigh && calf ? [new Leg(thigh, calf, foot, this.#space)] : [];
    });
    this.#arms = (['left', 'right'] as const).flatMap((side) => {
      const [upper, lower, hand] = [bone('upperArm', side), bone('lowerArm', side), bone('hand', side)];
      return upper && lower && hand ? [new Arm(upper, lower, hand, this.#space)] : [];
    });
  }

  /** Follows the walk and what the room says; nothing is drawn by it. Allocates nothing. */
  update(walk: BodyWalk, view: NpcView | undefined, deltaMs: number): void {
    const pointing = view?.pointing ?? false;
    this.#pointedMs = pointing ? (this.#pointing ? this.#pointedMs + deltaMs : 0) : 0;
    if (pointing && view) {
      walk.toScene(view.aimX ?? 0, view.aimY ?? 0, view.aimZ ?? 0, this.#aim);
      if (!this.#pointing) this.#arm = this.#nearerArm();
    }
    this.#pointing = pointing;
    this.looksAtAim = pointing && this.#pointedMs < LOOKS_AT_AIM_MS;
    const ease = 1 - Math.exp(-deltaMs / ARM_MS);
    for (let i = 0; i < this.#arms.length; i++)
      this.#raised[i] += ((pointing && i === this.#arm ? 1 : 0) - this.#raised[i]) * ease;
    this.#step(walk, deltaMs);
  }

  /** Turns the bones; after the animations of the frame. */
  apply(): void {
    if (this.#legs.length === 2) this.#applySteps();
    for (let i = 0; i < this.#arms.length; i++) {
      const arm = this.#arms[i];
      const swing = this.#weight * ARM * Math.cos(this.#phase) * (i === 0 ? -1 : 1);
      const still = 1 - this.#raised[i];
      pitchTo(this.#turn, -swing * still);
      if (this.#raised[i] > 0.01) arm.point(this.#aim, this.#raised[i] * EASE_ARM, this.#inverse, this.#turn);
      if (this.#weight > 0.001 || this.#raised[i] > 0.001 || arm.moved) arm.apply(this.#turn);
      pitchTo(this.#turn, -this.#weight * ELBOW * still);
      if (this.#weight > 0.001 || arm.moved) arm.bend(this.#turn);
      arm.moved = this.#weight > 0.001 || this.#raised[i] > 0.001;
    }
  }

  #step(walk: BodyWalk, deltaMs: number): void {
    const [left] = this.#legs;
    if (!left) return;
    const turning = Math.abs(walk.turnPerS) > TURNING ? TURNING_PART : 0;
    const wanted = Math.max(turning, Math.min(1, walk.speedMPerS / WHOLE_STEP_M_PER_S));
    this.#weight += ((wanted < 0.03 ? 0 : wanted) - this.#weight) * (1 - Math.exp(-deltaMs / STEP_MS));
    const walkedM = walk.walkedM - this.#walkedM;
    this.#walkedM = walk.walkedM;
    // A step takes the body as far as a leg of this length reaches to both sides.
    const stepM = 2 * left.lengthM * Math.sin(STRIDE * Math.max(0.4, this.#weight));
    const onTheSpot = turning > 0 ? (TURNING_STEPS_PER_S * deltaMs) / 1000 : 0;
    this.#phase = (this.#phase + Math.PI * Math.max(walkedM / stepM, onTheSpot)) % (2 * Math.PI);
  }

  #applySteps(): void {
    const moves = this.#weight > 0.001;
    if (!moves && this.#drop === 0) return;
    let stanceAngle = 0;
    for (let i = 0; i < 2; i++) {
      const phase = (this.#phase + i * Math.PI) % (2 * Math.PI);
      const swings = phase > Math.PI;
      const reach = this.#weight * STRIDE;
      // A leg that stands goes back with the floor, evenly; one that swings is bent and comes forward.
      const angle = swings
        ? reach * Math.cos(phase)
        : Math.asin(Math.sin(reach) * (1 - (2 * phase) / Math.PI));
      const knee = swings ? this.#weight * KNEE * Math.sin(phase - Math.PI) ** 2 : 0;
      if (!swings) stanceAngle = angle;
      this.#legs[i].apply(angle, knee, this.#turn);
    }
    // On two straight legs apart, hips are lower than on one below them.
    const drop = moves ? this.#legs[0].lengthM * (1 - Math.cos(stanceAngle)) : 0;
    this.#root.position.y += this.#drop - drop;
    this.#drop = drop;
  }

  /** The arm on the side of what is pointed at. */
  #nearerArm(): number {
    if (this.#arms.length < 2) return 0;
    const [left, right] = this.#arms;
    return left.distanceTo(this.#aim) < right.distanceTo(this.#aim) ? 0 : 1;
  }
}

/** A rotation about the axis from the body's right to its left: forwards and down for what is above the joint. */
function pitchTo(out: Quaternion, radians: number): void {
  out.set(Math.sin(radians / 2), 0, 0, Math.cos(radians / 2));
}

const STILL: Quaternion = Quaternion.Identity();

class Leg {
  /** From hip to ankle, metres. */
  readonly lengthM: number;
  readonly #thigh: AdditiveTurn;
  readonly #calf: AdditiveTurn;
  readonly #foot: AdditiveTurn | null;

  constructor(
    thigh: TransformNode,
    calf: TransformNode,
    foot: TransformNode | undefined,
    space: TransformNode,
  ) {
    this.#thigh = new AdditiveTurn(thigh, space);
    this.#calf = new AdditiveTurn(calf, space);
    this.#foot = foot ? new AdditiveTurn(foot, space) : null;
    const knee = calf.getAbsolutePosition();
    const upperM = Vector3.Distance(thigh.getAbsolutePosition(), knee);
    this.lengthM = foot ? upperM + Vector3.Distance(knee, foot.getAbsolutePosition()) : 2 * upperM;
  }

  /** @param forward Angle of the thigh, radians. @param knee How far the knee bends, radians. */
  apply(forward: number, knee: number, turn: Quaternion): void {
    // A bent leg lifts its thigh as well, so that the foot passes over the floor.
    const thigh = forward + knee * 0.45;
    pitchTo(turn, -thigh);
    this.#thigh.apply(turn);
    pitchTo(turn, knee);
    this.#calf.apply(turn);
    // The sole stays level while it stands, and hangs a little while it swings.
    pitchTo(turn, thigh - knee * 0.8);
    this.#foot?.apply(turn);
  }
}

class Arm {
  /** Whether it was turned in the last frame, so that it has to be put back. */
  moved = false;
  readonly #shoulder: TransformNode;
  readonly #hand: TransformNode;
  readonly #space: TransformNode;
  readonly #upper: AdditiveTurn;
  readonly #lower: AdditiveTurn;
  readonly #from = new Vector3();
  readonly #to = new Vector3();
  /** Direction in which it hangs, in the axes of the body. */
  readonly #hangs = new Vector3(0, -1, 0);
  readonly #whole = new Quaternion();

  constructor(upper: TransformNode, lower: TransformNode, hand: TransformNode, space: TransformNode) {
    this.#shoulder = upper;
    this.#hand = hand;
    this.#space = space;
    this.#upper = new AdditiveTurn(upper, space);
    this.#lower = new AdditiveTurn(lower, space);
  }

  distanceTo(point: Vector3): number {
    return Vector3.Distance(this.#shoulder.getAbsolutePosition(), point);
  }

  apply(turn: Quaternion): void {
    this.#upper.apply(turn);
  }

  bend(turn: Quaternion): void {
    this.#lower.apply(turn);
  }

  /** The turn from the hanging arm to one that points at a place of the world, by `weight` of it. */
  point(aim: Vector3, weight: number, inverse: Matrix, out: Quaternion): void {
    this.#space.getWorldMatrix().invertToRef(inverse);
    Vector3.TransformCoordinatesToRef(aim, inverse, this.#to);
    Vector3.TransformCoordinatesToRef(this.#shoulder.getAbsolutePosition(), inverse, this.#from);
    this.#to.subtractInPlace(this.#from).normalize();
    if (!this.moved) {
      Vector3.TransformCoordinatesToRef(this.#hand.getAbsolutePosition(), inverse, this.#hangs);
      this.#hangs.subtractInPlace(this.#from).normalize();
    }
    Quaternion.FromUnitVectorsToRef(this.#hangs, this.#to, this.#whole);
    Quaternion.SlerpToRef(STILL, this.#whole, weight, out);
  }
}

function findBone(nodes: readonly TransformNode[], limb: Limb, side: Side): TransformNode | undefined {
  return nodes.find((node) => {
    if (node.getClassName() !== 'TransformNode') return false;
    const name = node.name
      .replace(/^.*[:|]/u, '')
      .replace(/^(?:mixamorig\d*|J_(?:Bip|Adj)_|CC_Base_|Bip0?01|DEF|ORG)[_ .-]*/iu, '')
      .replace(/[ .-]/gu, '_')
      .toLowerCase();
    const letter = side[0];
    const bare =
      new RegExp(`^(?:${side}_?|${letter}_)(.+)$`, 'u').exec(name)?.[1] ??
      new RegExp(`^(.+?)_?(?:_${letter}|${side})$`, 'u').exec(name)?.[1];
    return bare !== undefined && (NAMES[limb] as readonly string[]).includes(bare);
  });
}
