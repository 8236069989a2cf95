import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkExportFile, type FaceManifest, readVertexBasis } from '@parley/sdk';
import { createNodeFaceDecoder } from '@parley/sdk/decoder-node';

/** Pairs of vertices of the upper and the lower lip in the middle of the mouth, among the template's 19. */
const MIDDLE = [7, 12] as const;

/**
 * Opening between the lips in the middle of the mouth in mm, frame by frame; 0 as in the neutral face, whose lips touch.
 * It is measured on the template's vertices after the decoder (`models/evaluate.py` measures the same).
 * @param codes frames x heads, from the utterance's first frame on.
 */
export async function lipGapsMm(
  codes: Uint8Array,
  manifest: FaceManifest,
  exportsPath: string,
): Promise<number[]> {
  const read = async (name: 'basis' | 'templateInfo') => {
    const file = manifest.files[name];
    return checkExportFile(await readFile(join(exportsPath, file.path)), file);
  };
  const basis = readVertexBasis(await read('basis'), manifest);
  const { lipPairs } = JSON.parse(Buffer.from(await read('templateInfo')).toString('utf8')) as {
    lipPairs: [number, number][];
  };
  const pairs = lipPairs.slice(...MIDDLE);
  const height = (shape: number, vertex: number) =>
    basis.offsets[(shape * basis.vertices + vertex) * 3 + 1]! * basis.scale[shape]!;
  const gapOf = Array.from({ length: basis.shapes }, (_, shape) => {
    const opened = pairs.map(([upper, lower]) => height(shape, upper) - height(shape, lower));
    return (1000 * opened.reduce((a, b) => a + b, 0)) / pairs.length;
  });

  const { heads, window, neutral } = manifest.codec;
  const frames = codes.length / heads;
  const windows = new Int32Array(frames * window * heads);
  for (let frame = 0; frame < frames; frame++)
    for (let k = 0; k < window; k++) {
      const from = frame - window + 1 + k;
      const row = from < 0 ? neutral : codes.subarray(from * heads, (from + 1) * heads);
      windows.set(row, (frame * window + k) * heads);
    }
  const decoder = await createNodeFaceDecoder({
    manifest,
    modelPath: join(exportsPath, manifest.files.decoder.path),
  });
  const controls = await decoder.decode(windows, frames);
  await decoder.close();
  return Array.from({ length: frames }, (_, frame) => {
    let gap = 0;
    basis.controlIndices.forEach((control, shape) => {
      gap += controls[frame * manifest.controls.length + control]! * gapOf[shape]!;
    });
    return gap;
  });
}
