import { z } from 'zod';

const metres = z.number().min(-1e4).max(1e4);

/** What the server knows of the floor, so that NPCs can walk on it. Metres; +z and +x as the world has them. */
export const floorPlanSchema = z.strictObject({
  /** NPCs stay within. Default: anywhere. */
  bounds: z.strictObject({ minX: metres, maxX: metres, minZ: metres, maxZ: metres }).optional(),
  /** What is in the way: upright cylinders, and boxes along the axes. */
  solids: z
    .array(
      z.union([
        z.strictObject({ x: metres, z: metres, radiusM: z.number().positive() }),
        z.strictObject({
          x: metres,
          z: metres,
          widthM: z.number().positive(),
          depthM: z.number().positive(),
        }),
      ]),
    )
    .max(500)
    .default([]),
  /** Things and places by the words that personas use as targets of their tools. */
  places: z
    .record(
      z.string().min(1).max(60),
      z.strictObject({
        x: metres,
        z: metres,
        /** Height of what is pointed at, metres above the floor. */
        y: metres.default(1),
        /** An NPC that was sent there stops this far from it, metres. */
        nearM: z.number().positive().default(1.5),
      }),
    )
    .default({}),
});

/** Where NPCs may walk, and to what. */
export type FloorPlan = z.output<typeof floorPlanSchema>;

/** A point on the floor, metres. */
export interface FloorPoint {
  readonly x: number;
  readonly z: number;
}

/** An empty floor without end. */
export const OPEN_FLOOR: FloorPlan = { solids: [], places: {} };
