import { MessageName, ParleyError } from '@parley/sdk';
import type { Engines } from '../engines/contracts.ts';
import { isBackchannel, isWordless } from '../turn/backchannel.ts';
import { EchoGate } from '../turn/echo-gate.ts';
import type { EndpointingOptions } from '../turn/endpointing.ts';
import { HumMoment } from '../turn/hum-moment.ts';
import type { HeardTurn } from '../turn/listener.ts';
import type { Question } from '../turn/npc-turns.ts';
import { PlayedVoices } from '../turn/played-voices.ts';
import type { Timeouts } from '../turn/watchdog.ts';
import { Addressing, type Clues } from './addressing.ts';
import { Earshot } from './earshot.ts';
import { ListeningSigns } from './listening-signs.ts';
import type { NpcState } from './parley-state.ts';
import type { ClientLike, PlayerLike, PlayersLike } from './room-like.ts';
import type { RoomNpc } from './room-npc.ts';
import { type Listening, Visitor } from './visitor.ts';
import { Visitors } from './visitors.ts';

/** What hearing needs of its room. */
export interface HearingOptions {
  readonly engines: Pick<Engines, 'vad' | 'asr'>;
  readonly timeouts: Timeouts;
  readonly endpointing?: EndpointingOptions;
  readonly partialEveryMs?: number;
  /** Distance within which an NPC hears who names nobody, metres. */
  readonly hearingRangeM: number;
  readonly nowMs: () => number;
  readonly npcs: ReadonlyMap<string, RoomNpc>;
  readonly players: () => PlayersLike | undefined;
  /** Sends a message to everybody. */
  readonly broadcast: (type: string, payload: object) => void;
  readonly notice: (sessionId: string, code: string, message: string) => void;
  /** A visitor puts something to an NPC. */
  readonly onAsk: (sessionId: string, npcId: string) => void;
  /** A connection is gone; the visitor may come back. */
  readonly onAbsent: (sessionId: string) => void;
  /** A visitor has left for good. */
  readonly onLeave: (sessionId: string) => void;
}

/** The listening half of a room: what visitors say or type, from their microphones to whom it is put. */
export class Hearing {
  /** What the NPCs play, so that microphones that pick it up are not taken for visitors. */
  readonly played = new PlayedVoices();
  readonly #options: HearingOptions;
  readonly #visitors: Visitors;
  readonly #addressing: Addressing;
  readonly #earshot: Earshot;
  readonly #signs: ListeningSigns;

  constructor(options: HearingOptions) {
    this.#options = options;
    this.#visitors = new Visitors({
      create: (client) => this.#newVisitor(client),
      onDisconnect: (visitor) => {
        this.#closeMicrophone(visitor);
        options.onAbsent(visitor.client.sessionId);
      },
      onExpire: (sessionId) => this.leave(sessionId),
    });
    const around = { ...options, visitors: this.#visitors };
    this.#addressing = new Addressing(around);
    this.#earshot = new Earshot(around);
    this.#signs = new ListeningSigns({ ...options, addressing: this.#addressing, earshot: this.#earshot });
  }

  /** How many visitors have said something to the room. */
  get visitorCount(): number {
    return this.#visitors.size;
  }

  /** Malformed microphone packets so far. */
  get malformed(): number {
    return this.#visitors.malformed;
  }

  /** A client has said hello. */
  hello(client: ClientLike): void {
    this.#visitors.hello(client);
  }

  receive(client: ClientLike, bytes: Uint8Array): void {
    this.#visitors.of(client).receive(bytes);
  }

  /** Typed words. */
  say(client: ClientLike, npc: string | undefined, text: string): void {
    const visitor = this.#visitors.of(client);
    this.#ask(visitor, { npc }, { speakerId: client.sessionId, text });
  }

  /** Opens a microphone, or closes it and takes what was said for a turn. */
  listen(client: ClientLike, on: boolean, listening: Listening): void {
    const visitor = this.#visitors.of(client);
    if (!on) this.#closeMicrophone(visitor);
    else if (visitor.open(listening)) this.#heardNothing(visitor);
  }

  /** The client says whom its visitor attends to: a hint beside gaze and distance. */
  attend(client: ClientLike, npc: string | undefined): void {
    this.#visitors.of(client).attendedNpc = npc;
  }

  /** A visitor has left for good. */
  leave(sessionId: string): void {
    this.#options.onLeave(sessionId);
    if (!this.#visitors.leave(sessionId)) return;
    this.#options.onAbsent(sessionId);
    for (const { turns } of this.#options.npcs.values()) turns.leave(sessionId);
  }

  dispose(): void {
    this.#visitors.dispose();
  }

  #newVisitor(client: ClientLike): Visitor {
    const { engines, endpointing, timeouts, partialEveryMs, nowMs, npcs } = this.#options;
    const { sessionId } = client;
    const moment = new HumMoment({
      endpointing,
      nowMs,
      onMoment: (text, withinMs) => this.#signs.hum(visitor, text, withinMs),
    });
    const visitor: Visitor = new Visitor(client, {
      vad: engines.vad,
      asr: engines.asr,
      timeouts,
      endpointing,
      partialEveryMs,
      echo: new EchoGate(this.played),
      overhears: () => this.#earshot.hearsNpc(sessionId),
      repeats: (text) => this.#earshot.isEcho(text),
      nowMs,
      events: {
        onSpeechStart: () => this.#speechStart(visitor),
        onInterruption: (event) => {
          for (const { turns } of npcs.values()) turns.interrupt(sessionId, event);
        },
        onPartial: (text) => {
          moment.words(text);
          this.#partial(visitor, text);
        },
        onPause: (spokenMs) => {
          moment.pause(spokenMs);
          this.#signs.nod(visitor, spokenMs);
        },
        onLikelyTurn: (text) => this.#anticipate(visitor, text),
        onResume: () => {
          moment.over();
          for (const { turns } of npcs.values()) turns.abandon(sessionId);
        },
        onTurn: (turn) => {
          moment.over();
          this.#heard(visitor, turn);
        },
        onFailure: (error, givesUp) => {
          moment.over();
          this.#heardNothing(visitor);
          this.#fail(visitor, error);
          if (givesUp)
            this.#options.notice(
              sessionId,
              'microphone-closed',
              'Nobody can hear you at the moment. You can still type.',
            );
        },
      },
    });
    return visitor;
  }

  #closeMicrophone(visitor: Visitor): void {
    visitor
      .close()
      .catch((error) => this.#fail(visitor, error))
      .then(() => this.#heardNothing(visitor));
  }

  #speechStart(visitor: Visitor): void {
    if (!this.#isHere(visitor)) return;
    const { sessionId } = visitor.client;
    this.#show(sessionId, (player) => {
      player.speaking = true;
    });
    const npc = this.#addressing.npc(visitor, { npc: visitor.addressedNpc });
    visitor.hearingNpc = npc?.id ?? null;
    if (npc) this.#options.npcs.get(npc.id)?.turns.hearStart(sessionId);
  }

  #partial(visitor: Visitor, text: string): void {
    if (text === visitor.partialText || isBackchannel(text)) return;
    const npc = this.#hears(visitor, text);
    if (!npc || this.#earshot.isEcho(text)) return;
    visitor.partialText = text;
    this.#tell(npc, visitor, text, false);
  }

  #anticipate(visitor: Visitor, text: string): void {
    const npc = this.#hears(visitor, text);
    const { sessionId } = visitor.client;
    if (npc) this.#options.npcs.get(npc.id)?.turns.anticipate({ speakerId: sessionId, text });
  }

  /** The NPC that spoken words are for. */
  #hears(visitor: Visitor, text: string): NpcState | null {
    return this.#isHere(visitor) ? this.#addressing.npc(visitor, { ...cluesOf(visitor), text }) : null;
  }

  /** A visitor's turn is over. @param turn Null where nothing was understood. */
  #heard(visitor: Visitor, turn: HeardTurn | null): void {
    if (!this.#isHere(visitor)) return;
    if (!turn) this.#heardUnclear(visitor);
    else if (this.#earshot.isAnothersVoice(visitor, turn)) this.#heardNothing(visitor);
    else if (!this.#earshot.isAside(visitor, turn)) this.#heardWords(visitor, turn);
    else if (isWordless(turn.text)) this.#heardUnclear(visitor);
    else this.#heardNothing(visitor);
  }

  #heardWords(visitor: Visitor, heard: HeardTurn): void {
    const { sessionId } = visitor.client;
    const clues = cluesOf(visitor);
    const hearing = this.#endSpeech(visitor);
    const asked = this.#ask(visitor, clues, { speakerId: sessionId, text: heard.text, heard });
    if (asked !== hearing?.state.id) hearing?.turns.hearNothing(sessionId);
  }

  /** The speech under way asks for nothing, or is dropped. */
  #heardNothing(visitor: Visitor): void {
    this.#endSpeech(visitor)?.turns.hearNothing(visitor.client.sessionId);
  }

  /** The speech under way was a voice, of which nothing was understood. */
  #heardUnclear(visitor: Visitor): void {
    const { sessionId } = visitor.client;
    // Who is gone is not asked to say it again.
    if (this.#visitors.isAbsent(sessionId)) this.#heardNothing(visitor);
    else this.#endSpeech(visitor)?.turns.hearUnclear(sessionId);
  }

  /** @returns The NPC that has heard it. */
  #endSpeech(visitor: Visitor): RoomNpc | undefined {
    const hearing = this.#options.npcs.get(visitor.hearingNpc ?? '');
    visitor.hearingNpc = null;
    visitor.partialText = '';
    this.#show(visitor.client.sessionId, (player) => {
      player.speaking = false;
    });
    return hearing;
  }

  /** Shows what a visitor said and puts it to whom it is meant for. @returns Their id. */
  #ask(visitor: Visitor, clues: Clues, question: Question): string | null {
    const { npcs, nowMs, notice, onAsk } = this.#options;
    const { speakerId, text } = question;
    this.#show(speakerId, (player) => {
      player.caption = text;
    });
    const addressee = this.#addressing.find(visitor, { ...clues, text });
    if (addressee.kind === 'people') {
      visitor.talkedToPeopleMs = nowMs();
      return null;
    }
    if (addressee.kind === 'nobody') {
      notice(speakerId, 'nobody-near', 'Nobody is near enough to hear you. Walk up to somebody.');
      return null;
    }
    const { npc } = addressee;
    visitor.lastNpc = npc.id;
    visitor.lastTurnMs = nowMs();
    this.#tell(npc, visitor, text, true);
    onAsk(speakerId, npc.id);
    npcs.get(npc.id)?.turns.ask(question);
    return npc.id;
  }

  /** Tells everybody what a visitor says to an NPC. */
  #tell({ id }: NpcState, { client }: Visitor, text: string, final: boolean): void {
    this.#options.broadcast(MessageName.transcript, { npc: id, speakerId: client.sessionId, text, final });
  }

  /** Whether the visitor has not left: an engine may still be busy with what they said. */
  #isHere({ client }: Visitor): boolean {
    return this.#visitors.get(client.sessionId) !== undefined;
  }

  /** Shows something of a visitor, where the host's schema has a field for it. */
  #show(sessionId: string, change: (player: PlayerLike) => void): void {
    const player = this.#options.players()?.get(sessionId);
    if (player && 'speaking' in player && 'caption' in player) change(player);
  }

  #fail(visitor: Visitor, error: unknown): void {
    const code = error instanceof ParleyError ? error.code : 'listening-failed';
    this.#options.notice(
      visitor.client.sessionId,
      code,
      error instanceof Error ? error.message : String(error),
    );
  }
}

/** What tells whom spoken words are for, beside the words. */
function cluesOf({ addressedNpc, hearingNpc }: Visitor): Clues {
  return { npc: addressedNpc, fallback: hearingNpc ?? undefined };
}
