import { loadWeightsManifest } from '../../weights/weights-manifest.ts';

/** Weight of the model that all of its voices share; also the name of the set that has the voices. */
export const KOKORO_MODEL = 'kokoro-82m-int8';

/** Languages by the first letter of a voice's name. */
const LANGUAGE_OF: Readonly<Record<string, string>> = {
  a: 'en',
  b: 'en',
  e: 'es',
  f: 'fr',
  h: 'hi',
  i: 'it',
  p: 'pt',
};

/** The language that a voice speaks, by its name: `ef_dora` is Spanish. @returns ISO 639-1, or undefined for one that is not spoken here. */
export function languageOfVoice(name: string): string | undefined {
  return LANGUAGE_OF[name[0] ?? ''];
}

/** Whether a voice is one of the embedded Kokoro's. */
export function isKokoro({
  url,
  model,
}: {
  readonly url?: string | undefined;
  readonly model: string;
}): boolean {
  return url === undefined && model === KOKORO_MODEL;
}

/** Id of the weight that holds a voice: `ef_dora` is `kokoro-ef-dora`. */
export function kokoroWeight(voice: string): string {
  return `kokoro-${voice.replaceAll('_', '-')}`;
}

/** Names of the voices that `models/weights.json` lists. */
export async function listKokoroVoices(): Promise<string[]> {
  const { weights } = await loadWeightsManifest();
  return weights
    .filter(({ set, id }) => set === KOKORO_MODEL && id !== KOKORO_MODEL)
    .map(({ id }) => id.slice('kokoro-'.length).replaceAll('-', '_'))
    .filter((voice) => languageOfVoice(voice) !== undefined);
}

/** @throws TypeError naming the voices that there are, for one that there is not. */
export async function checkKokoroVoices(names: readonly string[]): Promise<void> {
  const known = await listKokoroVoices();
  for (const name of names)
    if (!known.includes(name))
      throw new TypeError(`Kokoro has no voice "${name}" here. Known are: ${known.join(', ')}.`);
}
