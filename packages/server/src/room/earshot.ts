import type { Place } from '../turn/addressee.ts';
import { isBackchannel, isHum } from '../turn/backchannel.ts';
import type { HeardTurn } from '../turn/listener.ts';
import { sameVoice } from '../turn/same-voice.ts';
import { repeatsWords } from '../turn/same-words.ts';
import { placeOf } from './room-like.ts';
import type { Surroundings } from './surroundings.ts';
import type { Visitor } from './visitor.ts';

/** Words that merely accompany speech still do so this long after it, ms. */
const TRAILING_MS = 1_000;
/** Whoever speaks is heard by others from this much farther than by an NPC that is spoken to. */
const OVERHEARD_SHARE = 2;

/** Who hears whom, and so whose a voice in a microphone is: a visitor's own, another's, or that of an NPC. */
export class Earshot {
  readonly #options: Surroundings;

  constructor(options: Surroundings) {
    this.#options = options;
  }

  /** Whether an NPC speaks that the visitor hears. */
  hearsNpc(sessionId: string): boolean {
    const { npcs, players } = this.#options;
    const place = placeOf(players()?.get(sessionId));
    for (const { state, turns } of npcs.values())
      if (turns.isSpeaking() && (state.speakerId === sessionId || this.#isNear(place, state))) return true;
    return false;
  }

  /** Whether another visitor speaks whom the visitor hears. */
  hearsVisitor(sessionId: string): boolean {
    const { visitors, players } = this.#options;
    const place = placeOf(players()?.get(sessionId));
    for (const { client, hearingNpc } of visitors) {
      const player = players()?.get(client.sessionId);
      const speaks = hearingNpc !== null || player?.speaking === true;
      if (client.sessionId !== sessionId && speaks && this.#isNear(place, placeOf(player))) return true;
    }
    return false;
  }

  /** Whether words are what an NPC says or has just said, so that a microphone has it from a loudspeaker. */
  isEcho(text: string): boolean {
    for (const { turns } of this.#options.npcs.values())
      if (turns.isSpeaking(2 * TRAILING_MS) && repeatsWords(text, turns.lastWords)) return true;
    return false;
  }

  /** Whether a turn asks for nothing: "mm-hm", "yeah" while or just after an NPC speaks, or what the loudspeaker said. */
  isAside(visitor: Visitor, { text, overSpeech, voiceEndMs }: HeardTurn): boolean {
    const { sessionId } = visitor.client;
    if (isBackchannel(text)) {
      const sinceMs = this.#options.nowMs() - voiceEndMs;
      for (const { turns } of this.#options.npcs.values()) {
        if (turns.awaits(sessionId) && !turns.isSpeaking()) return false;
        if (overSpeech || turns.isSpeaking(TRAILING_MS + sinceMs)) return true;
      }
      if (isHum(text)) return true;
    }
    return overSpeech && this.isEcho(text);
  }

  /** Whether another visitor's microphone hears the same voice, louder: it is theirs. */
  isAnothersVoice(visitor: Visitor, { voiceEndSample }: HeardTurn): boolean {
    const { voice } = visitor;
    if (!voice) return false;
    const endMs = voice.roomMs(voiceEndSample);
    for (const other of this.#options.visitors)
      if (other !== visitor && other.voice && sameVoice(voice, other.voice, endMs) === 'second') return true;
    return false;
  }

  /** Where places are not known, everybody hears everybody. */
  #isNear(here: Place | undefined, there: Place | undefined): boolean {
    if (!here || !there) return true;
    const apartM = Math.hypot(here.x - there.x, here.y - there.y, here.z - there.z);
    return apartM <= OVERHEARD_SHARE * this.#options.hearingRangeM;
  }
}
