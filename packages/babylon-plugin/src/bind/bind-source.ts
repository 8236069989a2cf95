import { ParleyError } from '@parley/sdk';
import type { HandPoints, HeadRig } from '@parley/sdk/bind';
import type { HeadModel } from '../head/load-head.ts';
import { DEFAULT_EXPORTS_URL } from '../model/exports-url.ts';
import { bindInWorker, canBind, type OnBindProgress } from './head-binder.ts';
import type { BindResult, BindSource } from './messages.ts';
import type { PreparedRig } from './prepare-rig.ts';

/** How a head that nobody prepared gets its rig. */
export interface BindOptions {
  /**
   * The head's rig: a `.parley-rig` (its address or contents), or what `bindHead` of `@parley/sdk/bind` gave. Default: the head is
   * bound in a worker, which takes seconds, and its rig kept in IndexedDB under the head's hash.
   */
  readonly rig?: string | URL | Uint8Array | HeadRig;
  /** Points of the face set by hand, in the head's frame, after an `UnsureFaceError`. */
  readonly points?: HandPoints;
  /** False neither looks for a kept rig nor keeps one. Default true. */
  readonly cache?: boolean;
  /** Told which step is done and how much of the whole, 0 to 1. */
  readonly onProgress?: OnBindProgress;
  /** Gives up; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * A head's rig, ready for its meshes: given, kept, or bound now.
 *
 * @throws UnsureFaceError when somebody has to be asked; ParleyError when a head or rig cannot be read.
 */
export async function bindSource(
  source: BindSource,
  model: Pick<HeadModel, 'manifest' | 'exportsUrl' | 'wasmUrls'>,
  options: BindOptions,
): Promise<BindResult> {
  const { points, onProgress, signal, cache = true } = options;
  const rig = await givenRig(options.rig, signal);
  if (canBind) {
    const exportsUrl = new URL(model.exportsUrl ?? DEFAULT_EXPORTS_URL, document.baseURI).href;
    const { wasmUrls, manifest } = model;
    const name = `${manifest.files.basis.sha256} ${manifest.files.template.sha256}`;
    const sentMs = performance.timeOrigin + performance.now();
    const request = { source, rig, points, exportsUrl, wasmUrls, cache, model: name, sentMs };
    const result = await bindInWorker(request, onProgress, signal);
    const answerMs = performance.timeOrigin + performance.now() - result.sentMs;
    return { ...result, rig: shared(result), timingsMs: { ...result.timingsMs, answer: answerMs } };
  }
  if (!rig) {
    throw new ParleyError(
      'binding-failed',
      'heads are bound in a browser; elsewhere bind with @parley/sdk/bind and give the rig along',
    );
  }
  // The page itself reads no heads: what that takes stays out of its bundle.
  const { bindHere } = await import('./bind-here.ts');
  return bindHere(source, rig);
}

const rigs = new Map<string, WeakRef<PreparedRig>>();

/** Heads of one file have one rig, and with it one basis on the GPU, as long as one of them is there. */
function shared({ id, rig }: BindResult): PreparedRig {
  if (id === '') return rig;
  const known = rigs.get(id)?.deref();
  if (known) return known;
  for (const [old, reference] of rigs) if (!reference.deref()) rigs.delete(old);
  rigs.set(id, new WeakRef(rig));
  return rig;
}

async function givenRig(
  rig: BindOptions['rig'],
  signal: AbortSignal | undefined,
): Promise<Uint8Array | HeadRig | undefined> {
  if (typeof rig !== 'string' && !(rig instanceof URL)) return rig;
  const response = await fetch(rig, { signal }).catch((error) => {
    signal?.throwIfAborted();
    throw new ParleyError('rig-not-found', `${rig} cannot be fetched: check the address`, error);
  });
  if (!response.ok)
    throw new ParleyError('rig-not-found', `${rig} answers ${response.status}: check the rig's address`);
  return new Uint8Array(await response.arrayBuffer());
}
