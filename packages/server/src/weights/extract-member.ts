import { on, once } from 'node:events';
import { promisify } from 'node:util';
import { ParleyError } from '@parley/sdk';
import yauzl from 'yauzl';

const openZip = promisify<string, yauzl.Options, yauzl.ZipFile>(yauzl.open);

/**
 * Streams one member of a zip file (a wheel is one), inflated and with its CRC checked.
 * @throws ParleyError `source-refused` where there is no such member; the signal's reason.
 */
export async function* extractMember(
  zipPath: string,
  member: string,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  const zip = await openZip(zipPath, { lazyEntries: true, autoClose: false });
  try {
    const entries = on(zip, 'entry', { signal, close: ['end'] });
    zip.readEntry();
    for await (const [entry] of entries as AsyncIterable<[yauzl.Entry]>) {
      if (entry.fileName !== member) {
        zip.readEntry();
        continue;
      }
      const stream = await promisify<yauzl.Entry, import('node:stream').Readable>(
        zip.openReadStream.bind(zip),
      )(entry);
      for await (const chunk of stream) {
        signal.throwIfAborted();
        yield chunk;
      }
      return;
    }
    throw new ParleyError('source-refused', `${zipPath} has no ${member}`);
  } finally {
    zip.close();
    if (zip.isOpen) await once(zip, 'close');
  }
}
