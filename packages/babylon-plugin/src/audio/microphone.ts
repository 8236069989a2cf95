import { ParleyError } from '@parley/sdk';
import { createMicrophoneEncoder, type MicrophoneEncoder, type PacketSink } from './microphone-encoder.ts';
import { MICROPHONE_PROCESSOR, type MicrophoneFrame, microphoneWorklet } from './microphone-worklet.ts';
import { addWorklet } from './worklet-module.ts';

/**
 * `off`: not in use; `asking`: the browser asks the visitor; `on`: sound flows; `blocked`: the visitor or the browser
 * refused; `missing`: there is no microphone, or the page is not served over https.
 */
export type MicrophoneState = 'off' | 'asking' | 'on' | 'blocked' | 'missing';

/** Options of {@link Microphone}. */
export interface MicrophoneOptions {
  /** Receives frames while {@link Microphone.listening} is true. */
  readonly onPacket: PacketSink;
  /** `auto` sends Opus where the browser can. Default `auto`. */
  readonly codec?: 'auto' | 'pcm16';
  /** The browser's own sound processing. Default on, all three. */
  readonly processing?: boolean;
}

/** How fast {@link Microphone.level} falls after a loud frame, per 20 ms frame. */
const LEVEL_FALL = 0.8;

/**
 * The visitor's microphone at 16 kHz, Opus where the browser can. The browser asks at the first {@link start}, which
 * must come from a gesture on some browsers. Sound leaves the page only while {@link listening} is true.
 */
export class Microphone {
  /** Whether frames are sent. */
  listening = false;
  readonly #context: AudioContext;
  readonly #options: MicrophoneOptions;
  readonly #listeners = new Set<(state: MicrophoneState) => void>();
  #state: MicrophoneState = 'off';
  #level = 0;
  #stream: MediaStream | undefined;
  #source: MediaStreamAudioSourceNode | undefined;
  #node: AudioWorkletNode | undefined;
  #encoder: MicrophoneEncoder | undefined;
  #starting: Promise<void> | undefined;
  /** Counts starts and stops, so that a slow start knows that it was overtaken. */
  #generation = 0;

  constructor(context: AudioContext, options: MicrophoneOptions) {
    this.#context = context;
    this.#options = options;
  }

  get state(): MicrophoneState {
    return this.#state;
  }

  /** Loudness for a meter, 0 (silence, or off) to 1 (full scale), on a scale of 60 dB. */
  get level(): number {
    return this.#level;
  }

  /** What is sent: `opus` or `pcm16`; undefined before the first start. */
  get codec(): 'opus' | 'pcm16' | undefined {
    return this.#encoder?.codec;
  }

  /** Calls `listener` on every change of {@link state}; returns the way to stop. */
  onState(listener: (state: MicrophoneState) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * Asks for the microphone and starts it.
   *
   * @throws ParleyError `microphone-blocked` or `microphone-missing`; the message is for the visitor.
   */
  async start(): Promise<void> {
    if (this.#state === 'on') return;
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined;
    });
    await this.#starting;
  }

  /** Lets go of the microphone. */
  stop(): void {
    this.#generation++;
    this.#release();
    this.#setState('off');
  }

  /** Stops and forgets all listeners. */
  dispose(): void {
    this.stop();
    this.#listeners.clear();
  }

  async #start(): Promise<void> {
    const generation = ++this.#generation;
    if (!navigator.mediaDevices?.getUserMedia) {
      this.#setState('missing');
      throw new ParleyError(
        'microphone-missing',
        'this page cannot use a microphone: open it over https or on localhost',
      );
    }
    this.#setState('asking');
    try {
      await this.#open(generation);
    } catch (error) {
      this.#release();
      if (generation !== this.#generation) return;
      const failure = failureOf(error);
      this.#setState(failure.code === 'microphone-blocked' ? 'blocked' : 'missing');
      throw failure;
    }
  }

  async #open(generation: number): Promise<void> {
    const processing = this.#options.processing ?? true;
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: {
        channelCount: 1,
        echoCancellation: processing,
        noiseSuppression: processing,
        autoGainControl: processing,
      },
    });
    const isStale = (): boolean => generation !== this.#generation;
    if (isStale()) {
      for (const track of stream.getTracks()) track.stop();
      return;
    }
    this.#stream = stream;
    // Safari keeps a context suspended until a gesture, and this call comes from one.
    if (this.#context.state !== 'running') void this.#context.resume();
    const [encoder] = await Promise.all([
      createMicrophoneEncoder((packet) => this.#options.onPacket(packet), this.#options.codec),
      addWorklet(this.#context, microphoneWorklet),
    ]);
    if (isStale()) {
      encoder.close();
      return;
    }
    this.#encoder = encoder;
    this.#node = new AudioWorkletNode(this.#context, MICROPHONE_PROCESSOR, {
      numberOfInputs: 1,
      // Without an output that is pulled, some browsers do not run the node.
      numberOfOutputs: 1,
      channelCount: 1,
      channelCountMode: 'explicit',
    });
    this.#node.port.onmessage = ({ data }: MessageEvent<MicrophoneFrame>) => this.#receive(data);
    this.#source = this.#context.createMediaStreamSource(stream);
    this.#source.connect(this.#node);
    this.#node.connect(this.#context.destination);
    for (const track of stream.getTracks()) {
      track.onended = () => {
        this.#release();
        this.#setState('missing');
      };
    }
    this.#setState('on');
  }

  #receive(frame: MicrophoneFrame): void {
    let power = 0;
    for (const sample of frame.pcm) power += sample * sample;
    const decibels = 10 * Math.log10(power / frame.pcm.length + 1e-12);
    this.#level = Math.max(Math.min(1, Math.max(0, 1 + decibels / 60)), this.#level * LEVEL_FALL);
    if (this.listening) this.#encoder?.encode(frame);
  }

  #release(): void {
    this.#source?.disconnect();
    if (this.#node) {
      this.#node.port.postMessage('close');
      this.#node.port.onmessage = null;
      this.#node.port.close();
      this.#node.disconnect();
    }
    for (const track of this.#stream?.getTracks() ?? []) {
      track.onended = null;
      track.stop();
    }
    this.#encoder?.close();
    this.#source = undefined;
    this.#node = undefined;
    this.#stream = undefined;
    this.#encoder = undefined;
    this.#level = 0;
  }

  #setState(state: MicrophoneState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }
}

function failureOf(error: unknown): ParleyError {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') {
    return new ParleyError(
      'microphone-blocked',
      "the microphone is blocked: allow it in the browser's address bar, then try again",
      error,
    );
  }
  return new ParleyError(
    'microphone-missing',
    'no microphone can be used: plug one in, or close the program that holds it, then try again',
    error,
  );
}
