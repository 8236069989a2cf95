import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkExportFile, ParleyError, readManifest, readVertexBasis } from '@parley/sdk';
import {
  type BindTemplate,
  createFaceNets,
  type FaceNets,
  type FaceOrtModule,
  readBindTemplate,
  readTemplateLandmarks,
  type TemplateLandmarks,
} from '@parley/sdk/bind';

/** What binding needs of the face model. */
export interface BindModelFiles {
  readonly template: BindTemplate;
  readonly landmarks: TemplateLandmarks;
  /** Loads the nets that find a face. */
  loadNets(): Promise<FaceNets>;
}

/**
 * Reads the template, its basis and identities, and where the nets are.
 * @throws ParleyError `missing-export`, `bad-manifest` or `bad-export`.
 */
export async function loadBindModelFiles(exportsPath: string): Promise<BindModelFiles> {
  const bytes = async (path: string): Promise<Uint8Array> => {
    try {
      return await readFile(join(exportsPath, path));
    } catch (error) {
      throw new ParleyError(
        'missing-export',
        `The face model's ${path} is not in ${exportsPath}: get it from the repository.`,
        error,
      );
    }
  };
  const json = async (path: string) => {
    const text = new TextDecoder().decode(await bytes(path));
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new ParleyError('bad-manifest', `${path} is no JSON: get it from the repository again`, error);
    }
  };
  const manifest = readManifest(await json('manifest.json'));
  const { basis, template: obj } = manifest.files;
  const landmarks = readTemplateLandmarks(await json('landmarks/template.json'));
  const template = readBindTemplate({
    obj: new TextDecoder().decode(checkExportFile(await bytes(obj.path), obj)),
    info: await json('template.json'),
    basis: readVertexBasis(checkExportFile(await bytes(basis.path), basis), manifest),
    identity: await json('identity.json'),
    identityBytes: await bytes('identity.bin'),
    landmarks,
  });
  return {
    template,
    landmarks,
    async loadNets() {
      const runtime = (await import('onnxruntime-node')) as unknown as FaceOrtModule;
      return createFaceNets(runtime, {
        detector: await bytes('landmarks/face-detector.onnx'),
        landmarks: await bytes('landmarks/face-landmarks.onnx'),
      });
    },
  };
}
