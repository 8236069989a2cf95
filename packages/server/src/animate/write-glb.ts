import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readObj } from '@parley/sdk';
import { animateGltf } from './animate-gltf.ts';
import type { FaceFrames } from './face-frames.ts';
import type { FaceModelFiles } from './face-model-files.ts';
import { fitObj } from './fitted-obj.ts';
import { readGltfHead } from './gltf-head.ts';
import { createGltfIo } from './gltf-io.ts';
import type { HeadFile } from './head-file.ts';
import { readObjParts } from './obj-parts.ts';
import { objToGltf } from './obj-to-gltf.ts';
import { TakeCurves } from './take-curves.ts';

/**
 * Reads a head and makes the function that writes it, with a take as its one animation, as a .glb file.
 * @param head Default: the template.
 * @throws ParleyError as the readers of heads.
 */
export async function glbWriter(
  head: HeadFile | null,
  model: FaceModelFiles,
): Promise<(take: readonly FaceFrames[]) => Promise<Uint8Array>> {
  const io = await createGltfIo();
  const { manifest, template } = model;
  if (head?.kind === 'gltf') {
    const gltf = await readGltfHead(head.path, manifest);
    return (take) => {
      animateGltf(gltf, new TakeCurves(take, manifest));
      return io.writeBinary(gltf.document);
    };
  }
  const path = head?.path ?? join(model.exportsPath, manifest.files.template.path);
  const text = head?.text ?? (await readFile(path, 'utf8'));
  const fit = fitObj(head ? readObj(text, path) : template.surface, path, model);
  const parts = await readObjParts(text, dirname(path));
  return (take) =>
    io.writeBinary(objToGltf(fit, parts, template.basis, new TakeCurves(take, manifest), manifest));
}
