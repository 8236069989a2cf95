import type { Embedder, Embedding } from '../contracts.ts';

/** Texts remembered; 384 numbers each make 16 MB. */
const MOST_TEXTS = 10_000;

/** An embedder that does each text once: rooms share what a persona knows, and a changed file costs only its new sentences. */
export function rememberEmbeddings(embedder: Embedder, mostTexts = MOST_TEXTS): Embedder {
  const known = new Map<string, Float32Array>();
  return {
    async *embed(texts, signal): AsyncGenerator<Embedding> {
      const missing = [...new Set(texts)].filter((text) => !known.has(text));
      let next = 0;
      const fresh = new Map<string, Float32Array>();
      if (missing.length > 0)
        for await (const { vector } of embedder.embed(missing, signal)) {
          const text = missing[next++]!;
          fresh.set(text, vector);
          known.set(text, vector);
        }
      for (const text of texts) yield { vector: fresh.get(text) ?? known.get(text)! };
      for (const text of known.keys()) {
        if (known.size <= mostTexts) break;
        known.delete(text);
      }
    },
  };
}
