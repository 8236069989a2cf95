/** Who the lit path leads to: their folder's name. */
export const GUIDE = 'mira';

/** Where things stand, in metres; +z leads from the entrance into the hall, +x is to a newcomer's right. */
export const LAYOUT = {
  /** The terrace's edges. */
  terrace: { minX: -12, maxX: 12, minZ: -12, maxZ: 17 },
  /** Where visitors appear, facing +z. */
  spawn: { x: 0, z: -8.5, yaw: 0, spread: 1.6 },
  /** Where visitors come up the stairs. */
  gate: { x: 0, z: -11.65 },
  /** The half-circle of columns and the wall behind them. */
  exedra: { x: 0, z: 7.5, columnRadius: 6.9, wallRadius: 8.5, height: 4.3, columns: 10 },
  /** Guide and bust, unless the room's state says otherwise. */
  mira: { x: 0, z: 0.8 },
  orson: { x: 5.6, z: 3.4, plinthHeight: 1.12 },
  /** The keeper of the shop on the counter, which faces the middle of the terrace. */
  shop: { x: -8.4, z: 0.2, counterHeight: 1.02 },
  orrery: { x: 0, z: 9.4 },
  telescope: { x: -6.1, z: 3.6 },
  moonRock: { x: -6.6, z: -3.2 },
  pool: { x: 7.6, z: -4.2, width: 4.4, depth: 6.4 },
} as const;
