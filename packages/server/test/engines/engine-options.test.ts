import { describe, expect, it } from 'vitest';
import { resolveEngineOptions } from '../../src/engines/engine-options.ts';

describe('resolveEngineOptions', () => {
  it('has a default for everything', () => {
    const { asr, llm, tts, face } = resolveEngineOptions({}, {});
    expect(asr).toMatchObject({ model: 'auto', language: 'en', device: 'auto' });
    expect(llm).toMatchObject({ model: 'smollm2-135m-instruct', contextTokens: 2048 });
    expect(tts).toMatchObject({ model: 'piper-joe', rateHz: 24_000 });
    expect(face).toEqual({ encoder: 'auto' });
    expect([asr, llm, tts].map(({ url }) => url)).toEqual([undefined, undefined, undefined]);
  });

  it('names a model to endpoints, which do not choose', () => {
    const { asr } = resolveEngineOptions({ asr: { url: 'http://gpu:8000/v1', language: 'en,es' } }, {});
    expect(asr).toMatchObject({ model: 'whisper-base', language: 'en,es' });
  });

  it('takes the environment, and options before it', () => {
    const environment = {
      PARLEY_LLM_URL: 'http://gpu:8000/v1',
      PARLEY_LLM_MODEL: 'qwen',
      PARLEY_LLM_KEY: 'secret',
      PARLEY_LLM_THREADS: '3',
      PARLEY_ASR_LANGUAGE: 'de',
      PARLEY_TTS_VOICE: 'af_heart',
      PARLEY_TTS_RATE_HZ: '22050',
      PARLEY_TTS_MODEL: '',
      PARLEY_FACE: 'server',
    };
    const { asr, llm, tts, face } = resolveEngineOptions({ llm: { model: 'other' } }, environment);
    expect(llm).toMatchObject({ url: 'http://gpu:8000/v1', model: 'other', key: 'secret', threads: 3 });
    expect(asr.language).toBe('de');
    expect(face.encoder).toBe('server');
    expect(tts).toMatchObject({ voice: 'af_heart', model: 'piper-joe', rateHz: 22_050 });
  });

  it('can do without the reranker', () => {
    expect(resolveEngineOptions({}, {}).rerank.model).toBe('answers');
    expect(resolveEngineOptions({}, { PARLEY_RERANK_MODEL: 'none' }).rerank.model).toBe('none');
    expect(() => resolveEngineOptions({}, { PARLEY_RERANK_MODEL: 'bert' })).toThrow(/rerank\.model/);
  });

  it('names what is wrong', () => {
    expect(() => resolveEngineOptions({ llm: { url: 'gpu' } }, {})).toThrow(/llm\.url/);
    expect(() => resolveEngineOptions({}, { PARLEY_ASR_THREADS: 'many' })).toThrow(/asr\.threads/);
    expect(() => resolveEngineOptions({}, { PARLEY_FACE: 'large' })).toThrow(/face\.encoder/);
    expect(() => resolveEngineOptions({ asr: { language: 'English' } }, {})).toThrow(/asr\.language/);
    expect(() => resolveEngineOptions({ voice: {} } as never, {})).toThrow(/voice/);
  });
});
