/**
 * Adds a worklet that is written as a function: its text becomes a module under a Blob URL, so no bundler has to know
 * about worklets. The page's Content-Security-Policy must allow `blob:` in `script-src` (or `worker-src`).
 */
const added = new WeakMap<BaseAudioContext, Map<() => void, Promise<void>>>();

/**
 * Runs `worklet` in the audio thread of `context`, once for each context.
 *
 * @param worklet - A function without arguments that refers to nothing outside itself.
 */
export function addWorklet(context: BaseAudioContext, worklet: () => void): Promise<void> {
  let modules = added.get(context);
  if (!modules) {
    modules = new Map();
    added.set(context, modules);
  }
  let ready = modules.get(worklet);
  if (!ready) {
    ready = addModule(context, worklet);
    modules.set(worklet, ready);
  }
  return ready;
}

async function addModule(context: BaseAudioContext, worklet: () => void): Promise<void> {
  // Some bundlers wrap nested functions in a `__name` of their own.
  const text = `const __name = (value) => value;\n(${worklet.toString()})();`;
  const url = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
  try {
    await context.audioWorklet.addModule(url);
  } finally {
    URL.revokeObjectURL(url);
  }
}
