import { MessageName, ParleyError } from '@parley/sdk';
import type { Engines } from '../engines/contracts.ts';
import { type Addressee, type Bystander, findAddressee } from '../turn/addressee.ts';
import { isBackchannel, isHum, isWordless } from '../turn/backchannel.ts';
import { EchoGate } from '../turn/echo-gate.ts';
import type { EndpointingOptions } from '../turn/endpointing.ts';
import { HumMoment } from '../turn/hum-moment.ts';
import type { HeardTurn } from '../turn/listener.ts';
import type { NpcTurns, Question } from '../turn/npc-turns.ts';
import { PlayedVoices } from '../turn/played-voices.ts';
import { sameVoice } from '../turn/same-voice.ts';
import { repeatsWords } from '../turn/same-words.ts';
import type { Timeouts } from '../turn/watchdog.ts';
import type { NpcState } from './parley-state.ts';
import type { ClientLike, PlayerLike, PlayersLike } from './room-like.ts';
import { type Listening, Visitor } from './visitor.ts';

/** An NPC as those who speak to it know it. */
export interface HearingNpc {
  readonly state: NpcState;
  readonly turns: NpcTurns;
}

/** What hearing needs of its room. */
export interface HearingOptions {
  readonly engines: Pick<Engines, 'vad' | 'asr'>;
  readonly timeouts: Timeouts;
  readonly endpointing?: EndpointingOptions;
  readonly partialEveryMs?: number;
  /** Distance within which an NPC hears who names nobody, metres. */
  readonly hearingRangeM: number;
  readonly nowMs: () => number;
  readonly npcs: ReadonlyMap<string, HearingNpc>;
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

/** A visitor whose connection is gone is remembered this long, as they may reconnect, ms. */
const REMEMBER_MS = 30_000;
/** Words that merely accompany speech still do so this long after it, ms. */
const TRAILING_MS = 1_000;
/** An NPC that speaks is overheard from this much farther than one that listens. */
const OVERHEARD_SHARE = 2;
/** A speaker's voice at which an NPC that listens first nods, and the time between its nods, ms. */
const FIRST_NOD_MS = 1_200;
const BETWEEN_NODS_MS = 2_400;

/** Whom a visitor's words are for, as far as is known. */
interface Clues {
  readonly npc?: string;
  readonly text?: string;
  /** Where nothing tells, the NPC that has heard the speech so far. */
  readonly fallback?: string;
}

/** The listening half of a room: visitors, their microphones and typed words, and to whom they are put. */
export class Hearing {
  /** What the NPCs play, so that microphones that pick it up are not taken for visitors. */
  readonly played = new PlayedVoices();
  readonly #options: HearingOptions;
  readonly #visitors = new Map<string, Visitor>();
  readonly #forgetting = new Map<string, NodeJS.Timeout>();
  /** Microphones that were open when their connection broke. */
  readonly #interrupted = new Map<string, Listening>();
  readonly #noddedMs = new Map<string, number>();
  #malformed = 0;

  constructor(options: HearingOptions) {
    this.#options = options;
  }

  get visitors(): ReadonlyMap<string, Visitor> {
    return this.#visitors;
  }

  /** Malformed microphone packets so far. */
  get malformed(): number {
    let malformed = this.#malformed;
    for (const visitor of this.#visitors.values()) malformed += visitor.microphone.stats.malformed;
    return malformed;
  }

  /** A client has said hello: after a reconnection the microphone is open again if it was. */
  hello(client: ClientLike): void {
    const visitor = this.#visitor(client);
    const listening = this.#interrupted.get(client.sessionId);
    this.#interrupted.delete(client.sessionId);
    if (listening) visitor.open(listening);
  }

  receive(client: ClientLike, bytes: Uint8Array): void {
    this.#visitor(client).receive(bytes);
  }

  /** Typed words. */
  say(client: ClientLike, npc: string | undefined, text: string): void {
    const visitor = this.#visitor(client);
    const { sessionId } = client;
    this.#ask(visitor, { npc, text }, { speakerId: sessionId, text });
    this.#show(sessionId, (player) => {
      player.caption = text;
    });
  }

  /** Opens a microphone, or closes it and takes what was said for a turn. */
  listen(client: ClientLike, on: boolean, listening: Listening): void {
    const visitor = this.#visitor(client);
    if (!on) this.#closeMicrophone(visitor);
    else if (visitor.open(listening)) this.#heardNothing(visitor);
  }

  /** The client says whom its visitor attends to: a hint beside gaze and distance. */
  attend(client: ClientLike, npc: string | undefined): void {
    this.#visitor(client).attendedNpc = npc;
  }

  /** A visitor has left for good. */
  leave(sessionId: string): void {
    clearTimeout(this.#forgetting.get(sessionId));
    this.#forgetting.delete(sessionId);
    this.#interrupted.delete(sessionId);
    this.#options.onLeave(sessionId);
    const visitor = this.#visitors.get(sessionId);
    if (!visitor) return;
    this.#malformed += visitor.microphone.stats.malformed;
    visitor.mute();
    this.#visitors.delete(sessionId);
    this.#options.onAbsent(sessionId);
    for (const { turns } of this.#options.npcs.values()) turns.leave(sessionId);
  }

  dispose(): void {
    for (const timer of this.#forgetting.values()) clearTimeout(timer);
    for (const visitor of this.#visitors.values()) visitor.mute();
    this.#visitors.clear();
  }

  /** The visitor behind a client; made at their first message, bound anew after a reconnection. */
  #visitor(client: ClientLike): Visitor {
    const { sessionId } = client;
    const known = this.#visitors.get(sessionId);
    if (known?.connection === client.ref) return known;
    const visitor = known ?? this.#newVisitor(client);
    visitor.client = client;
    this.#visitors.set(sessionId, visitor);
    clearTimeout(this.#forgetting.get(sessionId));
    this.#forgetting.delete(sessionId);
    const { ref } = client;
    visitor.connection = ref;
    ref.once('close', () => {
      if (visitor.connection !== ref || !this.#visitors.has(sessionId)) return;
      const { listening } = visitor;
      if (listening) this.#interrupted.set(sessionId, listening);
      this.#closeMicrophone(visitor);
      this.#options.onAbsent(sessionId);
      const timer = setTimeout(() => this.leave(sessionId), REMEMBER_MS);
      timer.unref();
      this.#forgetting.set(sessionId, timer);
    });
    return visitor;
  }

  #newVisitor(client: ClientLike): Visitor {
    const { engines, endpointing, timeouts, partialEveryMs, nowMs, npcs } = this.#options;
    const { sessionId } = client;
    const moment = new HumMoment({
      endpointing,
      nowMs,
      onMoment: (text, withinMs) => this.#hum(sessionId, text, withinMs),
    });
    const visitor: Visitor = new Visitor(client, {
      vad: engines.vad,
      asr: engines.asr,
      timeouts,
      endpointing,
      partialEveryMs,
      echo: new EchoGate(this.played),
      overhears: () => this.#overhears(sessionId),
      repeats: (text) => this.#isEcho(text),
      nowMs,
      events: {
        onSpeechStart: () => this.#speechStart(sessionId),
        onInterruption: (event) => {
          for (const { turns } of npcs.values()) turns.interrupt(sessionId, event);
        },
        onPartial: (text) => {
          moment.words(text);
          this.#partial(sessionId, text);
        },
        onPause: (spokenMs) => {
          moment.pause(spokenMs);
          this.#nod(sessionId, spokenMs);
        },
        onLikelyTurn: (text) => this.#anticipate(sessionId, text),
        onResume: () => {
          moment.over();
          for (const { turns } of npcs.values()) turns.abandon(sessionId);
        },
        onTurn: (turn) => {
          moment.over();
          this.#heard(sessionId, turn);
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

  #speechStart(sessionId: string): void {
    const visitor = this.#visitors.get(sessionId);
    if (!visitor) return;
    this.#show(sessionId, (player) => {
      player.speaking = true;
    });
    const npc = this.#addressee(visitor, { npc: visitor.addressedNpc });
    visitor.hearingNpc = npc?.id ?? null;
    if (npc) this.#options.npcs.get(npc.id)?.turns.hearStart(sessionId);
  }

  #partial(sessionId: string, text: string): void {
    const visitor = this.#visitors.get(sessionId);
    if (!visitor || text === visitor.partialText || isBackchannel(text)) return;
    const npc = this.#addressee(visitor, {
      npc: visitor.addressedNpc,
      text,
      fallback: visitor.hearingNpc ?? undefined,
    });
    if (!npc || this.#isEcho(text)) return;
    visitor.partialText = text;
    this.#options.broadcast(MessageName.transcript, {
      npc: npc.id,
      speakerId: sessionId,
      text,
      final: false,
    });
  }

  #anticipate(sessionId: string, text: string): void {
    const visitor = this.#visitors.get(sessionId);
    if (!visitor) return;
    const npc = this.#addressee(visitor, {
      npc: visitor.addressedNpc,
      text,
      fallback: visitor.hearingNpc ?? undefined,
    });
    if (npc) this.#options.npcs.get(npc.id)?.turns.anticipate({ speakerId: sessionId, text });
  }

  /** A visitor's turn is over. @param turn Null where nothing was understood. */
  #heard(sessionId: string, turn: HeardTurn | null): void {
    const visitor = this.#visitors.get(sessionId);
    if (!visitor) return;
    if (!turn) this.#heardUnclear(visitor);
    else if (this.#isAnothersVoice(visitor, turn)) this.#heardNothing(visitor);
    else if (!this.#isAside(visitor, turn)) this.#heardWords(visitor, turn);
    else if (isWordless(turn.text)) this.#heardUnclear(visitor);
    else this.#heardNothing(visitor);
  }

  #heardWords(visitor: Visitor, turn: HeardTurn): void {
    const { sessionId } = visitor.client;
    const { text } = turn;
    const hearing = this.#endSpeech(visitor);
    this.#show(sessionId, (player) => {
      player.caption = text;
    });
    const clues = { npc: visitor.addressedNpc, text, fallback: hearing?.state.id };
    const asked = this.#ask(visitor, clues, { speakerId: sessionId, text, heard: turn });
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
    if (this.#forgetting.has(sessionId)) this.#heardNothing(visitor);
    else this.#endSpeech(visitor)?.turns.hearUnclear(sessionId);
  }

  /** What asks for nothing: "mm-hm", "yeah" while or just after an NPC speaks, or what the loudspeaker said. */
  #isAside(visitor: Visitor, { text, overSpeech, voiceEndMs }: HeardTurn): boolean {
    const { sessionId } = visitor.client;
    if (isBackchannel(text)) {
      const sinceMs = this.#options.nowMs() - voiceEndMs;
      for (const { turns } of this.#options.npcs.values()) {
        if (turns.awaits(sessionId) && !turns.isSpeaking()) return false;
        if (overSpeech || turns.isSpeaking(TRAILING_MS + sinceMs)) return true;
      }
      if (isHum(text)) return true;
    }
    return overSpeech && this.#isEcho(text);
  }

  /** Whether another visitor's microphone hears the same voice, louder: it is theirs. */
  #isAnothersVoice(visitor: Visitor, { voiceEndSample }: HeardTurn): boolean {
    const { voice } = visitor;
    if (!voice) return false;
    for (const other of this.#visitors.values())
      if (
        other !== visitor &&
        other.voice &&
        sameVoice(voice, other.voice, voice.roomMs(voiceEndSample)) === 'second'
      )
        return true;
    return false;
  }

  #isEcho(text: string): boolean {
    for (const { turns } of this.#options.npcs.values())
      if (turns.isSpeaking(2 * TRAILING_MS) && repeatsWords(text, turns.lastWords)) return true;
    return false;
  }

  /** Whether an NPC speaks that the visitor hears. */
  #overhears(sessionId: string): boolean {
    const place = this.#placeOf(sessionId);
    for (const { state, turns } of this.#options.npcs.values()) {
      if (!turns.isSpeaking()) continue;
      if (state.speakerId === sessionId || !place) return true;
      const distanceM = Math.hypot(state.x - place.x, state.y - place.y, state.z - place.z);
      if (distanceM <= OVERHEARD_SHARE * this.#options.hearingRangeM) return true;
    }
    return false;
  }

  /** A pause of the speaker is where a listener nods. */
  #nod(sessionId: string, spokenMs: number): void {
    const hearing = this.#visitors.get(sessionId)?.hearingNpc;
    const state = hearing ? this.#options.npcs.get(hearing)?.state : undefined;
    if (state?.status !== 'listening' || spokenMs < FIRST_NOD_MS) return;
    const now = this.#options.nowMs();
    if (now - (this.#noddedMs.get(state.id) ?? Number.NEGATIVE_INFINITY) < BETWEEN_NODS_MS) return;
    this.#noddedMs.set(state.id, now);
    state.nods = (state.nods + 1) & 0xffff;
  }

  /** Whom the visitor speaks to hums, where no voice is heard that it would hum into. */
  #hum(sessionId: string, text: string, withinMs: number): void {
    const visitor = this.#visitors.get(sessionId);
    const hearing = visitor?.hearingNpc;
    if (!visitor || !hearing || this.#overhears(sessionId)) return;
    for (const other of this.#visitors.values())
      if (other !== visitor && this.#speaksNear(other, sessionId)) return;
    const npc = this.#addressee(visitor, { npc: visitor.addressedNpc, text, fallback: hearing });
    if (npc?.id !== hearing) return;
    // Where a key is held a pause ends nothing.
    const endsByItself = visitor.listening?.mode !== 'push';
    this.#options.npcs.get(hearing)?.turns.hum(sessionId, endsByItself ? withinMs : Number.POSITIVE_INFINITY);
  }

  /** Whether a visitor speaks who is heard where another one is. */
  #speaksNear({ client, hearingNpc }: Visitor, sessionId: string): boolean {
    const speaks = hearingNpc !== null || this.#options.players()?.get(client.sessionId)?.speaking === true;
    const [here, there] = [this.#placeOf(sessionId), this.#placeOf(client.sessionId)];
    const apartM = here && there ? Math.hypot(here.x - there.x, here.y - there.y, here.z - there.z) : 0;
    return speaks && apartM <= OVERHEARD_SHARE * this.#options.hearingRangeM;
  }

  /** @returns The NPC that has heard it. */
  #endSpeech(visitor: Visitor): HearingNpc | undefined {
    const hearing = this.#options.npcs.get(visitor.hearingNpc ?? '');
    visitor.hearingNpc = null;
    visitor.partialText = '';
    this.#show(visitor.client.sessionId, (player) => {
      player.speaking = false;
    });
    return hearing;
  }

  /** Puts a question to whom it is meant for. @returns Their id. */
  #ask(visitor: Visitor, clues: Clues & { readonly text: string }, question: Question): string | null {
    const { sessionId } = visitor.client;
    const { text } = clues;
    const addressee = this.#find(visitor, clues);
    if (addressee.kind === 'people') {
      visitor.talkedToPeopleMs = this.#options.nowMs();
      return null;
    }
    const npc =
      addressee.kind === 'npc' ? addressee.npc : this.#options.npcs.get(clues.fallback ?? '')?.state;
    if (!npc) {
      this.#options.notice(
        sessionId,
        'nobody-near',
        'Nobody is near enough to hear you. Walk up to somebody.',
      );
      return null;
    }
    visitor.lastNpc = npc.id;
    visitor.lastTurnMs = this.#options.nowMs();
    this.#options.broadcast(MessageName.transcript, { npc: npc.id, speakerId: sessionId, text, final: true });
    this.#options.onAsk(sessionId, npc.id);
    this.#options.npcs.get(npc.id)?.turns.ask(question);
    return npc.id;
  }

  /** The NPC that is meant; where nothing tells, the one that has heard the speech so far. */
  #addressee(visitor: Visitor, clues: Clues): NpcState | null {
    const addressee = this.#find(visitor, clues);
    if (addressee.kind === 'npc') return addressee.npc;
    if (addressee.kind === 'people') return null;
    return this.#options.npcs.get(clues.fallback ?? '')?.state ?? null;
  }

  #find(visitor: Visitor, clues: Clues): Addressee<NpcState> {
    const { npcs, nowMs, hearingRangeM } = this.#options;
    const { sessionId } = visitor.client;
    const { lastNpc } = visitor;
    return findAddressee(
      [...npcs.values()].map(({ state }) => state),
      {
        explicit: clues.npc,
        text: clues.text,
        place: this.#placeOf(sessionId),
        yaw: this.#options.players()?.get(sessionId)?.yaw,
        attended: visitor.attendedNpc,
        last: lastNpc,
        lastAgoMs: nowMs() - visitor.lastTurnMs,
        awaited: lastNpc !== undefined && npcs.get(lastNpc)?.turns.awaits(sessionId),
        bystanders: this.#bystanders(sessionId),
        rangeM: hearingRangeM,
      },
    );
  }

  #bystanders(sessionId: string): Bystander[] {
    const others: Bystander[] = [];
    this.#options.players()?.forEach?.((player, id) => {
      const place = placeOf(player);
      if (id === sessionId || !place) return;
      const talked = this.#visitors.get(id)?.talkedToPeopleMs ?? Number.NEGATIVE_INFINITY;
      others.push({
        ...place,
        name: player.name ?? '',
        talkedToPeopleAgoMs: this.#options.nowMs() - talked,
      });
    });
    return others;
  }

  #placeOf(sessionId: string) {
    return placeOf(this.#options.players()?.get(sessionId));
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

/** A visitor's place, where the host's schema has one. */
export function placeOf(player: PlayerLike | undefined) {
  const { x, y, z } = player ?? {};
  return x === undefined || z === undefined ? undefined : { x, y: y ?? 0, z };
}
