import type { ArcRotateCamera } from '@babylonjs/core/Cameras/arcRotateCamera.js';
import { PointerEventTypes } from '@babylonjs/core/Events/pointerEvents.js';
import { StandardMaterial } from '@babylonjs/core/Materials/standardMaterial.js';
import { Color3 } from '@babylonjs/core/Maths/math.color.js';
import { Matrix, Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import { CreateSphere } from '@babylonjs/core/Meshes/Builders/sphereBuilder.js';
import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import type { Scene } from '@babylonjs/core/scene.js';
import type { BareHead } from './bare-head.ts';
import type { FacePoint } from './face-points.ts';

/** Radius of a handle, metres of an upright head. */
const RADIUS_M = 0.0022;
/** How far beside a handle a mouse and a finger still take it, CSS pixels. */
const MOUSE_PX = 12;
const FINGER_PX = 26;

/** Points as handles that slide over the head when they are dragged. */
export class PointHandles {
  readonly #points: readonly FacePoint[];
  readonly #handles: readonly Mesh[];
  readonly #list: HTMLElement;
  readonly #scene: Scene;
  readonly #camera: ArcRotateCamera;
  readonly #head: BareHead;
  /** Told which point was moved, once it is let go. */
  onMove: (point: FacePoint) => void = () => {};

  constructor(
    scene: Scene,
    camera: ArcRotateCamera,
    head: BareHead,
    points: readonly FacePoint[],
    list: HTMLElement,
  ) {
    this.#points = points;
    this.#list = list;
    this.#scene = scene;
    this.#camera = camera;
    this.#head = head;
    const plain = dye(scene, '#ffbe28');
    const chosen = dye(scene, '#35c0ff');
    this.#handles = points.map(({ name, position }) => {
      const handle = CreateSphere(name, { diameter: 2 * RADIUS_M, segments: 8 }, scene);
      handle.parent = head.frame;
      handle.material = plain;
      handle.position.fromArray(position);
      handle.scaling.setAll(1 / head.frame.scaling.x);
      // Over the skin, so that none hides in it.
      handle.renderingGroupId = 1;
      handle.isPickable = false;
      return handle;
    });
    const choose = (index: number) => {
      this.#handles.forEach((handle, i) => {
        handle.material = i === index ? chosen : plain;
        list.children[i]?.classList.toggle('chosen', i === index);
      });
    };
    points.forEach(({ hint, name }, i) => {
      const item = document.createElement('button');
      item.type = 'button';
      item.className = 'place';
      item.textContent = hint;
      item.title = name;
      item.onmouseenter = () => choose(i);
      item.onfocus = () => choose(i);
      item.onclick = () => {
        this.#lookAt(i);
        choose(i);
      };
      const entry = document.createElement('li');
      entry.append(item);
      list.append(entry);
    });

    const canvas = scene.getEngine().getRenderingCanvas();
    let dragged = -1;
    scene.onPointerObservable.add(({ type, event }) => {
      const { pointerX, pointerY } = scene;
      if (type === PointerEventTypes.POINTERDOWN) {
        const isFinger = (event as PointerEvent).pointerType === 'touch';
        dragged = this.#nearest(pointerX, pointerY, isFinger ? FINGER_PX : MOUSE_PX);
        if (dragged < 0) return;
        camera.detachControl();
        choose(dragged);
        list.children[dragged]?.scrollIntoView({ block: 'nearest' });
      } else if (type === PointerEventTypes.POINTERMOVE) {
        if (dragged >= 0) {
          const hit = scene.pick(pointerX, pointerY, (mesh) => mesh === head.mesh);
          if (hit.pickedPoint) this.#place(dragged, hit.pickedPoint);
        } else canvas?.classList.toggle('on-point', this.#nearest(pointerX, pointerY, MOUSE_PX) >= 0);
      } else if (type === PointerEventTypes.POINTERUP && dragged >= 0) {
        const moved = points[dragged];
        dragged = -1;
        camera.attachControl(true);
        if (moved) this.onMove(moved);
      }
    });
  }

  show(visible: boolean): void {
    for (const handle of this.#handles) handle.setEnabled(visible);
    this.#list.hidden = !visible;
  }

  /** Where a point is seen, CSS pixels from the upper left corner of the picture. */
  screenOf(name: string): { x: number; y: number } | undefined {
    const handle = this.#handles.find((each) => each.name === name);
    return handle && this.#onScreen(handle);
  }

  #onScreen(handle: Mesh): { x: number; y: number; depth: number } {
    const engine = this.#scene.getEngine();
    const canvas = engine.getRenderingCanvas()!;
    const view = this.#camera.viewport.toGlobal(canvas.clientWidth, canvas.clientHeight);
    handle.computeWorldMatrix(true);
    const place = Vector3.Project(
      handle.getAbsolutePosition(),
      Matrix.IdentityReadOnly,
      this.#scene.getTransformMatrix(),
      view,
    );
    return { x: place.x, y: place.y, depth: place.z };
  }

  /** The handle nearest to a place on the screen, of those that are near enough; of two at one place the one in front. */
  #nearest(x: number, y: number, reachPx: number): number {
    let best = -1;
    let least = reachPx;
    let front = Number.POSITIVE_INFINITY;
    this.#handles.forEach((handle, i) => {
      if (!handle.isEnabled()) return;
      const place = this.#onScreen(handle);
      const away = Math.hypot(place.x - x, place.y - y);
      if (away > reachPx || (away > least - 2 && (away > least + 2 || place.depth > front))) return;
      best = i;
      least = away;
      front = place.depth;
    });
    return best;
  }

  /** Turns the view so that a point faces it. */
  #lookAt(index: number): void {
    const place = this.#handles[index]?.getAbsolutePosition();
    if (!place) return;
    this.#camera.alpha = Math.PI / 2 - Math.atan2(place.x, Math.max(0.03, place.z + 0.09)) * 0.9;
    this.#camera.beta = Math.PI / 2;
  }

  #place(index: number, point: Vector3): void {
    const back = Matrix.Invert(this.#head.frame.computeWorldMatrix(true));
    const own = Vector3.TransformCoordinates(point, back);
    this.#handles[index]?.position.copyFrom(own);
    const moved = this.#points[index];
    if (moved) moved.position = own.asArray() as [number, number, number];
  }
}

function dye(scene: Scene, colour: string): StandardMaterial {
  const material = new StandardMaterial(colour, scene);
  material.emissiveColor = Color3.FromHexString(colour);
  material.disableLighting = true;
  return material;
}
