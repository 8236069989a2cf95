import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  checkExportFile,
  createTemplateFace,
  type FaceManifest,
  type ManifestFile,
  ParleyError,
  readManifest,
  readVertexBasis,
  type TemplateFace,
} from '@parley/sdk';
import { createNodeFaceDecoder, type FaceDecoder } from '@parley/sdk/decoder-node';
import { z } from 'zod';
import { modelsPath } from '../models-folder.ts';
import { KEYPOINT_NAMES } from './keypoint-names.ts';

/** What `template.json` says, as far as it is used here. */
const templateInfoSchema = z.object({
  landmarks: z.object({
    scheme: z.literal('ibug-68'),
    vertices: z.array(z.int().min(0)).length(KEYPOINT_NAMES.length),
  }),
  gazeDeg: z.object({
    eyeLookIn: z.number(),
    eyeLookOut: z.number(),
    eyeLookUp: z.number(),
    eyeLookDown: z.number(),
  }),
});

/** `template.json`: landmarks, and how far the gaze shapes turn an eye. */
export type TemplateInfo = z.infer<typeof templateInfoSchema>;

/** The decoding half of the face model, and the template that it moves. Whoever loads it closes its decoder. */
export interface FaceModelFiles {
  readonly exportsPath: string;
  readonly manifest: FaceManifest;
  readonly decoder: FaceDecoder;
  readonly template: TemplateFace;
  readonly info: TemplateInfo;
}

/** The face model that comes with Parley. */
export const OWN_EXPORTS = modelsPath('exports');

/**
 * Reads a model's manifest, decoder, template and basis, each checked by its hash.
 * @throws ParleyError `missing-export`, `bad-manifest`, `bad-export` or `decoder-failed`.
 */
export async function loadFaceModelFiles(exportsPath: string = OWN_EXPORTS): Promise<FaceModelFiles> {
  const manifest = readManifest(parse(await read(exportsPath, 'manifest.json'), 'manifest.json'));
  const checked = async (file: ManifestFile | undefined, name: string) => {
    if (!file) throw new ParleyError('bad-export', `The face model has no ${name}: export it again`);
    return checkExportFile(await read(exportsPath, file.path), file);
  };
  const { files } = manifest;
  const basis = readVertexBasis(await checked(files.basis, 'basis'), manifest);
  const objText = new TextDecoder().decode(await checked(files.template, 'template'));
  const info = templateInfoSchema.safeParse(
    parse(await checked(files.templateInfo, 'templateInfo'), 'template.json'),
  );
  if (!info.success)
    throw new ParleyError('bad-export', `template.json is wrong: ${z.prettifyError(info.error)}`);
  const template = createTemplateFace(objText, basis, manifest);
  // Last, since it has to be closed.
  const decoder = await createNodeFaceDecoder({
    manifest,
    modelPath: join(exportsPath, files.decoder.path),
  });
  return { exportsPath, manifest, decoder, template, info: info.data };
}

async function read(folder: string, path: string): Promise<Uint8Array> {
  try {
    return await readFile(join(folder, path));
  } catch (error) {
    throw new ParleyError(
      'missing-export',
      `The face model's ${path} is not in ${folder}: get it from the repository.`,
      error,
    );
  }
}

function parse(bytes: Uint8Array, name: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new ParleyError('bad-manifest', `${name} is no JSON: get it from the repository again`, error);
  }
}
