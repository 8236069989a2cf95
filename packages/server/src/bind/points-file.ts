import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { ParleyError } from '@parley/sdk';
import { BINDING_POINTS, type HandPoints, LANDMARK_COUNT, type ProposedPoints } from '@parley/sdk/bind';
import { z } from 'zod';

const pointSchema = z
  .object({
    name: z.string().optional(),
    landmark: z
      .int()
      .min(0)
      .max(LANDMARK_COUNT - 1)
      .optional(),
    position: z.tuple([z.number(), z.number(), z.number()]),
  })
  .refine(({ name, landmark }) => landmark !== undefined || nameToLandmark(name) !== undefined, {
    error: `a point needs a landmark of the face mesh or one of the names ${BINDING_POINTS.map(({ name }) => name).join(', ')}`,
  });

/** A file of points: what `parley bind` proposes, and what `--points` takes. */
const pointsSchema = z.object({
  points: z.array(pointSchema).min(4, 'at least four points are needed, for instance eyes, nose and chin'),
  insideOut: z.boolean().optional(),
});

function nameToLandmark(name: string | undefined): number | undefined {
  return BINDING_POINTS.find((known) => known.name === name)?.landmark;
}

/**
 * Reads points set by hand.
 * @throws ParleyError `bad-points`, which says what is wrong where.
 */
export async function readPointsFile(path: string): Promise<HandPoints> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    const reason =
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : (error as Error).message;
    throw new ParleyError('bad-points', `The points ${path} cannot be read: ${reason}`, error);
  }
  const parsed = pointsSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue?.path.length ? ` (${issue.path.join('.')})` : '';
    throw new ParleyError('bad-points', `${path} holds no points of a face: ${issue?.message}${where}`);
  }
  return {
    insideOut: parsed.data.insideOut,
    points: parsed.data.points.map(({ name, landmark, position }) => ({
      landmark: landmark ?? nameToLandmark(name)!,
      position,
    })),
  };
}

/** The text of a file of proposed points; numbered as they are drawn. */
export function pointsFileText(headPath: string, { points, insideOut }: ProposedPoints): string {
  const rows = points.map(({ name, landmark, position }, i) => {
    const hint = BINDING_POINTS.find((known) => known.name === name)?.hint ?? '';
    return JSON.stringify({ number: i + 1, name, landmark, hint, position: position.map(shorter) });
  });
  return `{"head":${JSON.stringify(basename(headPath))},"insideOut":${insideOut},"points":[\n${rows.join(',\n')}\n]}\n`;
}

function shorter(value: number): number {
  return Number(value.toPrecision(7));
}
