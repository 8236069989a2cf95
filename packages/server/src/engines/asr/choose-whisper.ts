/** What decides which Whisper listens. */
export interface ListeningPlace {
  /** As the option `asr.language`: a code, several with commas between, or `auto`. */
  readonly language: string;
  readonly hasCuda: boolean;
  readonly cores: number;
  readonly memoryBytes: number;
  /** Whether the weights of `whisper-small` are in the cache. */
  readonly hasSmall: boolean;
}

/** The model that `asr: auto` came to, and why, for `parley doctor`. */
export interface ChosenWhisper {
  readonly model: 'whisper-base' | 'whisper-small';
  readonly because: string;
}

/** What Whisper base hears with at most one word in twenty wrong (docs/benchmarks.md, "What is heard of each language"). */
const BASE_IS_ENOUGH_FOR: ReadonlySet<string> = new Set(['en', 'es']);
/** Whisper small takes three times as long; with fewer cores an answer would come too late. */
const FEWEST_CORES = 4;
/** The first load takes 4.7 GB for a moment. A machine of 8 GB shows a little less. */
const LEAST_MEMORY_BYTES = 7.5e9;

/**
 * Whisper base, but Whisper small where all of this holds: a language is spoken that base hears badly, the machine has CUDA or four
 * cores, and 8 GB of memory, and the weights were fetched. English alone stays with base, which answers soonest.
 */
export function chooseWhisper(place: ListeningPlace): ChosenWhisper {
  const { language, hasCuda, cores, memoryBytes, hasSmall } = place;
  const hard = language.split(',').filter((code) => !BASE_IS_ENOUGH_FOR.has(code));
  if (hard.length === 0) return { model: 'whisper-base', because: 'auto' };
  const spoken = hard[0] === 'auto' ? 'any language' : hard.join(', ');
  const stay = (why: string): ChosenWhisper => ({ model: 'whisper-base', because: `auto: ${why}` });
  if (!hasCuda && cores < FEWEST_CORES)
    return stay(`whisper-small hears ${spoken} better, but wants CUDA or ${FEWEST_CORES} cores`);
  if (memoryBytes < LEAST_MEMORY_BYTES)
    return stay(`whisper-small hears ${spoken} better, but wants 8 GB of memory`);
  if (!hasSmall)
    return stay(`\`parley models fetch whisper-small\` brings a model that hears ${spoken} better`);
  return { model: 'whisper-small', because: `auto: for ${spoken}` };
}
