import type { StandardMaterial } from '@babylonjs/core/Materials/standardMaterial';
import { Color3 } from '@babylonjs/core/Maths/math.color';
import { Vector3 } from '@babylonjs/core/Maths/math.vector';
import type { AbstractMesh } from '@babylonjs/core/Meshes/abstractMesh';
import { CreateBox } from '@babylonjs/core/Meshes/Builders/boxBuilder';
import { CreateCylinder } from '@babylonjs/core/Meshes/Builders/cylinderBuilder';
import { CreateSphere } from '@babylonjs/core/Meshes/Builders/sphereBuilder';
import type { Mesh } from '@babylonjs/core/Meshes/mesh';
import { TransformNode } from '@babylonjs/core/Meshes/transformNode';
import type { Scene } from '@babylonjs/core/scene';
import type { Colliders } from './colliders.ts';
import { LAYOUT } from './layout.ts';
import type { HallMaterials } from './materials.ts';
import { createPaper } from './paper.ts';
import { PAPERS } from './paper-words.ts';

/** The shop: a counter with a cabinet whose door opens, and things that fly to whoever gets them. */
export interface Shop {
  readonly meshes: readonly AbstractMesh[];
  /** Whether the cabinet stands open, or is opening. */
  open: boolean;
  /** What is on its way to somebody, or in their hands. */
  readonly given: readonly string[];
  /** Hands a thing over: from a hand, or the counter, to somebody's hands, which it then follows for a while. */
  give(item: string, way: GiftWay): void;
  /** @param stillness Where motion is unwanted, things are where they go at once. */
  tick(seconds: number, stillness: boolean): void;
}

/** A point of the hall, metres. */
interface Point {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** Where a gift comes from and goes to. */
export interface GiftWay {
  /** The hand that it is in; the counter where there is none. */
  readonly from?: () => Point | undefined;
  /** Place of whoever gets it; gone when they are. */
  readonly to: () => { readonly x: number; readonly z: number } | undefined;
  /** It is in their hands. */
  readonly onTaken?: () => void;
}

/** Depth runs along x, as the counter faces +x. */
const COUNTER = { width: 2.6, depth: 0.7 };
const DOOR_OPEN_RADIANS = 1.9;
const DOOR_SECONDS = 0.9;
/** A thing is shown in the giver's hand first, then passes, then stays with who got it so long. */
const SHOWN_SECONDS = 0.7;
const PASSING_SECONDS = 0.9;
const HELD_SECONDS = 6;
/** Where who got it holds it: before them, to their right and above the floor, metres, so that both can be seen. */
const HELD = { aheadM: 0.42, rightM: 0.22, heightM: 1.36 };
/** A paper is held like this to be read, radians. */
const READING_TILT = 0.45;

interface Gift extends GiftWay {
  readonly item: string;
  readonly mesh: Mesh;
  readonly fromSeconds: number;
  taken: boolean;
}

export function createShop(scene: Scene, materials: HallMaterials, colliders: Colliders): Shop {
  const { x, z, counterHeight } = LAYOUT.shop;
  const wood = materials.metal.clone('shop-wood');
  wood.diffuseColor = Color3.FromHexString('#6d4a2f');
  wood.specularColor.set(0.1, 0.08, 0.06);
  const brass = materials.metal.clone('shop-brass');
  brass.diffuseColor = Color3.FromHexString('#c79a45');
  const paper = materials.metal.clone('shop-paper');
  paper.diffuseColor = Color3.FromHexString('#e8dcc0');
  paper.specularColor.set(0, 0, 0);

  const meshes: Mesh[] = [];
  const box = (
    name: string,
    width: number,
    height: number,
    depth: number,
    at: Vector3,
    material: StandardMaterial,
  ) => {
    const mesh = CreateBox(name, { width, height, depth }, scene);
    mesh.position.copyFrom(at);
    mesh.material = material;
    mesh.isPickable = false;
    meshes.push(mesh);
    return mesh;
  };
  box(
    'shop-counter',
    COUNTER.depth,
    counterHeight - 0.06,
    COUNTER.width,
    new Vector3(x, (counterHeight - 0.06) / 2, z),
    wood,
  );
  box(
    'shop-top',
    COUNTER.depth + 0.14,
    0.06,
    COUNTER.width + 0.14,
    new Vector3(x, counterHeight - 0.03, z),
    brass,
  );
  // The cabinet stands on the counter's end; its door turns about the edge that is farther from the keeper.
  const cabinet = new Vector3(x - 0.05, counterHeight + 0.36, z + 0.85);
  box('shop-cabinet-back', 0.05, 0.72, 0.7, cabinet.add(new Vector3(-0.22, 0, 0)), wood);
  for (const side of [-1, 1]) {
    box('shop-cabinet-side', 0.44, 0.72, 0.04, cabinet.add(new Vector3(0, 0, 0.33 * side)), wood);
    box('shop-cabinet-shelf', 0.44, 0.04, 0.7, cabinet.add(new Vector3(0, 0.34 * side, 0)), wood);
  }
  for (const [index, item] of ['star map', 'brass planet', 'pocket sundial'].entries()) {
    const shown = thing(item, scene, brass, paper);
    shown.position = cabinet.add(new Vector3(0.02, -0.2, (index - 1) * 0.2));
    meshes.push(shown);
  }
  const hinge = new TransformNode('shop-hinge', scene);
  hinge.position = cabinet.add(new Vector3(0.23, 0, 0.35));
  const door = box('shop-door', 0.03, 0.72, 0.7, new Vector3(0, 0, -0.35), brass);
  door.parent = hinge;
  colliders.addBox(x, z, COUNTER.depth, COUNTER.width, counterHeight);

  const gifts: Gift[] = [];
  let nowSeconds = 0;
  let ajar = 0;
  const shop: Shop = {
    meshes,
    open: false,
    get given() {
      return gifts.map(({ item }) => item);
    },
    give: (item, way) => {
      gifts.push({
        ...way,
        item,
        mesh: thing(item, scene, brass, paper),
        fromSeconds: nowSeconds,
        taken: false,
      });
    },
    tick: (seconds, stillness) => {
      const passed = Math.min(0.1, Math.max(0, seconds - nowSeconds));
      nowSeconds = seconds;
      const step = stillness ? 1 : passed / DOOR_SECONDS;
      ajar = shop.open ? Math.min(1, ajar + step) : Math.max(0, ajar - step);
      hinge.rotation.y = -DOOR_OPEN_RADIANS * ajar * ajar * (3 - 2 * ajar);
      for (const gift of [...gifts]) {
        const age = seconds - gift.fromSeconds;
        if (age > SHOWN_SECONDS + PASSING_SECONDS + HELD_SECONDS || !show(gift, age, stillness)) {
          // A sheet has a material of its own.
          gift.mesh.dispose(false, gift.item in PAPERS);
          gifts.splice(gifts.indexOf(gift), 1);
        }
      }
    },
  };
  const counter = new Vector3(x, counterHeight + 0.1, z);

  /** Puts a gift where it is at its age. @returns False when nobody is there to have it. */
  function show(gift: Gift, age: number, stillness: boolean): boolean {
    const taker = gift.to();
    if (!taker) return false;
    const hand = gift.from?.() ?? counter;
    const yaw = Math.atan2(hand.x - taker.x, hand.z - taker.z);
    const ahead = new Vector3(Math.sin(yaw), 0, Math.cos(yaw));
    const passed = stillness ? 1 : Math.min(1, Math.max(0, (age - SHOWN_SECONDS) / PASSING_SECONDS));
    const share = passed * passed * (3 - 2 * passed);
    const toX = taker.x + HELD.aheadM * ahead.x + HELD.rightM * ahead.z;
    const toZ = taker.z + HELD.aheadM * ahead.z - HELD.rightM * ahead.x;
    gift.mesh.position.set(
      hand.x + (toX - hand.x) * share,
      hand.y + (HELD.heightM - hand.y) * share + archM(hand, taker) * Math.sin(Math.PI * share),
      hand.z + (toZ - hand.z) * share,
    );
    // What is printed is turned to who will read it.
    const isPaper = gift.item in PAPERS;
    gift.mesh.rotation.set(isPaper ? READING_TILT * share : 0, isPaper || stillness ? yaw : age * 2.2, 0);
    if (passed === 1 && !gift.taken) {
      gift.taken = true;
      gift.onTaken?.();
    }
    return true;
  }

  return shop;
}

/** Over the counter things fly in a bow; from hand to hand they hardly rise, metres. */
function archM(hand: Point, taker: { readonly x: number; readonly z: number }): number {
  return Math.min(0.5, Math.max(0, 0.25 * (Math.hypot(hand.x - taker.x, hand.z - taker.z) - 1.5)));
}

/** What the shop sells, by the names in its keeper's persona; anything else is a parcel. */
function thing(item: string, scene: Scene, brass: StandardMaterial, paper: StandardMaterial): Mesh {
  if (item in PAPERS) return createPaper(scene, PAPERS[item]);
  const mesh = /map/u.test(item)
    ? CreateCylinder('star-map', { diameter: 0.07, height: 0.34, tessellation: 14 }, scene)
    : /planet/u.test(item)
      ? CreateSphere('brass-planet', { diameter: 0.15, segments: 12 }, scene)
      : /sundial/u.test(item)
        ? CreateCylinder(
            'pocket-sundial',
            { diameterTop: 0.14, diameterBottom: 0.17, height: 0.05, tessellation: 20 },
            scene,
          )
        : CreateBox('parcel', { size: 0.16 }, scene);
  mesh.material = /map/u.test(item) ? paper : brass;
  mesh.isPickable = false;
  return mesh;
}
