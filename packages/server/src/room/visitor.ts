import { Listener, type ListenerEvents, type ListenerOptions, type ListenMode } from '../turn/listener.ts';
import type { HeardVoice } from '../turn/same-voice.ts';
import { MicrophoneDecoder } from './microphone-decoder.ts';
import type { ClientLike } from './room-like.ts';

/** What an open microphone is for. */
export interface Listening {
  /** The NPC that the client named, if it did. */
  readonly npc?: string;
  readonly mode: ListenMode;
}

/** Wait before a listener whose engine failed is started again, ms. */
const RESTART_MS = 1_000;
/** Failures in a row after which the microphone is closed. */
const MAX_FAILURES = 3;

export interface VisitorOptions extends Omit<ListenerOptions, 'mode'> {
  readonly events: Omit<ListenerEvents, 'onFailure'> & {
    /** An engine failed. @param givesUp Whether the microphone has been closed because of it. */
    onFailure(error: unknown, givesUp: boolean): void;
  };
}

/** One client of the room as Parley sees it: its microphone and whom it speaks to. */
export class Visitor {
  readonly microphone = new MicrophoneDecoder();
  /** Bound anew when the client reconnects. */
  client: ClientLike;
  /** The connection it is bound to. Kept apart, as Colyseus gives the old client object the new connection too. */
  connection: ClientLike['ref'] | null = null;
  /** Id of the NPC that the client named when it opened the microphone last. */
  addressedNpc: string | undefined;
  /** Id of the NPC that the client says its visitor attends to. */
  attendedNpc: string | undefined;
  /** Id of the NPC of the last turn, and the room clock at it, ms. */
  lastNpc: string | undefined;
  lastTurnMs = Number.NEGATIVE_INFINITY;
  /** Room clock at the last words that were for people, ms. */
  talkedToPeopleMs = Number.NEGATIVE_INFINITY;
  /** The words so far that everybody was told last. */
  partialText = '';
  /** Id of the NPC that hears the speech under way. */
  hearingNpc: string | null = null;
  /** Packets that came while the microphone was closed. */
  unaskedPackets = 0;
  readonly #options: VisitorOptions;
  #listening: Listening | null = null;
  #listener: Listener | null = null;
  #failures = 0;
  #restart: NodeJS.Timeout | null = null;

  constructor(client: ClientLike, options: VisitorOptions) {
    this.client = client;
    this.#options = options;
  }

  /** What the open microphone hears; null while it is closed or nothing tells its echo. */
  get voice(): HeardVoice | null {
    return (this.#listener && this.#options.echo) ?? null;
  }

  get listening(): Listening | null {
    return this.#listening;
  }

  /**
   * Opens the microphone; what is said from now on is heard.
   * @returns Whether speech under way was dropped, as the microphone was open in another mode.
   */
  open(listening: Listening): boolean {
    this.addressedNpc = listening.npc;
    if (this.#listener && this.#listening?.mode === listening.mode) {
      this.#listening = listening;
      return false;
    }
    const dropped = this.#listener !== null;
    this.mute();
    this.#failures = 0;
    this.#listening = listening;
    this.#listen();
    return dropped;
  }

  /** Closes the microphone; what was being said becomes a turn at once. */
  async close(): Promise<void> {
    const listener = this.#listener;
    this.#listening = null;
    this.#listener = null;
    this.#clearRestart();
    await listener?.finish();
  }

  /** Closes the microphone and drops what was being said. */
  mute(): void {
    this.#listening = null;
    this.#listener?.stop();
    this.#listener = null;
    this.#clearRestart();
  }

  receive(bytes: Uint8Array): void {
    if (!this.#listener) {
      this.unaskedPackets++;
      return;
    }
    for (const pcm of this.microphone.receive(bytes)) this.#listener.receive(pcm);
  }

  #listen(): void {
    const { events, ...options } = this.#options;
    this.microphone.reset();
    options.echo?.reset();
    this.#listener = new Listener(
      { ...options, mode: this.#listening?.mode },
      {
        onSpeechStart: () => events.onSpeechStart(),
        onInterruption: (event) => events.onInterruption(event),
        onPartial: (text) => events.onPartial(text),
        onPause: (spokenMs) => events.onPause(spokenMs),
        onLikelyTurn: (text) => events.onLikelyTurn(text),
        onResume: () => events.onResume(),
        onTurn: (turn) => {
          this.#failures = 0;
          events.onTurn(turn);
        },
        onFailure: (error) => this.#fail(error),
      },
    );
  }

  #fail(error: unknown): void {
    const givesUp = ++this.#failures >= MAX_FAILURES;
    this.#options.events.onFailure(error, givesUp);
    if (givesUp) {
      this.mute();
      return;
    }
    // A failed recogniser leaves the listener alive; a failed voice detector does not.
    if (this.#listener?.stopped && !this.#restart)
      this.#restart = setTimeout(() => {
        this.#restart = null;
        if (this.#listening) this.#listen();
      }, RESTART_MS);
  }

  #clearRestart(): void {
    if (this.#restart) clearTimeout(this.#restart);
    this.#restart = null;
  }
}
