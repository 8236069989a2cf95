import { extname } from 'node:path';
import { checkEmotion, type Emotion, type EncoderSize, ParleyError, readObj } from '@parley/sdk';
import { lookAtAudio } from '../audio/stream-audio.ts';
import type { Tts } from '../engines/contracts.ts';
import { createTts } from '../engines/create-engines.ts';
import { resolveEngineOptions } from '../engines/engine-options.ts';
import { type FaceEngine, loadFaceEngine } from './face-engine.ts';
import { decodeFrames, type FaceFrames } from './face-frames.ts';
import type { FaceModelFiles } from './face-model-files.ts';
import { fitObj, templateKeypoints } from './fitted-obj.ts';
import { type HeadFile, readHeadFile } from './head-file.ts';
import type { LinearKeypoints } from './linear-keypoints.ts';
import { NewFile } from './new-file.ts';
import type { SpeakableHead } from './speakable-head.ts';
import {
  measureSpeech,
  openSpeech,
  type SpeechPiece,
  type SpeechSource,
  toFaceAudio,
} from './speech-input.ts';
import { writeJson } from './write-json.ts';
import { writeLiveLink } from './write-live-link.ts';

/** What {@link animate} can write, by the ending of the file's name. */
export const ANIMATION_FORMATS = ['json', 'csv', 'glb', 'mp4', 'webm'] as const;
export type AnimationFormat = (typeof ANIMATION_FORMATS)[number];

/** How far {@link animate} is. */
export interface AnimateProgress {
  /** What it is doing. */
  readonly step: string;
  /** Part of the step that is done, 0 to 1. */
  readonly part: number;
}

/** What to animate and where to. Exactly one of `audio` and `text`. */
export interface AnimateOptions {
  /** Path of a sound file: what `DECODED_FORMATS` names, or what ffmpeg reads; any rate, any number of channels. */
  readonly audio?: string;
  /** Text that the server's voice speaks. */
  readonly text?: string;
  /** Where to write; the ending says what: `.json`, `.csv`, `.glb`, `.mp4` or `.webm`. `-` is JSON on standard output. */
  readonly out: string;
  /**
   * Any head, or a body with one: .obj, .glb or .gltf. One that neither has the template's topology nor ARKit morph targets is
   * bound first. Default: the template.
   */
  readonly head?: string;
  /** A `.parley-rig` for `head`: read where it is there, else written once the head is bound. */
  readonly rig?: string;
  /** How the speaker feels. Default: neutral. */
  readonly emotion?: Emotion;
  /** Seeds blinks, brows, gaze and head motion. Default 1. */
  readonly seed?: number;
  /**
   * Which audio encoder. Default: what PARLEY_FACE says, else for sound `server` where the model has it, and `small` for the
   * embedded voice, whose phones are known.
   */
  readonly encoder?: EncoderSize;
  /** Edge of a video in pixels, even. Default 720. */
  readonly sizePx?: number;
  /** Folder of the face model. Default: the one that comes with Parley. */
  readonly exportsPath?: string;
  /** A face model that is loaded already and stays the caller's; `encoder` and `exportsPath` are not looked at then. */
  readonly engine?: FaceEngine;
  /** A voice for `text`. Default: the one that the environment asks for, as in `createEngines`. */
  readonly tts?: Tts;
  /** Gives up; nothing is left behind. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: AnimateProgress) => void;
}

/** What came of it. */
export interface AnimateReport {
  readonly out: string;
  readonly format: AnimationFormat;
  readonly frames: number;
  readonly fps: number;
  readonly encoder: EncoderSize;
  /** What a person should know about the file, for instance a codec that not every player has. */
  readonly notes: readonly string[];
}

const DEFAULT_SEED = 1;
const DEFAULT_SIZE_PX = 720;
const SMALLEST_PX = 64;
const LARGEST_PX = 2160;

/**
 * Turns speech into facial animation, offline: the same encoder and decoder as in a room. Frame n is the face at n / 30 s,
 * and there are as many frames as the sound covers. The same input gives the same file.
 *
 * @throws TypeError or RangeError for options that are none; ParleyError `bad-arguments`, `bad-audio`, `cannot-write`,
 * `head-not-found` and the other codes of heads, `face-unsure`, `binding-refused`, `missing-export`, `missing-weight`, `no-browser`, `film-failed`; what
 * `signal` was aborted with.
 */
export async function animate(options: AnimateOptions): Promise<AnimateReport> {
  const { audio, text, out, seed = DEFAULT_SEED, signal = new AbortController().signal } = options;
  if ((audio === undefined) === (text === undefined))
    throw new TypeError('animate: give either `audio` or `text`');
  if (!Number.isSafeInteger(seed)) throw new RangeError(`seed must be a whole number, not ${seed}`);
  const emotion = options.emotion && checkEmotion(options.emotion);
  const format = formatOf(out);
  sizeOf(options);
  // Before the long work: what is not there, and a place that cannot be written to.
  if (audio !== undefined) await lookAtAudio(audio);
  const head = options.head === undefined ? null : await readHeadFile(options.head);
  const closing: (() => Promise<void>)[] = [];
  let file: NewFile | null = null;
  try {
    if (out !== '-') file = await NewFile.create(out, inputsOf(options));
    const { model, encoder, size } = options.engine ?? (await ownEngine(options, closing));
    const speakable = head && format !== 'csv' ? await readyToSpeak(head, model, options, closing) : null;
    const sink = await openSink(format, file, model, speakable?.head ?? null, options);
    const report = (step: string) => (part: number) => options.onProgress?.({ step, part });
    let source = audio === undefined ? await voiceOf(options, closing) : { path: audio };
    let step = text === undefined ? 'listening' : 'speaking';
    let length = 0;
    if (sink.needsLength) {
      const measured = await measureSpeech(source, report(text === undefined ? 'measuring' : step), signal);
      ({ source, seconds: length } = measured);
      step = 'drawing';
    }

    let seconds = 0;
    async function* heard(): AsyncGenerator<SpeechPiece> {
      for await (const piece of openSpeech(source, report(step), signal)) {
        seconds += piece.pcm.length / piece.rateHz;
        sink.onSound?.(piece);
        yield piece;
      }
    }
    let frames = 0;
    async function* seen(): AsyncGenerator<FaceFrames> {
      const codes = encoder.encode(toFaceAudio(heard()), { seed, emotion }, signal);
      for await (const block of decodeFrames(codes, model.decoder, model.manifest)) {
        frames += block.frames;
        yield block;
      }
      if (seconds * model.manifest.codec.fps < 1)
        throw new ParleyError('bad-audio', `${audio ?? 'The voice'} is shorter than one frame of 1/30 s`);
    }
    const notes = await sink.write(seen(), length);
    signal.throwIfAborted();
    await file?.finish();
    const { fps } = model.manifest.codec;
    return { out, format, frames, fps, encoder: size, notes: [...(speakable?.notes ?? []), ...notes] };
  } finally {
    await file?.discard();
    for (const close of closing.reverse()) await close();
  }
}

/** The files that are read. */
function inputsOf({ audio, head, rig }: AnimateOptions): string[] {
  return [audio, head, rig].filter((path) => path !== undefined);
}

async function readyToSpeak(
  head: HeadFile,
  model: FaceModelFiles,
  { rig, signal, onProgress }: AnimateOptions,
  closing: (() => Promise<void>)[],
): Promise<SpeakableHead> {
  const { speakableHead } = await import('./speakable-head.ts');
  const onStep = (step: string, part: number) => onProgress?.({ step, part });
  const speakable = await speakableHead(head, model, { rigPath: rig, signal, onStep });
  closing.push(() => speakable.close());
  return speakable;
}

/** Where the frames of one format go. */
interface FrameSink {
  /** Whether `write` needs the length of the sound. */
  readonly needsLength?: boolean;
  /** Told of the sound that the frames belong to, before them. */
  readonly onSound?: (piece: SpeechPiece) => void;
  /**
   * @param soundSeconds Length of the sound where the sink `needsLength`, else 0.
   * @returns Notes for the report.
   */
  write(frames: AsyncIterable<FaceFrames>, soundSeconds: number): Promise<readonly string[]>;
}

async function openSink(
  format: AnimationFormat,
  file: NewFile | null,
  model: FaceModelFiles,
  head: HeadFile | null,
  options: AnimateOptions,
): Promise<FrameSink> {
  const write = (text: string) => (file ? file.write(text) : writeOut(text));
  const { signal = new AbortController().signal } = options;
  switch (format) {
    case 'json': {
      const points = await keypointsOf(head, model);
      return {
        async write(frames) {
          const take: FaceFrames[] = [];
          for await (const block of frames) take.push(block);
          await writeJson(write, take, model, points);
          return [];
        },
      };
    }
    case 'csv':
      return {
        async write(frames) {
          await writeLiveLink(write, frames, model);
          return [];
        },
      };
    case 'glb': {
      const { glbWriter } = await import('./write-glb.ts');
      const writeGlb = await glbWriter(head, model);
      return {
        async write(frames) {
          const take: FaceFrames[] = [];
          for await (const block of frames) take.push(block);
          await file?.writeAt(await writeGlb(take), 0);
          return [];
        },
      };
    }
    case 'mp4':
    case 'webm': {
      const { Film } = await import('./film/film.ts');
      const onBuild = () => options.onProgress?.({ step: 'building', part: 0 });
      const film = new Film({ container: format, sizePx: sizeOf(options), head, model, signal, onBuild });
      return {
        needsLength: film.needsLength,
        onSound: (piece) => film.addSound(piece),
        write: (frames, soundSeconds) => film.shoot(frames, file!, soundSeconds),
      };
    }
  }
}

async function keypointsOf(head: HeadFile | null, model: FaceModelFiles): Promise<LinearKeypoints> {
  if (!head) return templateKeypoints(fitObj(model.template.surface, 'template.obj', model), model);
  if (head.kind === 'obj')
    return templateKeypoints(fitObj(readObj(head.text, head.path), head.path, model), model);
  const { readGltfHead } = await import('./gltf-head.ts');
  const { gltfKeypoints } = await import('./gltf-keypoints.ts');
  return gltfKeypoints(await readGltfHead(head.path, model.manifest), model);
}

function sizeOf({ sizePx = DEFAULT_SIZE_PX }: AnimateOptions): number {
  if (Number.isInteger(sizePx) && sizePx % 2 === 0 && sizePx >= SMALLEST_PX && sizePx <= LARGEST_PX)
    return sizePx;
  throw new RangeError(
    `a video's edge is an even number of pixels from ${SMALLEST_PX} to ${LARGEST_PX}, not ${sizePx}`,
  );
}

function formatOf(out: string): AnimationFormat {
  if (out === '-') return 'json';
  const ending = extname(out).slice(1).toLowerCase();
  const format = ANIMATION_FORMATS.find((known) => known === ending);
  if (format) return format;
  throw new ParleyError(
    'bad-arguments',
    `${out} must end in ${ANIMATION_FORMATS.map((known) => `.${known}`).join(', ')}: the ending says what to write`,
  );
}

async function ownEngine(options: AnimateOptions, closing: (() => Promise<void>)[]): Promise<FaceEngine> {
  const { encoder, exportsPath, text, tts } = options;
  // The embedded voice tells its phones; what another one does shows only when it speaks.
  const voiceTellsPhones = text !== undefined && !tts && !resolveEngineOptions().tts.url;
  const engine = await loadFaceEngine({ encoder, exportsPath, voiceTellsPhones });
  closing.push(() => engine.close());
  return engine;
}

async function voiceOf(options: AnimateOptions, closing: (() => Promise<void>)[]): Promise<SpeechSource> {
  const text = options.text ?? '';
  if (options.tts) return { text, tts: options.tts };
  const loaded = await createTts();
  closing.push(() => loaded.close());
  return { text, tts: loaded.engine };
}

/** @throws ParleyError `cannot-write` when nobody reads any more, as `head` does. */
function writeOut(text: string): Promise<void> {
  const { stdout } = process;
  return new Promise((resolve, reject) => {
    const fail = (error: Error) =>
      reject(new ParleyError('cannot-write', 'Standard output was closed before all was written', error));
    // A failed write is told to both; an event that nobody listens to would end the process.
    stdout.once('error', fail);
    stdout.write(text, (error) => {
      if (error) return fail(error);
      stdout.off('error', fail);
      resolve();
    });
  });
}
