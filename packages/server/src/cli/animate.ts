import { ENCODER_SIZES, type EncoderSize, OCC_EMOTIONS, ParleyError, parseEmotion } from '@parley/sdk';
import { Command } from 'commander';
import type { AnimateReport } from '../animate/animate.ts';
import { DECODED_FORMATS } from '../audio/decoded-formats.ts';
import { resolveEngineOptions } from '../engines/engine-options.ts';
import { fetchWeights } from '../weights/index.ts';
import { createFetchReporter } from './fetch-reporter.ts';
import { createStepReporter } from './step-reporter.ts';

interface AnimateArguments {
  readonly text?: string;
  readonly out?: string;
  readonly head?: string;
  readonly rig?: string;
  readonly emotion?: string;
  readonly seed: string;
  readonly encoder?: string;
  readonly size: string;
  readonly exports?: string;
}

/** Exit codes, as in parley.ts. */
const MISUSE = 2;
const INTERRUPTED = 130;

/** `parley animate`: speech in, facial animation out. */
export const command = new Command('animate')
  .argument('[audio]', `sound file: ${DECODED_FORMATS}, or what ffmpeg reads`)
  .option('--text <words>', "words for the server's voice to say instead")
  .option(
    '--out <file>',
    'what to write: .json, .csv (Live Link Face), .glb, .mp4 or .webm; - is JSON on stdout',
  )
  .option(
    '--head <file>',
    'any head, or a body with one: .obj, .glb or .gltf; it is bound first where it has to be (default: the template)',
  )
  .option('--rig <file>', 'rig of that head: read if it is there, else written once the head is bound')
  .option('--emotion <name[:strength]>', 'how the speaker feels, for instance joy or joy:0.7')
  .option('--seed <number>', 'another number gives other blinks, brows and head motion', '1')
  .option('--encoder <size>', 'small or server (default: server where the model has it)')
  .option('--size <pixels>', 'edge of a video: even, from 64 to 2160', '720')
  .option('--exports <folder>', 'folder of the face model')
  .addHelpText(
    'after',
    `
Emotions: ${OCC_EMOTIONS.join(', ')}.

For instance:
  parley animate speech.mp3 --out face.mp4
  parley animate speech.wav --emotion joy:0.7 --out face.csv
  parley animate --text "Good evening." --head guide.glb --out speaking-guide.glb`,
  )
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : MISUSE))
  .action(run);

async function run(audio: string | undefined, options: AnimateArguments): Promise<void> {
  const { text, out, head, rig } = options;
  if ((audio === undefined) === (text === undefined))
    throw misuse('Give either a sound file or --text: parley animate speech.wav --out face.json');
  if (!out) throw misuse('Say where to write with --out: a .json, .csv, .glb, .mp4 or .webm file');
  if (rig !== undefined && head === undefined)
    throw misuse('--rig is the rig of a head: name that with --head');
  const seed = wholeNumber(options.seed, '--seed');
  const sizePx = wholeNumber(options.size, '--size');
  const emotion = options.emotion === undefined ? undefined : readEmotion(options.emotion);
  const encoder = readEncoder(options.encoder);

  // The engines are loaded only when there is work for them.
  const { animate } = await import('../animate/animate.ts');
  const stop = new AbortController();
  const cancel = () => {
    // A second signal does not wait for what is under way.
    if (stop.signal.aborted) process.exit(INTERRUPTED);
    stop.abort(new ParleyError('cancelled', 'interrupted; nothing was written'));
  };
  process.on('SIGINT', cancel).on('SIGTERM', cancel);
  const reporter = createStepReporter(process.stderr);
  try {
    if (text !== undefined) await fetchVoice(stop.signal);
    const report = await animate({
      audio,
      text,
      out,
      head,
      rig,
      emotion,
      seed,
      encoder,
      sizePx,
      exportsPath: options.exports,
      signal: stop.signal,
      onProgress: ({ step, part }) => reporter.show(step, part),
    });
    reporter.close();
    if (out !== '-') process.stderr.write(`${describe(report)}\n`);
  } catch (error) {
    if (stop.signal.aborted) throw stop.signal.reason;
    // What options hold is checked where they are used.
    throw error instanceof RangeError || error instanceof TypeError ? misuse(error.message) : error;
  } finally {
    reporter.close();
    process.off('SIGINT', cancel).off('SIGTERM', cancel);
  }
}

/** The embedded voice's weights, where no other voice is asked for. */
async function fetchVoice(signal: AbortSignal): Promise<void> {
  const { tts } = resolveEngineOptions();
  if (tts.url) return;
  const reporter = createFetchReporter(process.stderr);
  try {
    const show = (progress: Parameters<typeof reporter.show>[0]) => {
      if (progress.phase !== 'cached') reporter.show(progress);
    };
    await fetchWeights({ ids: [tts.model], signal, onProgress: show });
  } finally {
    reporter.close();
  }
}

function readEmotion(text: string) {
  try {
    return parseEmotion(text);
  } catch (error) {
    throw misuse((error as Error).message);
  }
}

function readEncoder(text: string | undefined): EncoderSize | undefined {
  if (text === undefined) return undefined;
  const size = ENCODER_SIZES.find((known) => known === text);
  if (!size) throw misuse(`There is no encoder "${text}". There are: ${ENCODER_SIZES.join(', ')}.`);
  return size;
}

function wholeNumber(text: string, option: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(number))
    throw misuse(`${option} is a whole number, not "${text}"`);
  return number;
}

function misuse(message: string): ParleyError {
  return new ParleyError('bad-arguments', message);
}

function describe({ out, frames, fps, encoder, notes }: AnimateReport): string {
  const line = `${out}: ${(frames / fps).toFixed(1)} s, ${frames} frames (${encoder} encoder)`;
  return [line, ...notes].join('\n');
}
