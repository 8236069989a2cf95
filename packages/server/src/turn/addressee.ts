/** A place in the world, metres. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** An NPC that may be meant. */
export interface Addressable extends Place {
  readonly id: string;
  readonly name: string;
}

/** Another visitor, who may be meant as well. */
export interface Bystander extends Place {
  readonly name: string;
  /** Time since their last words that were for people rather than for an NPC, ms; `Infinity` for never. */
  readonly talkedToPeopleAgoMs: number;
}

/** What is known of whom a visitor speaks to. */
export interface AddresseeClues {
  /** The NPC that the visitor chose. */
  readonly explicit?: string;
  /** The words, once they are known. */
  readonly text?: string;
  /** Where the visitor stands, if the room knows. */
  readonly place?: Place;
  /** Where the visitor looks, radians from +z towards +x, if the room knows. */
  readonly yaw?: number;
  /** The NPC that the visitor's client says they attend to. */
  readonly attended?: string;
  /** The NPC of the visitor's last turn. */
  readonly last?: string;
  /** Time since the visitor's last turn with it, or its last word to them, ms. Default `Infinity`. */
  readonly lastAgoMs?: number;
  /** Whether that NPC asked the visitor something and waits for the answer. */
  readonly awaited?: boolean;
  /** The other visitors. */
  readonly bystanders?: readonly Bystander[];
  /** Distance within which an NPC hears, metres. */
  readonly rangeM: number;
}

/** Whom words are for: an NPC, other people, or nobody, as nobody is near. */
export type Addressee<N> =
  | { readonly kind: 'npc'; readonly npc: N }
  | { readonly kind: 'people' }
  | { readonly kind: 'nobody' };

/** Two visitors who stand this near to each other can be talking, metres. */
const TALKING_M = 4;
/** A thread of talk holds this long, ms. */
const THREAD_MS = 30_000;
/** Words between people within this time make further ones likely, ms. */
const PEOPLE_THREAD_MS = 12_000;
/** Half of the angle in which somebody counts as faced, radians: 25°. */
const FACED = 0.44;

/** Weights of the clues; each adds at most this much. */
const WEIGHTS = { distance: 1, gaze: 1.6, attended: 1.5, thread: 0.7, awaited: 0.8 } as const;

/**
 * Whom a visitor speaks to: the NPC they chose; else whom they call by name; else whoever the distance, their gaze and the
 * thread of talk speak for most. Words that are called out to another visitor, or said while facing one, are for people.
 */
export function findAddressee<N extends Addressable>(
  npcs: readonly N[],
  clues: AddresseeClues,
): Addressee<N> {
  const explicit = npcs.find((npc) => npc.id === clues.explicit);
  if (explicit) return { kind: 'npc', npc: explicit };
  const { text = '', bystanders = [], place } = clues;
  const called = npcs.filter((npc) => isCalled(text, npc.name));
  if (called.length > 0) return { kind: 'npc', npc: nearest(called, place) };
  if (bystanders.some(({ name }) => isCalled(text, name))) return { kind: 'people' };
  const mentioned = npcs.filter((npc) => isMentioned(text, npc.name));

  if (!place) {
    const npc =
      npcs.find(({ id }) => id === clues.attended) ??
      (mentioned.length === 1 && bystanders.length === 0 ? mentioned[0] : undefined) ??
      npcs.find(({ id }) => id === clues.last) ??
      (npcs.length === 1 ? npcs[0] : undefined);
    return npc ? { kind: 'npc', npc } : { kind: 'nobody' };
  }

  const near = npcs.filter((npc) => distance(npc, place) <= clues.rangeM);
  const scored = near
    .map((npc) => ({ npc, score: score(npc, place, clues) }))
    .toSorted((a, b) => b.score - a.score);
  const best = scored[0];
  if (isForPeople(place, clues, best?.npc)) return { kind: 'people' };
  return best ? { kind: 'npc', npc: best.npc } : { kind: 'nobody' };
}

/** The NPC that {@link findAddressee} finds, or null. */
export function chooseAddressee<N extends Addressable>(npcs: readonly N[], clues: AddresseeClues): N | null {
  const addressee = findAddressee(npcs, clues);
  return addressee.kind === 'npc' ? addressee.npc : null;
}

function score(npc: Addressable, place: Place, clues: AddresseeClues): number {
  const { yaw, attended, last, lastAgoMs = Number.POSITIVE_INFINITY, awaited = false, rangeM } = clues;
  let sum = WEIGHTS.distance * (1 - distance(npc, place) / rangeM);
  if (yaw !== undefined) sum += WEIGHTS.gaze * Math.max(0, 1 - angleTo(npc, place, yaw) / 1.2);
  if (npc.id === attended) sum += WEIGHTS.attended;
  if (npc.id === last) {
    sum += WEIGHTS.thread * Math.max(0, 1 - lastAgoMs / THREAD_MS);
    if (awaited) sum += WEIGHTS.awaited;
  }
  return sum;
}

/** Whether the visitor is talking with another one: faces them rather than an NPC, or goes on with their talk. */
function isForPeople(place: Place, clues: AddresseeClues, npc: Addressable | undefined): boolean {
  const { yaw, bystanders = [], last, lastAgoMs = Number.POSITIVE_INFINITY } = clues;
  const close = bystanders.filter((other) => distance(other, place) <= TALKING_M);
  if (yaw === undefined || close.length === 0) return false;
  const facedAngle = Math.min(...close.map((other) => angleTo(other, place, yaw)));
  const npcAngle = npc ? angleTo(npc, place, yaw) : Math.PI;
  const talking = close.some(
    (other) => other.talkedToPeopleAgoMs < PEOPLE_THREAD_MS && angleTo(other, place, yaw) < 2 * FACED,
  );
  const inThread = npc !== undefined && npc.id === last && lastAgoMs < PEOPLE_THREAD_MS;
  if (facedAngle < FACED && facedAngle + 0.15 < npcAngle) return !(inThread && npcAngle < FACED);
  return talking && facedAngle < npcAngle;
}

/** Whether words call somebody: the name at the beginning, perhaps after a greeting, or at the end after a comma. */
function isCalled(text: string, name: string): boolean {
  const first = firstName(name);
  if (first === '') return false;
  const before =
    '(?:(?:hey|hi|hello|good (?:morning|evening|afternoon|night|day)|excuse me|okay|ok|so|and|well|thanks|thank you|sorry|please|dear|no|yes|oh|tell me)[,!.]?\\s+)*';
  const start = new RegExp(`^\\s*${before}${first}(?:[,!?.:;…-]|$|\\s+(?=(?:${QUESTION_WORDS})\\b))`, 'iu');
  const end = new RegExp(`[,;.!?]\\s*(?:my |dear |mister |miss )*${first}\\s*[.!?…]*\\s*$`, 'iu');
  const greeted = new RegExp(
    `^\\s*(?:hey|hi|hello|good (?:morning|evening|afternoon)|thanks|thank you|goodbye|bye)[,!.]?\\s+(?:there,?\\s+)?${first}\\b`,
    'iu',
  );
  return start.test(text) || end.test(text) || greeted.test(text);
}

const QUESTION_WORDS =
  'who|what|when|where|why|how|which|is|are|do|does|did|can|could|will|would|should|may|have|has|tell|show|please|come|go|stop|wait|open|give|I';

function isMentioned(text: string, name: string): boolean {
  const first = firstName(name);
  return first !== '' && new RegExp(`(?<![\\p{L}\\p{N}])${first}(?![\\p{L}\\p{N}])`, 'iu').test(text);
}

/** The first word of a name, safe for a pattern. */
function firstName(name: string): string {
  return /[\p{L}\p{N}]+/u.exec(name)?.[0] ?? '';
}

function nearest<N extends Addressable>(npcs: readonly N[], place: Place | undefined): N {
  if (!place) return npcs[0];
  return npcs.toSorted((a, b) => distance(a, place) - distance(b, place))[0];
}

function distance(a: Place, b: Place): number {
  return Math.hypot(a.x - b.x, a.y - b.y, a.z - b.z);
}

/** Angle between where somebody looks and where something is, 0 to π. */
function angleTo(at: Place, from: Place, yaw: number): number {
  const angle = Math.atan2(at.x - from.x, at.z - from.z) - yaw;
  return Math.abs(angle - 2 * Math.PI * Math.round(angle / (2 * Math.PI)));
}
