import { ParleyError } from '../errors.ts';
import { SPEECH_RATE_HZ } from '../packet/constants.ts';
import { OCC_EMOTIONS } from './emotion.ts';
import {
  ENCODER_SIZES,
  type EncoderSize,
  type FaceManifest,
  MANIFEST_VERSION,
  REQUIRED_EXPORT_FILES,
} from './face-manifest.ts';
import { PHONE_SYMBOLS } from './phone-symbols.ts';

type Json = Record<string, unknown>;

/**
 * Checks parsed JSON and returns it as a {@link FaceManifest}. Unknown fields are kept.
 * @param json The parsed `manifest.json`.
 * @throws ParleyError `bad-manifest` that names the first field at fault.
 */
export function readManifest(json: unknown): FaceManifest {
  const manifest = object(json, 'the manifest');
  if (manifest.format !== 'parley-face') throw bad('format must be "parley-face"');
  checkVersion(manifest.version);
  for (const key of ['name', 'licence', 'trainingCommit']) text(manifest[key], key);
  checkCodec(object(manifest.codec, 'codec'));
  const shapes = checkControls(manifest.controls);
  const files = object(manifest.files, 'files');
  checkFiles(files);
  const fps = (manifest.codec as { fps: number }).fps;
  const featureSize = checkContext(object(manifest.context, 'context'));
  checkEncoders(object(manifest.encoders, 'encoders'), files, fps, featureSize);
  checkArticulator(object(manifest.articulator, 'articulator'), fps);
  checkNames(manifest.emotions, 'emotions', OCC_EMOTIONS);
  const basis = object(manifest.basis, 'basis');
  integer(basis.vertices, 'basis.vertices', 1, 1e7);
  const scale = numbers(basis.scale, 'basis.scale');
  if (scale.length !== shapes)
    throw bad(
      `basis.scale must have one number for each of the ${shapes} shape controls, not ${scale.length}`,
    );
  integer(object(manifest.idle, 'idle').frames, 'idle.frames', 1, 1e6);
  object(manifest.scores, 'scores');
  return manifest as unknown as FaceManifest;
}

function checkVersion(version: unknown): void {
  if (version === MANIFEST_VERSION) return;
  const isOld = typeof version === 'number' && version < MANIFEST_VERSION;
  throw bad(
    isOld
      ? `version ${version} is older than ${MANIFEST_VERSION}; export the model again, or take the files of this release`
      : `version ${String(version)} is not ${MANIFEST_VERSION}; update @parley/sdk`,
  );
}

function checkEncoders(encoders: Json, files: Json, fps: number, featureSize: number): void {
  for (const size of ENCODER_SIZES) {
    const file = ENCODER_FILE[size];
    if (size === 'server' && encoders.server === undefined && !(file in files)) continue;
    const at = `encoders.${size}`;
    const encoder = object(encoders[size], at);
    if (encoder.file !== file) throw bad(`${at}.file must be "${file}"`);
    if (!(file in files)) throw bad(`files.${file} is missing`);
    if (encoder.rateHz !== SPEECH_RATE_HZ) throw bad(`${at}.rateHz must be ${SPEECH_RATE_HZ}`);
    const hopSamples = SPEECH_RATE_HZ / fps;
    if (encoder.hopSamples !== hopSamples)
      throw bad(`${at}.hopSamples must be ${hopSamples}, a frame at ${fps} fps`);
    integer(encoder.blockFrames, `${at}.blockFrames`, 1, 1000);
    integer(encoder.lookaheadFrames, `${at}.lookaheadFrames`, 0, 1000);
    integer(encoder.stateSize, `${at}.stateSize`, 1, 1e9);
    integer(encoder.featureSize, `${at}.featureSize`, 1, 1e9);
    if (encoder.featureSize !== featureSize)
      throw bad(`${at}.featureSize must be the context's, ${featureSize}, not ${encoder.featureSize}`);
    integer(encoder.maxFrames, `${at}.maxFrames`, encoder.blockFrames as number, 1e9);
    checkNames(encoder.inputs, `${at}.inputs`, ['audio', 'state']);
    checkNames(encoder.outputs, `${at}.outputs`, ['logits', 'features', 'nextState']);
  }
}

const ENCODER_FILE = { small: 'encoderSmall', server: 'encoderServer' } as const satisfies Record<
  EncoderSize,
  string
>;

function checkArticulator(articulator: Json, fps: number): void {
  const at = 'articulator';
  if (articulator.file !== at) throw bad(`${at}.file must be "${at}"`);
  const samplesPerLabel = integer(articulator.samplesPerLabel, `${at}.samplesPerLabel`, 1, SPEECH_RATE_HZ);
  if (articulator.rateHz !== SPEECH_RATE_HZ / samplesPerLabel)
    throw bad(`${at}.rateHz must be ${SPEECH_RATE_HZ} / samplesPerLabel`);
  if ((SPEECH_RATE_HZ / fps) % samplesPerLabel !== 0)
    throw bad(`${at}.samplesPerLabel must divide a frame's ${SPEECH_RATE_HZ / fps} samples`);
  integer(articulator.marginFrames, `${at}.marginFrames`, 0, 1000);
  checkNames(articulator.symbols, `${at}.symbols`, PHONE_SYMBOLS);
  checkNames(articulator.inputs, `${at}.inputs`, ['phones', 'stress', 'audio']);
  checkNames(articulator.outputs, `${at}.outputs`, ['logits']);
}

/** @returns the number of features */
function checkContext(context: Json): number {
  integer(context.window, 'context.window', 1, 10_000);
  if (context.temperature !== undefined && finite(context.temperature, 'context.temperature') < 0)
    throw bad('context.temperature must not be negative');
  checkNames(context.inputs, 'context.inputs', ['past', 'features', 'emotion']);
  checkNames(context.outputs, 'context.outputs', ['logits']);
  return integer(context.featureSize, 'context.featureSize', 1, 1e9);
}

/** A list that holds each of `known` once, in any order, and nothing else. */
function checkNames(value: unknown, at: string, known: readonly string[]): void {
  if (!Array.isArray(value)) throw bad(`${at} must be a list of names`);
  const names = new Set<unknown>(value);
  for (const name of known) if (!names.has(name)) throw bad(`${at} lacks "${name}"`);
  if (value.length !== known.length)
    throw bad(`${at} must have ${known.length} entries, each once, not ${value.length}`);
}

function checkCodec(codec: Json): void {
  const heads = integer(codec.heads, 'codec.heads', 1, 255);
  const classes = integer(codec.classes, 'codec.classes', 2, 256);
  const fps = integer(codec.fps, 'codec.fps', 1, 240);
  if (SPEECH_RATE_HZ % fps !== 0) throw bad(`codec.fps must divide ${SPEECH_RATE_HZ}, and ${fps} does not`);
  integer(codec.window, 'codec.window', 1, 1000);
  const neutral = numbers(codec.neutral, 'codec.neutral');
  if (neutral.length !== heads) throw bad(`codec.neutral must have ${heads} codes, not ${neutral.length}`);
  for (const code of neutral) integer(code, 'codec.neutral', 0, classes - 1);
  const seen = new Set<number>();
  for (const key of ['lipHeads', 'upperHeads'])
    for (const head of numbers(codec[key], `codec.${key}`)) {
      integer(head, `codec.${key}`, 0, heads - 1);
      if (seen.has(head)) throw bad(`codec.${key} names head ${head} twice`);
      seen.add(head);
    }
  if (seen.size !== heads) throw bad(`codec.lipHeads and codec.upperHeads must name all ${heads} heads`);
}

/** @returns the number of shape controls */
function checkControls(value: unknown): number {
  if (!Array.isArray(value) || value.length === 0)
    throw bad('controls must be a list with at least one entry');
  const names = new Set<string>();
  let shapes = 0;
  value.forEach((entry, index) => {
    const at = `controls[${index}]`;
    const control = object(entry, at);
    const name = text(control.name, `${at}.name`);
    if (names.has(name)) throw bad(`${at}.name "${name}" is taken`);
    names.add(name);
    if (control.kind !== 'shape' && control.kind !== 'rotation')
      throw bad(`${at}.kind must be "shape" or "rotation"`);
    if (control.kind === 'shape') shapes++;
    if (control.unit !== '1' && control.unit !== 'rad') throw bad(`${at}.unit must be "1" or "rad"`);
    const min = finite(control.min, `${at}.min`);
    if (finite(control.max, `${at}.max`) <= min) throw bad(`${at}.max must be above min`);
  });
  return shapes;
}

function checkFiles(files: Json): void {
  for (const key of REQUIRED_EXPORT_FILES) if (!(key in files)) throw bad(`files.${key} is missing`);
  for (const [key, value] of Object.entries(files)) {
    const file = object(value, `files.${key}`);
    const path = text(file.path, `files.${key}.path`);
    if (!/^[\w.-]+(\/[\w.-]+)*$/.test(path) || path.split('/').some((part) => /^\.+$/.test(part)))
      throw bad(`files.${key}.path "${path}" must be a relative path inside the export`);
    if (typeof file.sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(file.sha256))
      throw bad(`files.${key}.sha256 must be 64 lower-case hexadecimal digits`);
    integer(file.sizeBytes, `files.${key}.sizeBytes`, 1, 1e9);
  }
}

function object(value: unknown, name: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw bad(`${name} must be an object`);
  return value as Json;
}

function text(value: unknown, name: string): string {
  if (typeof value !== 'string' || value === '') throw bad(`${name} must be a text`);
  return value;
}

function finite(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw bad(`${name} must be a number`);
  return value;
}

function integer(value: unknown, name: string, min: number, max: number): number {
  const number = finite(value, name);
  if (!Number.isInteger(number) || number < min || number > max)
    throw bad(`${name} must be an integer from ${min} to ${max}, not ${number}`);
  return number;
}

function numbers(value: unknown, name: string): number[] {
  if (!Array.isArray(value)) throw bad(`${name} must be a list of numbers`);
  return value.map((entry) => finite(entry, name));
}

function bad(fault: string): ParleyError {
  return new ParleyError('bad-manifest', `manifest.json is not usable: ${fault}`);
}
