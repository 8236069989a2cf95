import { Color3 } from '@babylonjs/core/Maths/math.color';
import { Vector3 } from '@babylonjs/core/Maths/math.vector';

/** Every colour of the hall, in one place; hex values are sRGB. */
export const PALETTE = {
  zenith: Color3.FromHexString('#27477f'),
  sky: Color3.FromHexString('#7fa9cf'),
  horizon: Color3.FromHexString('#f3d3b0'),
  sunGlow: Color3.FromHexString('#ffb877'),
  limestone: Color3.FromHexString('#e2d5bf'),
  sandstone: Color3.FromHexString('#c9b191'),
  plaster: Color3.FromHexString('#cf9f7c'),
  slate: Color3.FromHexString('#4c5866'),
  brass: Color3.FromHexString('#c69a4c'),
  terracotta: Color3.FromHexString('#b06a48'),
  cypress: Color3.FromHexString('#4c6b45'),
  leaf: Color3.FromHexString('#73904f'),
  trunk: Color3.FromHexString('#6f5643'),
  wood: Color3.FromHexString('#96704d'),
  water: Color3.FromHexString('#235059'),
  hills: Color3.FromHexString('#7c8f74'),
  farHills: Color3.FromHexString('#93a6b4'),
  moon: Color3.FromHexString('#9a9a98'),
  trail: Color3.FromHexString('#ffd98a'),
  listening: Color3.FromHexString('#37c2a8'),
  thinking: Color3.FromHexString('#f0b54a'),
  speaking: Color3.FromHexString('#fff0cf'),
} as const;

/** Unit vector from the ground towards the sun: low, behind the entrance and to its left, so that faces are lit. */
export const SUN_DIRECTION = new Vector3(-0.66, 0.52, -0.54).normalize();
