import {
  checkExportFile,
  type FaceManifest,
  type ManifestFile,
  ParleyError,
  readManifest,
  readVertexBasis,
} from '@parley/sdk';
import {
  type BindTemplate,
  createFaceNets,
  type FaceNets,
  type FaceOrtModule,
  readBindTemplate,
  readTemplateLandmarks,
  type TemplateLandmarks,
} from '@parley/sdk/bind';
import type { WasmUrls } from '@parley/sdk/decoder-web';

/** What finding and binding a face takes. */
export interface BindTools {
  readonly nets: FaceNets;
  readonly landmarks: TemplateLandmarks;
  readonly template: BindTemplate;
}

/**
 * Fetches the binding's template and the two nets, each checked by its hash.
 *
 * @throws ParleyError `bad-export` or `bad-manifest`.
 */
export async function loadBindTools(exportsUrl: string, wasmUrls?: WasmUrls): Promise<BindTools> {
  const read = async ({ path, ...file }: ManifestFile, folder = ''): Promise<Uint8Array> =>
    checkExportFile(await fetchBytes(exportsUrl, folder + path), { path, ...file });
  const [manifest, netsManifest, info, identity, landmarksInfo] = (await Promise.all([
    fetchJson(exportsUrl, 'manifest.json').then(readManifest),
    fetchJson(exportsUrl, 'landmarks/manifest.json'),
    fetchJson(exportsUrl, 'template.json'),
    fetchJson(exportsUrl, 'identity.json'),
    fetchJson(exportsUrl, 'landmarks/template.json'),
  ])) as [FaceManifest, { files: Record<'detector' | 'landmarks', ManifestFile> }, never, never, never];
  const [obj, basis, identityBytes, detector, landmarks, ort] = await Promise.all([
    read(manifest.files.template),
    read(manifest.files.basis),
    fetchBytes(exportsUrl, 'identity.bin'),
    read(netsManifest.files.detector, 'landmarks/'),
    read(netsManifest.files.landmarks, 'landmarks/'),
    import('onnxruntime-web/wasm'),
  ]);
  // One thread needs no cross-origin isolation; a look at a face takes 12 ms.
  ort.env.wasm.numThreads = 1;
  if (wasmUrls) ort.env.wasm.wasmPaths = wasmUrls;
  const nets = await createFaceNets(ort as FaceOrtModule, { detector, landmarks });
  const templateLandmarks = readTemplateLandmarks(landmarksInfo);
  return {
    nets,
    landmarks: templateLandmarks,
    template: readBindTemplate({
      obj: new TextDecoder().decode(obj),
      info,
      basis: readVertexBasis(basis, manifest),
      identity,
      identityBytes,
      landmarks: templateLandmarks,
    }),
  };
}

async function fetchJson(exportsUrl: string, path: string): Promise<unknown> {
  const bytes = await fetchBytes(exportsUrl, path);
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new ParleyError(
      'bad-export',
      `${exportsUrl}${path} is no JSON: check that models/exports is served there`,
      error,
    );
  }
}

async function fetchBytes(exportsUrl: string, path: string): Promise<Uint8Array> {
  const url = new URL(path, exportsUrl).href;
  const response = await fetch(url).catch((error) => {
    throw new ParleyError('bad-export', `${url} cannot be loaded: check the network, then reload`, error);
  });
  if (!response.ok) {
    throw new ParleyError(
      'bad-export',
      `${url} answers ${response.status}: binding needs identity.*, template.* and landmarks/ of models/exports there`,
    );
  }
  return new Uint8Array(await response.arrayBuffer());
}
