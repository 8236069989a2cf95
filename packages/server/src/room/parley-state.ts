import { type SchemaType, schema, t } from '@colyseus/schema';

/** What an NPC is doing: waiting, hearing somebody, working out an answer, or saying it. */
export type NpcStatus = 'idle' | 'listening' | 'thinking' | 'speaking';

/** One NPC, as every client sees it. Slow things only: speech and face travel in packets. */
export const NpcState = schema(
  {
    /** The persona's id, also its key in `ParleyState.npcs`. */
    id: t.string(),
    /** Number that names the NPC in speech packets. */
    index: t.uint16(),
    name: t.string(),
    /** Role in a few words, for a name plate. */
    title: t.string(),
    /** Which head the client should load: a name or a URL. */
    head: t.string(),
    /** Place in the world, metres, right of the origin / up / towards the viewer as the world defines it. */
    x: t.float32(),
    y: t.float32(),
    z: t.float32(),
    /** Heading in radians. */
    yaw: t.float32(),
    /** A {@link NpcStatus}. */
    status: t.string().default('idle'),
    /** Whether it walks or turns: its heading is the room's then. A body that stands is turned to its partner by each client. */
    walking: t.boolean().default(false),
    /** Whether it points, at the place in the world whose metres follow. */
    pointing: t.boolean().default(false),
    aimX: t.float32().default(0),
    aimY: t.float32().default(0),
    aimZ: t.float32().default(0),
    /** How it feels about what it says, `joy:0.6`; '' when it feels nothing, or is silent. */
    emotion: t.string().default(''),
    /** Session id of the player it looks at, or ''. */
    lookAt: t.string(),
    /** Counts its nods while it listens; clients nod the head at each change. */
    nods: t.uint16().default(0),
    /** What it is saying, up to the clause that is being heard now. */
    caption: t.string(),
    /** Session id of the player whose turn it answers, or ''. */
    speakerId: t.string(),
    /** Id of the running utterance, a hum or what it says; 0 while it is silent. */
    utterance: t.uint32(),
  },
  'NpcState',
);
export type NpcState = SchemaType<typeof NpcState>;

/** Everything Parley keeps in a room's state. A room of your own holds it as `parley: t.ref(ParleyState)`. */
export const ParleyState = schema(
  {
    npcs: t.map(NpcState),
    /** What NPCs have opened, by the names that their personas have for it. */
    opened: t.array('string'),
  },
  'ParleyState',
);
export type ParleyState = SchemaType<typeof ParleyState>;

/** A visitor of the ready-made room. */
export const PlayerState = schema(
  {
    name: t.string(),
    /** Place in metres and heading in radians. */
    x: t.float32(),
    y: t.float32(),
    z: t.float32(),
    yaw: t.float32(),
    /** Whether voice is heard from this player's microphone right now. */
    speaking: t.boolean(),
    /** What the player said last, as transcribed or typed. */
    caption: t.string(),
  },
  'PlayerState',
);
export type PlayerState = SchemaType<typeof PlayerState>;

/** State of the ready-made {@link ParleyRoom}. */
export const ParleyRoomState = schema(
  { parley: t.ref(ParleyState), players: t.map(PlayerState) },
  'ParleyRoomState',
);
export type ParleyRoomState = SchemaType<typeof ParleyRoomState>;
