import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { modelsPath } from '../../models-folder.ts';
import { cudaProblem, type Device, type OnnxSession, openOnnxSession } from '../onnx-session.ts';

export interface WhisperModelOptions {
  /** `whisper-base`, `whisper-small` or `whisper-tiny.en`: which graph fits the weights. */
  readonly graph: string;
  /** Files of weights, by the names that the graph gives them: CTranslate2's `model.bin` in fp16, or two ONNX files in 8 bits. */
  readonly weightPaths: Readonly<Record<string, string>>;
  /** Folder for the optimised graphs, which load ten times faster than the first time. */
  readonly cachePath: string;
  readonly device: Device;
  readonly threads: number;
}

type Tensors = Readonly<Record<string, ort.Tensor>>;

/**
 * Whisper's two networks. The graphs come without weights (`models/asr_graph.py`): their external data are the tensors
 * inside the published files, which are used as they are.
 */
export class WhisperModel {
  readonly device: string;
  readonly #encoder: ort.InferenceSession;
  readonly #decoder: ort.InferenceSession;
  readonly #layers: number;

  private constructor(encoder: OnnxSession, decoder: OnnxSession) {
    this.#encoder = encoder.session;
    this.#decoder = decoder.session;
    this.device = encoder.device;
    this.#layers = decoder.session.inputNames.filter((name) => name.startsWith('past_k_')).length;
  }

  static async load(options: WhisperModelOptions): Promise<WhisperModel> {
    const encoder = await openGraph('encoder', options);
    return new WhisperModel(encoder, await openGraph('decoder', options));
  }

  /** @param pcm 16 kHz, at most 30 s. @returns The keys and values of the cross attention. */
  async encode(pcm: Float32Array): Promise<Tensors> {
    const { hidden: _, ...cross } = await this.#encoder.run({
      pcm: new ort.Tensor('float32', pcm, [1, pcm.length]),
    });
    return cross;
  }

  /** An empty past for `step`. */
  begin(cross: Tensors): Tensors {
    const [, heads, , width] = cross.ck_0!.dims as [number, number, number, number];
    const past: Record<string, ort.Tensor> = {};
    for (let layer = 0; layer < this.#layers; layer++) {
      for (const part of 'kv') {
        past[`past_${part}_${layer}`] = new ort.Tensor('float32', new Float32Array(0), [1, heads, 0, width]);
      }
    }
    return past;
  }

  /** Logits after each of `tokens`, row by row, and the past with them. */
  async step(
    tokens: readonly number[],
    past: Tensors,
    cross: Tensors,
  ): Promise<{ logits: Float32Array; vocabularySize: number; past: Tensors }> {
    const ids = BigInt64Array.from(tokens, BigInt);
    const result = await this.#decoder.run({
      tokens: new ort.Tensor('int64', ids, [1, ids.length]),
      ...past,
      ...cross,
    });
    const grown: Record<string, ort.Tensor> = {};
    for (let layer = 0; layer < this.#layers; layer++) {
      for (const part of 'kv') grown[`past_${part}_${layer}`] = result[`${part}_${layer}`] as ort.Tensor;
    }
    const logits = result.logits as ort.Tensor;
    return { logits: logits.data as Float32Array, vocabularySize: logits.dims[2]!, past: grown };
  }

  async close(): Promise<void> {
    await this.#encoder.release();
    await this.#decoder.release();
  }
}

const GRAPHS = modelsPath('exports/asr/');

async function openGraph(part: 'encoder' | 'decoder', options: WhisperModelOptions): Promise<OnnxSession> {
  const { graph, weightPaths, cachePath, device, threads } = options;
  const weights = () =>
    Promise.all(
      Object.entries(weightPaths).map(async ([path, file]) => ({ path, data: await readFile(file) })),
    );
  if (device === 'cuda' || (device === 'auto' && cudaProblem() === null)) {
    // On a GPU the weights stay in float: int8 products have no kernels there.
    const floatPath = join(GRAPHS, `${graph}-${part}.float.onnx`);
    const open = await openOnnxSession(floatPath, { device, threads, externalData: await weights() });
    if (open.device === 'cuda') return open;
    await open.session.release();
  }
  const graphPath = join(GRAPHS, `${graph}-${part}.int8.onnx`);
  const cached = join(
    cachePath,
    `${graph}-${part}-${await cacheKey(graphPath, Object.values(weightPaths))}.onnx`,
  );
  if (!(await exists(cached))) {
    await mkdir(cachePath, { recursive: true });
    const optimizedModelPath = `${cached}.${process.pid}`;
    try {
      const once = { device: 'cpu', threads, externalData: await weights(), optimizedModelPath } as const;
      const { session } = await openOnnxSession(graphPath, once);
      await session.release();
      await rename(optimizedModelPath, cached);
    } finally {
      await rm(optimizedModelPath, { force: true });
    }
  }
  const { session } = await openOnnxSession(cached, { device: 'cpu', threads });
  return { session, device: device === 'auto' ? `cpu (no CUDA: ${cudaProblem()})` : 'cpu' };
}

async function cacheKey(graphPath: string, weightPaths: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(await readFile(graphPath));
  for (const path of weightPaths) {
    const { size, mtimeMs } = await stat(path);
    hash.update(`${size} ${mtimeMs} `);
  }
  hash.update(`${ort.env.versions.node} ${cpus()[0]?.model}`);
  return hash.digest('hex').slice(0, 16);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
