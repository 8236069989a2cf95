import { readFile } from 'node:fs/promises';

/** The special tokens that drive decoding; timestamps are `firstTimestamp + seconds / 0.02`. */
export interface WhisperTokens {
  readonly endOfText: number;
  readonly noSpeech: number;
  readonly firstTimestamp: number;
  /** Prompt that asks for a transcription with timestamps, the first of them 0.00 s. */
  prompt(language: string): number[];
  /** Language tokens, empty for English-only models. */
  readonly languages: ReadonlyMap<string, number>;
  readonly startOfTranscript: number;
}

/** Whisper's tokens: what they mean and how they spell. */
export class WhisperVocabulary {
  readonly tokens: WhisperTokens;
  /** Tokens never to be chosen as text. */
  readonly suppressed: ReadonlySet<number>;
  /** Further tokens not to begin with. */
  readonly suppressedAtStart: ReadonlySet<number>;
  readonly #foreign: ReadonlySet<number>;
  readonly #pieces: readonly string[];

  private constructor(pieces: readonly string[], config: CTranslate2Config) {
    this.#pieces = pieces;
    this.tokens = readTokens(pieces);
    const spelling = pieces.slice(0, this.tokens.endOfText);
    this.#foreign = new Set(spelling.flatMap((piece, id) => (isForeignToDevanagari(piece) ? [id] : [])));
    const { endOfText, firstTimestamp, noSpeech } = this.tokens;
    const suppressed = new Set([...config.suppress_ids, noSpeech]);
    for (let id = firstTimestamp; id < pieces.length; id++) suppressed.add(id);
    suppressed.add(firstTimestamp - 1); // <|notimestamps|>
    suppressed.delete(endOfText);
    this.suppressed = suppressed;
    this.suppressedAtStart = new Set(config.suppress_ids_begin);
  }

  /** Reads CTranslate2's `vocabulary.txt` and `config.json`. */
  static async load(vocabularyPath: string, configPath: string): Promise<WhisperVocabulary> {
    const [vocabulary, config] = await Promise.all([
      readFile(vocabularyPath, 'utf8'),
      readFile(configPath, 'utf8'),
    ]);
    return new WhisperVocabulary(vocabulary.replace(/\n$/, '').split('\n'), JSON.parse(config));
  }

  /**
   * Tokens that a language is not written with. Whisper hears Hindi, but writes much of it in Arabic or Latin letters. @returns None for
   * languages whose letters need no help.
   */
  foreignTo(language: string): ReadonlySet<number> {
    return isInDevanagari(language) ? this.#foreign : NONE;
  }

  /** The text of some tokens; special tokens are left out. */
  text(ids: readonly number[]): string {
    const bytes: number[] = [];
    for (const id of ids) {
      if (id >= this.tokens.endOfText) continue;
      for (const character of this.#pieces[id]!) bytes.push(BYTE_OF.get(character) ?? 0x20);
    }
    return Buffer.from(bytes).toString('utf8').trim();
  }
}

const NONE: ReadonlySet<number> = new Set();
const IN_DEVANAGARI: ReadonlySet<string> = new Set(['hi', 'mr', 'ne']);

/** Whether a language is written in Devanagari, of which Whisper has a token for every letter or less. */
export function isInDevanagari(language: string): boolean {
  return IN_DEVANAGARI.has(language);
}

/**
 * Whether a piece has Latin letters, or begins a letter of a script other than Devanagari. Pieces are bytes of UTF-8, where Devanagari
 * is e0 a4 and e0 a5, and e2 begins marks such as the rupee's.
 */
function isForeignToDevanagari(piece: string): boolean {
  const bytes = [...piece].map((letter) => BYTE_OF.get(letter) ?? 0);
  return bytes.some((byte, at) => {
    const isLatin = /[a-z]/i.test(String.fromCharCode(byte));
    const next = bytes[at + 1];
    if (byte === 0xe0) return next !== undefined && next !== 0xa4 && next !== 0xa5;
    return isLatin || (byte >= 0xc0 && byte !== 0xe2);
  });
}

interface CTranslate2Config {
  readonly suppress_ids: readonly number[];
  readonly suppress_ids_begin: readonly number[];
}

function readTokens(pieces: readonly string[]): WhisperTokens {
  const ids = new Map<string, number>();
  for (let id = pieces.length - 1; id >= 50_000; id--) ids.set(pieces[id]!, id);
  const id = (piece: string): number => {
    const found = ids.get(piece);
    if (found === undefined) throw new RangeError(`Whisper's vocabulary has no token ${piece}.`);
    return found;
  };
  const startOfTranscript = id('<|startoftranscript|>');
  const firstTimestamp = id('<|0.00|>');
  const noSpeech = ids.get('<|nospeech|>') ?? id('<|nocaptions|>');
  const isMultilingual = pieces.length > 51_864;
  const languages = new Map<string, number>();
  if (isMultilingual) {
    for (const [piece, at] of ids) {
      const language = /^<\|([a-z]{2,3})\|>$/.exec(piece)?.[1];
      if (language) languages.set(language, at);
    }
  }
  return {
    endOfText: id('<|endoftext|>'),
    noSpeech,
    firstTimestamp,
    languages,
    startOfTranscript,
    prompt(language) {
      if (!isMultilingual) return [startOfTranscript, firstTimestamp];
      const languageId = languages.get(language);
      if (languageId === undefined) throw new RangeError(`Whisper knows no language "${language}".`);
      return [startOfTranscript, languageId, id('<|transcribe|>'), firstTimestamp];
    },
  };
}

/** GPT-2's spelling of bytes as printable characters, reversed. */
const BYTE_OF: ReadonlyMap<string, number> = (() => {
  const map = new Map<string, number>();
  let next = 256;
  for (let byte = 0; byte < 256; byte++) {
    const isPrintable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    map.set(String.fromCharCode(isPrintable ? byte : next++), byte);
  }
  return map;
})();
