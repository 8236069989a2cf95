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

/** Notes the moments of one turn. */
export class TurnStopwatch {
  readonly #nowMs: () => number;
  readonly #voiceEndMs: number;
  readonly #endpointingMs: number;
  readonly #asrMs: number;
  readonly #askedMs: number;
  #firstTokenMs: number | null = null;
  #firstClauseMs: number | null = null;
  #firstAudioMs: number | null = null;
  #firstBlockMs: number | null = null;

  /** @param heard When the question was spoken rather than typed. */
  constructor(
    nowMs: () => number,
    heard?: { readonly voiceEndMs: number; readonly endpointingMs: number; readonly asrMs: number },
  ) {
    this.#nowMs = nowMs;
    this.#askedMs = nowMs();
    this.#voiceEndMs = heard?.voiceEndMs ?? this.#askedMs;
    this.#endpointingMs = heard?.endpointingMs ?? 0;
    this.#asrMs = heard?.asrMs ?? 0;
  }

  firstToken(): void {
    this.#firstTokenMs ??= this.#nowMs();
  }

  firstClause(): void {
    this.#firstClauseMs ??= this.#nowMs();
  }

  firstAudio(): void {
    this.#firstAudioMs ??= this.#nowMs();
  }

  firstBlock(): void {
    this.#firstBlockMs ??= this.#nowMs();
  }

  timings(): TurnTimings {
    const token = this.#firstTokenMs ?? this.#askedMs;
    const clause = this.#firstClauseMs ?? token;
    const audio = this.#firstAudioMs ?? clause;
    const block = this.#firstBlockMs ?? audio;
    return {
      endpointingMs: this.#endpointingMs,
      asrMs: this.#asrMs,
      transcriptMs: this.#askedMs - this.#voiceEndMs,
      llmFirstTokenMs: token - this.#askedMs,
      firstClauseMs: clause - token,
      ttsMs: audio - clause,
      faceMs: block - audio,
      totalMs: block - this.#voiceEndMs,
    };
  }
}
