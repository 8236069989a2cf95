import { rmSync } from 'node:fs';

/**
 * Removes a file or folder should the process exit before it is done with it, for instance at a second Ctrl-C. Being killed
 * outright (SIGKILL) nobody can attend to.
 *
 * @returns Call it when the path is gone or to stay.
 */
export function removeAtExit(path: string): () => void {
  const remove = () => {
    try {
      rmSync(path, { recursive: true, force: true });
    } catch {
      // There is nobody left to tell.
    }
  };
  process.once('exit', remove);
  return () => process.off('exit', remove);
}
