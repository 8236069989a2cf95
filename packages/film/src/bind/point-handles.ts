import type { ArcRotateCamera } from '@babylonjs/core/Cameras/arcRotateCamera.js';
import { PointerEventTypes } from '@babylonjs/core/Events/pointerEvents.js';
import { StandardMaterial } from '@babylonjs/core/Materials/standardMaterial.js';
import { Color3 } from '@babylonjs/core/Maths/math.color.js';
import { Matrix, Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import { CreateSphere } from '@babylonjs/core/Meshes/Builders/sphereBuilder.js';
import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import type { Scene } from '@babylonjs/core/scene.js';
import type { BareHead } from './bare-head.ts';
import type { PagePoint } from './bind-job.ts';

/** Radius of a handle, metres of an upright head. */
const RADIUS_M = 0.0022;

/** Points as handles that slide over the head when they are dragged. */
export class PointHandles {
  readonly #points: readonly PagePoint[];
  readonly #handles: readonly Mesh[];
  readonly #list: HTMLElement;
  onMove: () => void = () => {};

  constructor(
    scene: Scene,
    camera: ArcRotateCamera,
    head: BareHead,
    points: readonly PagePoint[],
    list: HTMLElement,
  ) {
    this.#points = points;
    this.#list = list;
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
      return handle;
    });
    points.forEach(({ hint, name }, i) => {
      const item = document.createElement('li');
      item.textContent = hint;
      item.title = name;
      item.onmouseenter = () => choose(i);
      item.onmouseleave = () => choose(-1);
      list.append(item);
    });
    const choose = (index: number) => {
      this.#handles.forEach((handle, i) => {
        handle.material = i === index ? chosen : plain;
        list.children[i]?.classList.toggle('chosen', i === index);
      });
    };

    let dragged = -1;
    scene.onPointerObservable.add(({ type }) => {
      const { pointerX, pointerY } = scene;
      if (type === PointerEventTypes.POINTERDOWN) {
        const hit = scene.pick(pointerX, pointerY, (mesh) => this.#handles.includes(mesh as Mesh));
        dragged = hit.pickedMesh ? this.#handles.indexOf(hit.pickedMesh as Mesh) : -1;
        if (dragged >= 0) camera.detachControl();
        choose(dragged);
      } else if (type === PointerEventTypes.POINTERMOVE && dragged >= 0) {
        const hit = scene.pick(pointerX, pointerY, (mesh) => mesh === head.mesh);
        if (hit.pickedPoint) this.#place(dragged, head, hit.pickedPoint);
      } else if (type === PointerEventTypes.POINTERUP && dragged >= 0) {
        dragged = -1;
        camera.attachControl(true);
        choose(-1);
        this.onMove();
      }
    });
  }

  show(visible: boolean): void {
    for (const handle of this.#handles) handle.setEnabled(visible);
    this.#list.hidden = !visible;
  }

  #place(index: number, head: BareHead, point: Vector3): void {
    const back = Matrix.Invert(head.frame.computeWorldMatrix(true));
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
