import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ParleyError } from '@parley/sdk';
import { parse } from 'yaml';
import { z } from 'zod';
import { floorPlanSchema } from '../walk/floor-plan.ts';
import { whyUnreadable } from '../why-unreadable.ts';

const roomFileSchema = z.strictObject({
  /** Where visitors appear, metres and radians. */
  spawn: z
    .strictObject({
      x: z.number(),
      y: z.number().default(0),
      z: z.number(),
      yaw: z.number().default(0),
      radiusM: z.number().min(0).default(1),
    })
    .optional(),
  hearingRangeM: z.number().positive().optional(),
  maxClients: z.int().min(1).optional(),
  /** Where NPCs can walk and what they can walk to or point at. */
  floor: floorPlanSchema.optional(),
});

/** What `room.yaml` beside the personas says of the place. */
export type RoomFile = z.infer<typeof roomFileSchema>;

/**
 * Reads `<folder>/room.yaml`; an absent file says nothing.
 * @throws {ParleyError} `bad-room-file`
 */
export async function loadRoomFile(folder: string): Promise<RoomFile> {
  const path = join(folder, 'room.yaml');
  const yaml = await readFile(path, 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return null;
    throw new ParleyError('bad-room-file', `${path} cannot be read: ${whyUnreadable(error)}`, error);
  });
  if (yaml === null) return {};
  let json: unknown;
  try {
    json = parse(yaml);
  } catch (error) {
    throw new ParleyError('bad-room-file', `${path} is not valid YAML: ${(error as Error).message}`, error);
  }
  const result = roomFileSchema.safeParse(json ?? {});
  if (result.success) return result.data;
  throw new ParleyError(
    'bad-room-file',
    `${path} cannot be used: ${z.prettifyError(result.error)}`,
    result.error,
  );
}
