import { ParleyError } from '@parley/sdk';
import {
  bindHead,
  type FoundFace,
  findFace,
  type HandPoints,
  type HeadMesh,
  type HeadRig,
  keepOwnControls,
  RIG_FILE_VERSION,
  readHead,
  readRigFile,
  writeRigFile,
} from '@parley/sdk/bind';
import { type BindTools, loadBindTools, loadManifest } from './bind-tools.ts';
import { hashOfHead } from './hash-of-head.ts';
import type { BinderReply, BinderRequest, BindHeadStep, BindRequest, BindResult } from './messages.ts';
import { prepareRig } from './prepare-rig.ts';
import { readGivenRig } from './read-given-rig.ts';
import { keepRig, readKeptRig } from './rig-cache.ts';
import { targetsOfParts } from './targets-of-parts.ts';
import { transferablesOf } from './transferables-of.ts';
import { UnsureFaceError } from './unsure-face-error.ts';

/** The worker's global scope, as far as it is used here. */
const scope = globalThis as unknown as {
  onmessage: ((event: { data: BinderRequest }) => void) | null;
  postMessage(reply: BinderReply, transfer: Transferable[]): void;
};

/** Shares of the whole that each step is done at. */
const STARTS: Readonly<Record<BindHeadStep, number>> = {
  read: 0,
  load: 0.02,
  find: 0.1,
  bind: 0.4,
  prepare: 0.95,
};

const jobs = new Map<number, AbortController>();
let tools: { readonly url: string; readonly value: Promise<BindTools> } | undefined;
let queue: Promise<void> = Promise.resolve();

scope.onmessage = ({ data }) => {
  if (data.type === 'abort') {
    jobs.get(data.id)?.abort();
    return;
  }
  const job = new AbortController();
  jobs.set(data.id, job);
  queue = queue.then(() => run(data, job.signal)).finally(() => jobs.delete(data.id));
};

async function run(request: BindRequest, signal: AbortSignal): Promise<void> {
  const { id } = request;
  try {
    signal.throwIfAborted();
    const result = await bind(request, signal, (step, done) =>
      scope.postMessage({ type: 'progress', id, step, done }, []),
    );
    scope.postMessage({ type: 'bound', id, result }, transferablesOf(result));
  } catch (error) {
    const code = error instanceof ParleyError ? error.code : 'binding-failed';
    const message = error instanceof Error ? error.message : String(error);
    const face = error instanceof UnsureFaceError ? error.face : undefined;
    scope.postMessage({ type: 'failed', id, code, message, face }, []);
  }
}

async function bind(
  { source, rig: given, points, exportsUrl, wasmUrls, cache }: BindRequest,
  signal: AbortSignal,
  report: (step: BindHeadStep, done: number) => void,
): Promise<BindResult> {
  report('read', STARTS.read);
  const mesh = source.mesh ?? (await readHead(source.file ?? new Uint8Array(0), { fileName: source.name }));
  const targets = source.targets ?? targetsOfParts(mesh);
  const hash = await hashOfHead(source.file, mesh);
  const finish = (rig: HeadRig, rigFile: Uint8Array, from: BindResult['from']): BindResult => {
    signal.throwIfAborted();
    report('prepare', STARTS.prepare);
    return {
      rig: prepareRig(mesh, rig, targets),
      mesh: source.mesh ? undefined : mesh,
      rigFile,
      from,
    };
  };
  if (given) {
    const rig = given instanceof Uint8Array ? readGivenRig(given, source.file ? hash : undefined) : given;
    return finish(rig, given instanceof Uint8Array ? given : writeRigFile(rig, hash), 'given');
  }
  const key = cache ? await keyOf(hash, exportsUrl) : '';
  if (cache && !points) {
    const kept = await readKeptRig(key);
    const rig = kept && readable(kept, hash);
    if (rig) return finish(rig, kept, 'cache');
  }
  report('load', STARTS.load);
  if (tools?.url !== exportsUrl) tools = { url: exportsUrl, value: loadBindTools(exportsUrl, wasmUrls) };
  const loaded = await tools.value.catch((error) => {
    tools = undefined;
    throw error;
  });
  signal.throwIfAborted();
  const rig = await findAndBind(mesh, points, loaded, signal, report);
  const rigFile = writeRigFile(rig, hash);
  if (cache) await keepRig(key, rigFile);
  return finish(rig, rigFile, 'bound');
}

async function findAndBind(
  mesh: HeadMesh,
  points: HandPoints | undefined,
  { nets, landmarks, template }: BindTools,
  signal: AbortSignal,
  report: (step: BindHeadStep, done: number) => void,
): Promise<HeadRig> {
  const onProgress = (_: string, done: number): void =>
    report('bind', STARTS.bind + done * (STARTS.prepare - STARTS.bind));
  const bind = async (face: FoundFace | HandPoints): Promise<HeadRig> =>
    keepOwnControls(mesh, await bindHead(mesh, face, { template, signal, onProgress }), template);
  if (points) return bind(points);
  report('find', STARTS.find);
  const face = await findFace(mesh, { nets, template: landmarks, signal });
  if (face.status !== 'found') throw new UnsureFaceError(codeOf(face), face.message, face);
  try {
    return await bind(face);
  } catch (error) {
    if (error instanceof ParleyError && error.code === 'binding-refused')
      throw new UnsureFaceError(error.code, error.message, face);
    throw error;
  }
}

function codeOf({ status, doubts }: FoundFace): string {
  if (status === 'none') return 'no-face';
  return doubts.includes('several-faces') ? 'several-faces' : 'unsure-face';
}

/** Another model, or another form of the file, makes another rig. */
async function keyOf(hash: string, exportsUrl: string): Promise<string> {
  const { files } = await loadManifest(exportsUrl);
  return [hash, RIG_FILE_VERSION, files.basis.sha256, files.template.sha256].join(' ');
}

function readable(kept: Uint8Array, hash: string): HeadRig | undefined {
  try {
    return readRigFile(kept, hash);
  } catch {
    return undefined;
  }
}
