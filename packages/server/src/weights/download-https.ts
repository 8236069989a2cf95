import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open, rm, stat } from 'node:fs/promises';
import { ParleyError } from '@parley/sdk';
import { hashFile } from './weight-state.ts';

/** One file of known size at one URL. */
export interface HttpsDownload {
  readonly url: string;
  /** Grows while the bytes arrive; what it already holds is not asked for again. */
  readonly partPath: string;
  /** Size that the whole file must have. */
  readonly sizeBytes: number;
  /** Longest wait for the answer's headers, in ms. */
  readonly connectTimeoutMs: number;
  /** Longest pause between two pieces of the body, in ms. */
  readonly stallTimeoutMs: number;
  readonly signal: AbortSignal;
  /** Called with the bytes that the part file holds. */
  readonly onBytes: (receivedBytes: number) => void;
}

/** Attempts that may end without a single new byte once the server has answered. */
const FRUITLESS_ATTEMPTS = 3;
const RETRY_DELAY_MS = 500;

/**
 * Downloads into the part file, resuming with HTTP ranges (RFC 9110, section 14) after every cut.
 * @returns Hex SHA-256 of the part file.
 * @throws ParleyError `no-network`, `source-refused`, `hash-mismatch` (the size already differs); the signal's reason;
 * errors of the file system as they are.
 */
export async function downloadHttps(download: HttpsDownload): Promise<string> {
  for (let fruitless = 0, bestBytes = 0; ; ) {
    const part = await openPart(download);
    bestBytes = Math.max(bestBytes, part.sizeBytes);
    try {
      if (part.sizeBytes < download.sizeBytes) await receive(download, part);
      return part.hash.digest('hex');
    } catch (error) {
      download.signal.throwIfAborted();
      if (!(error instanceof CutError)) throw error;
      fruitless = part.sizeBytes > bestBytes ? 0 : fruitless + 1;
      if (!error.answered || fruitless >= FRUITLESS_ATTEMPTS) {
        throw new ParleyError('no-network', `${new URL(download.url).host} ${error.message}`, error.cause);
      }
    } finally {
      await part.file.close();
      if (part.sizeBytes === 0) await rm(download.partPath, { force: true });
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY_MS));
  }
}

/** The connection failed or broke; `answered` when headers had come. */
class CutError extends Error {
  readonly answered: boolean;

  constructor(message: string, answered: boolean, cause: unknown) {
    super(message, { cause });
    this.answered = answered;
  }
}

interface Part {
  readonly file: FileHandle;
  hash: Hash;
  sizeBytes: number;
}

async function openPart({ partPath, sizeBytes, signal }: HttpsDownload): Promise<Part> {
  const found = await stat(partPath).catch(() => undefined);
  if (found && found.size > 0 && found.size <= sizeBytes) {
    return { hash: await hashFile(partPath, signal), file: await open(partPath, 'a'), sizeBytes: found.size };
  }
  return { hash: createHash('sha256'), file: await open(partPath, 'w'), sizeBytes: 0 };
}

async function receive(download: HttpsDownload, part: Part): Promise<void> {
  const { host } = new URL(download.url);
  const idle = new AbortController();
  const timer = setTimeout(() => idle.abort(new Error('timed out')), download.connectTimeoutMs);
  const signal = AbortSignal.any([download.signal, idle.signal]);
  try {
    const response = await fetch(download.url, {
      signal,
      headers: {
        'accept-encoding': 'identity',
        ...(part.sizeBytes > 0 && { range: `bytes=${part.sizeBytes}-` }),
      },
    }).catch((cause: unknown) => {
      throw new CutError('cannot be reached', false, cause);
    });
    if (part.sizeBytes > 0 && !resumes(response, part.sizeBytes, download.sizeBytes)) {
      await part.file.truncate(0);
      part.hash = createHash('sha256');
      part.sizeBytes = 0;
      if (response.status !== 200) throw new CutError('does not resume downloads', true, undefined);
    }
    checkAnswer(response, part.sizeBytes, download.sizeBytes, host);
    const stallTimer = setTimeout(() => idle.abort(new Error('stalled')), download.stallTimeoutMs);
    clearTimeout(timer);
    try {
      await store(download, response, part, () => stallTimer.refresh());
    } finally {
      clearTimeout(stallTimer);
    }
  } finally {
    clearTimeout(timer);
    idle.abort();
  }
}

/** Whether the body goes on where the part file ends. An error status changes nothing of what is held. */
function resumes(response: Response, heldBytes: number, sizeBytes: number): boolean {
  if (response.status === 206) {
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '');
    return Number(range?.[1]) === heldBytes && [String(sizeBytes), '*'].includes(range?.[2] ?? '');
  }
  return response.status !== 200 && response.status !== 416;
}

function checkAnswer(response: Response, heldBytes: number, sizeBytes: number, host: string): void {
  if (!response.ok) throw new ParleyError('source-refused', `${host} answered ${response.status}`);
  const announcedBytes = response.headers.get('content-length');
  if (announcedBytes !== null && Number(announcedBytes) !== sizeBytes - heldBytes) {
    throw new ParleyError(
      'hash-mismatch',
      `${host} offers ${announcedBytes} bytes instead of ${sizeBytes - heldBytes}`,
    );
  }
}

async function store(
  download: HttpsDownload,
  response: Response,
  part: Part,
  onAlive: () => void,
): Promise<void> {
  const { host } = new URL(download.url);
  const body = response.body?.[Symbol.asyncIterator]();
  for (;;) {
    const next = await body?.next().catch((cause: unknown) => {
      throw new CutError('broke the connection', true, cause);
    });
    if (!next || next.done) break;
    onAlive();
    await part.file.writeFile(next.value);
    part.hash.update(next.value);
    part.sizeBytes += next.value.length;
    if (part.sizeBytes > download.sizeBytes) {
      throw new ParleyError('hash-mismatch', `${host} sent more than ${download.sizeBytes} bytes`);
    }
    download.onBytes(part.sizeBytes);
  }
  if (part.sizeBytes < download.sizeBytes) throw new CutError('ended the file early', true, undefined);
}
