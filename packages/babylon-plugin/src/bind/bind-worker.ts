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
import { type BindTools, loadBindTools } from './bind-tools.ts';
import { hashOfHead } from './hash-of-head.ts';
import { markOfMeshes } from './mark-of-meshes.ts';
import type { BinderReply, BinderRequest, BindHeadStep, BindRequest, BindResult } from './messages.ts';
import { type PreparedRig, prepareRig } from './prepare-rig.ts';
import { readGivenRig } from './read-given-rig.ts';
import { type KeptRig, openRigCache, type RigCache } from './rig-cache.ts';
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

/** Raised when heads are bound or prepared otherwise than before, so that what browsers keep is not taken for it. */
const BINDING_VERSION = 3;

const jobs = new Map<number, AbortController>();
let tools: { readonly url: string; readonly value: Promise<BindTools> } | undefined;
let rigs: RigCache | undefined;
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
  { source, rig: given, points, exportsUrl, wasmUrls, cache, model, sentMs }: BindRequest,
  signal: AbortSignal,
  report: (step: BindHeadStep, done: number) => void,
): Promise<BindResult> {
  const timingsMs: Record<string, number> = {};
  let lastMs = performance.timeOrigin + performance.now();
  timingsMs.start = lastMs - sentMs;
  const done = (step: string): void => {
    const nowMs = performance.timeOrigin + performance.now();
    timingsMs[step] = nowMs - lastMs;
    lastMs = nowMs;
  };
  report('read', STARTS.read);
  if (cache) rigs ??= openRigCache();
  const mesh = source.mesh ?? (await readHead(source.file ?? new Uint8Array(0), { fileName: source.name }));
  const targets = source.targets ?? targetsOfParts(mesh);
  done('read');
  const hash = await hashOfHead(source.file, mesh);
  done('hash');
  const prepare = (rig: HeadRig): PreparedRig => {
    signal.throwIfAborted();
    report('prepare', STARTS.prepare);
    const prepared = prepareRig(mesh, rig, targets);
    done('prepare');
    return prepared;
  };
  const result = (rig: PreparedRig, rigFile: Uint8Array, from: BindResult['from'], id = ''): BindResult => ({
    id,
    rig,
    mesh: source.mesh ? undefined : mesh,
    rigFile,
    from,
    timingsMs,
    sentMs: performance.timeOrigin + performance.now(),
  });
  if (given) {
    const rig = given instanceof Uint8Array ? readGivenRig(given, source.file ? hash : undefined) : given;
    done('given');
    return result(prepare(rig), given instanceof Uint8Array ? given : writeRigFile(rig, hash), 'given');
  }
  const key = [hash, model, RIG_FILE_VERSION, BINDING_VERSION].join(' ');
  const mark = cache ? markOfMeshes(mesh, targets) : '';
  if (cache && !points) {
    const kept = await rigs?.read(key);
    done('kept');
    const rig = kept && fromKept(kept, hash, mark, prepare);
    if (rig) return result(rig, kept.file, 'cache', `${key} ${mark}`);
  }
  report('load', STARTS.load);
  if (tools?.url !== exportsUrl) tools = { url: exportsUrl, value: loadBindTools(exportsUrl, wasmUrls) };
  const loaded = await tools.value.catch((error) => {
    tools = undefined;
    throw error;
  });
  signal.throwIfAborted();
  done('load');
  const rig = await findAndBind(mesh, points, loaded, signal, report);
  done('bind');
  const file = writeRigFile(rig, hash);
  const prepared = prepare(rig);
  if (cache) await rigs?.keep(key, { file, prepared, mark });
  done('keep');
  return result(prepared, file, 'bound', cache && !points ? `${key} ${mark}` : '');
}

/** What was kept, as it is where it was prepared for these meshes; undefined where it cannot be read. */
function fromKept(
  { file, prepared, mark }: KeptRig,
  hash: string,
  markNow: string,
  prepare: (rig: HeadRig) => PreparedRig,
): PreparedRig | undefined {
  if (mark === markNow) return prepared;
  const rig = readable(file, hash);
  return rig && prepare(rig);
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

function readable(kept: Uint8Array, hash: string): HeadRig | undefined {
  try {
    return readRigFile(kept, hash);
  } catch {
    return undefined;
  }
}
