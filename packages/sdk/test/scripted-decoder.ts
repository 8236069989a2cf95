import { batchDecodes, type FaceDecoder, type FaceManifest } from '../src/index.ts';

/** A decoder whose answer is known: control c is the window's newest code of head 0, plus c times its oldest. */
export function scriptedDecoder(manifest: FaceManifest): FaceDecoder & { readonly runs: number[] } {
  const { window, heads } = manifest.codec;
  const controls = manifest.controls.length;
  const runs: number[] = [];
  const decoder = batchDecodes({
    window,
    heads,
    controls,
    async run(codes, batch) {
      runs.push(batch);
      await new Promise((resolve) => setTimeout(resolve, 0));
      const out = new Float32Array(batch * controls);
      for (let row = 0; row < batch; row++)
        for (let c = 0; c < controls; c++) {
          const start = row * window * heads;
          out[row * controls + c] = codes[start + (window - 1) * heads] + c * codes[start];
        }
      return out;
    },
    async close() {},
  });
  return Object.assign(decoder, { runs });
}
