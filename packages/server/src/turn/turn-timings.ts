/** Where the time of a turn went, stage by stage, ms. Typed turns have no endpointing and no recognition. */
export interface TurnTimings {
  /** End of the voice until the turn was taken to be over. */
  readonly endpointingMs: number;
  /** Recognition of the last piece; it mostly runs while endpointing still waits. */
  readonly asrMs: number;
  /** End of the voice until the transcript was there. */
  readonly transcriptMs: number;
  /** Transcript until the model's first token. */
  readonly llmFirstTokenMs: number;
  /** First token until the first clause was complete. */
  readonly firstClauseMs: number;
  /** First clause until its audio. */
  readonly ttsMs: number;
  /** First audio until the first block of voice and face was sent. */
  readonly faceMs: number;
  /** End of the voice (or the typed words' arrival) until the first block was sent. */
  readonly totalMs: number;
}

/** When a question was heard. */
export interface HeardTimes {
  /** Room clock at which the voice ended, ms. */
  readonly voiceEndMs: number;
  readonly endpointingMs: number;
  readonly asrMs: number;
}

/** Notes the moments of one turn. Work that was done before the question was final counts as no time at all. */
export class TurnStopwatch {
  readonly #nowMs: () => number;
  #heard: HeardTimes | undefined;
  #askedMs: number;
  #firstTokenMs = 0;
  #firstClauseMs = 0;
  #firstAudioMs = 0;
  #firstBlockMs = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#askedMs = nowMs();
  }

  /** The question is final. @param heard When it was spoken rather than typed. */
  asked(heard?: HeardTimes): void {
    this.#heard = heard;
    this.#askedMs = this.#nowMs();
  }

  firstToken(): void {
    this.#firstTokenMs ||= this.#nowMs();
  }

  firstClause(): void {
    this.#firstClauseMs ||= this.#nowMs();
  }

  firstAudio(): void {
    this.#firstAudioMs ||= this.#nowMs();
  }

  firstBlock(): void {
    this.#firstBlockMs ||= this.#nowMs();
  }

  timings(): TurnTimings {
    const asked = this.#askedMs;
    const voiceEndMs = this.#heard?.voiceEndMs ?? asked;
    const token = Math.max(asked, this.#firstTokenMs);
    const clause = Math.max(token, this.#firstClauseMs);
    const audio = Math.max(clause, this.#firstAudioMs);
    const block = Math.max(audio, this.#firstBlockMs);
    return {
      endpointingMs: this.#heard?.endpointingMs ?? 0,
      asrMs: this.#heard?.asrMs ?? 0,
      transcriptMs: asked - voiceEndMs,
      llmFirstTokenMs: token - asked,
      firstClauseMs: clause - token,
      ttsMs: audio - clause,
      faceMs: block - audio,
      totalMs: block - voiceEndMs,
    };
  }
}
