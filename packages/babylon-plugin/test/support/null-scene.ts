import { FreeCamera } from '@babylonjs/core/Cameras/freeCamera.js';
import { NullEngine } from '@babylonjs/core/Engines/nullEngine.js';
import { Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import { Scene } from '@babylonjs/core/scene.js';

/** A scene without a GPU. */
export function nullScene(options: { rightHanded?: boolean } = {}): Scene {
  const scene = new Scene(new NullEngine());
  scene.useRightHandedSystem = options.rightHanded ?? false;
  new FreeCamera('camera', new Vector3(0, 0, -3), scene);
  return scene;
}
