import { readFileSync } from 'node:fs';
import { ParleyError } from '@parley/sdk';
import { modelsPath } from '../../models-folder.ts';

/** Index into `phones`, or that index unless a neighbour's letter says otherwise. */
type Node = number | readonly [number, Readonly<Record<string, Node>>];

/** `models/exports/letter-to-sound/en-us.json`, made by `models/letter_to_sound.py`. */
interface LetterToSound {
  readonly phones: readonly string[];
  readonly tree: Readonly<Record<string, Node>>;
}

const PATH = modelsPath('exports/letter-to-sound/en-us.json');
/** Which neighbours decide, nearest first; the same order as in training. */
const NEIGHBOURS = [1, -1, 2, -2, 3, -3, 4];
const BEYOND_WORD = '#';

let rules: LetterToSound | null = null;

/**
 * Pronunciation in ARPABET of a word that no dictionary knows, by rules learnt from CMUdict: about one phone in nine is
 * wrong, which is still understood.
 * @param word Letters a to z only, at least one.
 */
export function letterToSound(word: string): string {
  rules ??= load();
  const phones: string[] = [];
  for (let at = 0; at < word.length; at++) {
    let node = rules.tree[word[at]!]!;
    for (const offset of NEIGHBOURS) {
      if (typeof node === 'number') break;
      const child: Node | undefined = node[1][word[at + offset] ?? BEYOND_WORD];
      if (child === undefined) break;
      node = child;
    }
    const said = rules.phones[typeof node === 'number' ? node : node[0]]!;
    if (said) phones.push(...said.split(' '));
  }
  return withOneStress(phones.length > 0 ? phones : ['AH0']).join(' ');
}

function load(): LetterToSound {
  try {
    return JSON.parse(readFileSync(PATH, 'utf8')) as LetterToSound;
  } catch (cause) {
    throw new ParleyError('missing-export', `${PATH} cannot be read: get it from the repository.`, cause);
  }
}

/** Letters are decided one by one, so a word may come out with several primary stresses, or none. */
function withOneStress(phones: readonly string[]): string[] {
  let hasStress = false;
  const single = phones.map((phone) => {
    if (!phone.endsWith('1')) return phone;
    if (hasStress) return `${phone.slice(0, -1)}2`;
    hasStress = true;
    return phone;
  });
  if (hasStress) return single;
  const vowel = single.findIndex((phone) => /[02]$/.test(phone));
  return single.map((phone, index) => (index === vowel ? `${phone.slice(0, -1)}1` : phone));
}
