import { FreeCamera } from '@babylonjs/core/Cameras/freeCamera.js';
import { Engine } from '@babylonjs/core/Engines/engine.js';
import { DirectionalLight } from '@babylonjs/core/Lights/directionalLight.js';
import { HemisphericLight } from '@babylonjs/core/Lights/hemisphericLight.js';
import type { Light } from '@babylonjs/core/Lights/light.js';
import { ImageProcessingConfiguration } from '@babylonjs/core/Materials/imageProcessingConfiguration.js';
import { Color3, Color4 } from '@babylonjs/core/Maths/math.color.js';
import { Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import { Scene } from '@babylonjs/core/scene.js';
import { createBackdrop } from './backdrop.ts';
import { createReflections } from './reflections.ts';

/** Vertical angle of view, radians: a portrait lens. */
const VIEW = (22 * Math.PI) / 180;
/** Height of the picture at the face, in heights from eyes to crown. */
const PICTURE_HEIGHT = 2.45;
/** The eyes are this far above the middle of the picture, as a part of its height. */
const EYES_ABOVE = 0.075;

/** Where the film is made. */
export interface Studio {
  readonly scene: Scene;
  /**
   * Points the camera at a face.
   * @param eyes Middle between the eyes.
   * @param crown Height from the eyes to the top of the head, in the scene's unit.
   */
  frame(eyes: Vector3, crown: number): void;
  /** Makes all lamps stronger or weaker. */
  brighten(factor: number): void;
}

/** A portrait studio: a warm key light from the left, a cool fill, a rim from behind, a plain backdrop. */
export function createStudio(canvas: HTMLCanvasElement, sizePx: number): Studio {
  canvas.width = sizePx;
  canvas.height = sizePx;
  const engine = new Engine(canvas, true, { preserveDrawingBuffer: true, stencil: false });
  const scene = new Scene(engine);
  scene.useRightHandedSystem = true;
  scene.skipPointerMovePicking = true;
  scene.clearColor = Color4.FromHexString('#2b323dff');
  createBackdrop(scene);
  scene.environmentTexture = createReflections(scene);
  scene.environmentIntensity = 0.85;
  const processing = scene.imageProcessingConfiguration;
  processing.toneMappingEnabled = true;
  processing.toneMappingType = ImageProcessingConfiguration.TONEMAPPING_KHR_PBR_NEUTRAL;

  const ambient = new HemisphericLight('ambient', Vector3.Up(), scene);
  ambient.diffuse = Color3.FromHexString('#c9d4e6');
  ambient.groundColor = Color3.FromHexString('#6b5a50');
  ambient.specular = Color3.Black();
  ambient.intensity = 0.5;
  const lights = [
    ambient,
    lamp(scene, 'key', new Vector3(0.55, -0.55, -0.85), '#fff0dc', 0.72),
    lamp(scene, 'fill', new Vector3(-0.8, -0.15, -0.6), '#c3d2ea', 0.28),
    lamp(scene, 'rim', new Vector3(-0.5, -0.5, 0.9), '#dbe7ff', 0.55),
  ];

  const camera = new FreeCamera('camera', new Vector3(0, 0, 1), scene);
  camera.fov = VIEW;
  return {
    scene,
    frame(eyes, crown) {
      const height = PICTURE_HEIGHT * crown;
      const distance = height / (2 * Math.tan(VIEW / 2));
      camera.minZ = distance / 50;
      camera.maxZ = distance * 20;
      camera.position.set(eyes.x, eyes.y, eyes.z + distance);
      camera.setTarget(new Vector3(eyes.x, eyes.y - EYES_ABOVE * height, eyes.z));
    },
    brighten(factor) {
      for (const light of lights) light.intensity *= factor;
    },
  };
}

function lamp(scene: Scene, name: string, direction: Vector3, colour: string, intensity: number): Light {
  const light = new DirectionalLight(name, direction.normalize(), scene);
  light.diffuse = Color3.FromHexString(colour);
  light.specular = light.diffuse.scale(0.5);
  light.intensity = intensity;
  return light;
}
