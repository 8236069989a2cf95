import { FresnelParameters } from '@babylonjs/core/Materials/fresnelParameters.js';
import { ImageProcessingConfiguration } from '@babylonjs/core/Materials/imageProcessingConfiguration.js';
import type { Material } from '@babylonjs/core/Materials/material.js';
import { StandardMaterial } from '@babylonjs/core/Materials/standardMaterial.js';
import type { BaseTexture } from '@babylonjs/core/Materials/Textures/baseTexture.js';
import { Color3 } from '@babylonjs/core/Maths/math.color.js';

/** Names of what mirrors. */
const EYES = /eye|iris|pupil|cornea/i;
/** How wet a material of an .obj is, by its name: strength (0 to 1) and sharpness (exponent) of its highlight. */
const GLOSS: readonly (readonly [name: RegExp, strength: number, power: number])[] = [
  [EYES, 0.75, 220],
  [/teeth|tongue/i, 0.3, 60],
  [/lip/i, 0.16, 32],
  [/lash|brow|hair/i, 0.04, 16],
];
const PLAIN_GLOSS = [0.09, 14] as const;
/** Eyes mirror the studio a little: this part of its light at the rim, a quarter of it in the middle. */
const EYE_MIRROR = 0.3;

/**
 * Makes an .obj file's material look like what it is: the format tells a colour and hardly more. glTF materials stay as
 * their artist made them.
 *
 * @param reflections - What eyes mirror.
 */
export function dressMaterial(material: Material, reflections: BaseTexture): void {
  if (!(material instanceof StandardMaterial)) return;
  // Its colours are meant as monitors show them; tone mapping is for glTF's.
  material.imageProcessingConfiguration = new ImageProcessingConfiguration();
  const [, strength, power] = GLOSS.find(([name]) => name.test(material.name)) ?? ['', ...PLAIN_GLOSS];
  material.specularColor = new Color3(strength, strength, strength);
  material.specularPower = power;
  if (!EYES.test(material.name)) return;
  material.reflectionTexture = reflections;
  const fresnel = new FresnelParameters();
  fresnel.leftColor = Color3.White().scale(EYE_MIRROR);
  fresnel.rightColor = Color3.White().scale(EYE_MIRROR / 4);
  material.reflectionFresnelParameters = fresnel;
}
