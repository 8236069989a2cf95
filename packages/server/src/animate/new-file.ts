import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ParleyError } from '@parley/sdk';
import { removeAtExit } from './remove-at-exit.ts';

/** Text is collected to pieces of this length before it is written. */
const PIECE_CHARACTERS = 1 << 16;

/**
 * A file that appears under its name only once it is whole: until `finish` it has a temporary name beside it, and
 * `discard`, or an exit of the process, leaves nothing.
 */
export class NewFile {
  readonly path: string;
  readonly #temporary: string;
  readonly #file: FileHandle;
  readonly #keep: () => void;
  #text = '';
  #endByte = 0;
  #open = true;

  private constructor(path: string, temporary: string, file: FileHandle) {
    this.path = path;
    this.#temporary = temporary;
    this.#file = file;
    this.#keep = removeAtExit(temporary);
  }

  /**
   * @param path A file of that name is replaced when the new one is whole.
   * @param inputs Files that it is made from, which it must not replace.
   * @throws ParleyError `cannot-write` when the folder is missing or closed to us, or the path is a folder; `bad-arguments` when
   * it is one of `inputs`.
   */
  static async create(path: string, inputs: readonly string[] = []): Promise<NewFile> {
    const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}.part`);
    try {
      const old = await stat(path).catch(() => null);
      if (old?.isDirectory()) throw Object.assign(new Error('it is a folder'), { code: 'EISDIR' });
      for (const input of old ? inputs : []) {
        const { dev, ino } = await stat(input);
        if (dev === old?.dev && ino === old.ino)
          throw new ParleyError('bad-arguments', `${path} is what is read: write to another name`);
      }
      return new NewFile(path, temporary, await open(temporary, 'wx'));
    } catch (error) {
      throw error instanceof ParleyError ? error : cannotWrite(path, error);
    }
  }

  /** Appends text. */
  async write(text: string): Promise<void> {
    this.#text += text;
    if (this.#text.length >= PIECE_CHARACTERS) await this.#flush();
  }

  /** Writes bytes at a place. */
  async writeAt(bytes: Uint8Array, position: number): Promise<void> {
    try {
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, position + done);
        done += bytesWritten;
      }
    } catch (error) {
      throw cannotWrite(this.path, error);
    }
  }

  /** Gives the file its name. */
  async finish(): Promise<void> {
    await this.#flush();
    this.#open = false;
    try {
      await this.#file.close();
      await rename(this.#temporary, this.path);
    } catch (error) {
      await rm(this.#temporary, { force: true });
      throw cannotWrite(this.path, error);
    } finally {
      this.#keep();
    }
  }

  /** Removes what was written; does nothing after `finish`. */
  async discard(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#file.close().catch(() => {});
    await rm(this.#temporary, { force: true });
    this.#keep();
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.from(this.#text);
    this.#text = '';
    await this.writeAt(bytes, this.#endByte);
    this.#endByte += bytes.length;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'its folder is a file',
  EACCES: 'writing there is not allowed',
  EPERM: 'writing there is not allowed',
  EROFS: 'the disk is read-only',
  EISDIR: 'it is a folder',
  ENOSPC: 'the disk is full',
  EDQUOT: 'your share of the disk is used up',
  ENAMETOOLONG: 'its name is too long',
};

function cannotWrite(path: string, error: unknown): ParleyError {
  const { code, message } = error as NodeJS.ErrnoException;
  return new ParleyError(
    'cannot-write',
    `${path} cannot be written: ${REASONS[code ?? ''] ?? message}`,
    error,
  );
}
