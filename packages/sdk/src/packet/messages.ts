import type { Emotion } from '../model/emotion.ts';

/** Names of the JSON messages (Colyseus string types). */
export const MessageName = {
  hello: 'parley:hello',
  say: 'parley:say',
  listen: 'parley:listen',
  attend: 'parley:attend',
  clock: 'parley:clock',
  forget: 'parley:forget',
  utterance: 'parley:utterance',
  duck: 'parley:duck',
  stop: 'parley:stop',
  transcript: 'parley:transcript',
  notice: 'parley:notice',
  action: 'parley:action',
  call: 'parley:call',
  result: 'parley:result',
} as const;

/** Client to server, once its message handlers are in place: asks for the running utterances. */
export interface HelloMessage {
  /** {@link PROTOCOL_VERSION} of the client. */
  readonly version: number;
}

/** Client to server: typed words to an NPC. */
export interface SayMessage {
  /** NPC id; without it the room chooses whom the visitor addresses. */
  readonly npc?: string;
  /** 1 to 2000 characters. */
  readonly text: string;
}

/** Client to server: opens or closes the microphone (push-to-talk sends it at press and release). */
export interface ListenMessage {
  /** NPC id; without it the room chooses whom the visitor addresses. */
  readonly npc?: string;
  readonly on: boolean;
  /** `open` (the default): a turn ends when the visitor pauses; `push`: when the microphone is closed. */
  readonly mode?: 'open' | 'push';
}

/** Client to server: whom the visitor attends to, a hint beside their gaze and distance. */
export interface AttendMessage {
  /** NPC id; without it nobody in particular. */
  readonly npc?: string;
}

/** The room's answer to the request `parley:forget`: what NPCs remember of the visitor is deleted. */
export interface ForgetReply {
  /** How many NPCs had something to forget. */
  readonly forgotten: number;
}

/** Client to server, as a request. */
export interface ClockRequest {
  /** The client's own time in ms; comes back unchanged. */
  readonly t0: number;
}

/** The room's answer to {@link ClockRequest}. */
export interface ClockReply {
  readonly t0: number;
  /** Room clock in ms when the request was handled. */
  readonly serverMs: number;
}

/** Server to client, before an utterance's first packet: how to read, decode and time its packets. */
export interface UtteranceMessage {
  /** NPC id. */
  readonly npc: string;
  /** Utterance id, unique in the room. */
  readonly utterance: number;
  /** What is said, as far as it is known. */
  readonly text?: string;
  /** Always 24 000 in version 1. */
  readonly rateHz: number;
  /** Encoding of the audio frames. */
  readonly codec: 'opus' | 'pcm16';
  /** Room clock in ms at which sample 0 plays. */
  readonly startMs: number;
  /** Face frames a second. */
  readonly fps: number;
  /** Heads of a code frame. */
  readonly heads: number;
  /** Classes of a head. */
  readonly classes: number;
  /** Session id of the visitor who is answered, if any. */
  readonly speakerId?: string;
  /** Where the time went until the first block was sent. */
  readonly timings?: TurnTimings;
  /** A hum while somebody else speaks: it answers nobody. */
  readonly backchannel?: boolean;
}

/** Where the time of a turn went, stage by stage, in ms. Typed turns have no endpointing and no recognition. */
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
  /** End of the voice, or arrival of the typed words, until the first block was sent. */
  readonly totalMs: number;
}

/** Server to client: somebody may be interrupting; the utterance goes on, but at this loudness. */
export interface DuckMessage {
  /** NPC id. */
  readonly npc: string;
  readonly utterance: number;
  /** Share of the voice's own loudness, 0 to 1; reached within some 80 ms. 1 when it was nothing. */
  readonly gain: number;
}

/** Server to client: the utterance ends early (barge-in). */
export interface StopMessage {
  /** NPC id. */
  readonly npc: string;
  readonly utterance: number;
  /** The voice fades out over the 80 ms before this sample, and nothing plays after it. */
  readonly endSample: number;
}

/** Server to client: what was said, by a visitor or an NPC. */
export interface TranscriptMessage {
  /** NPC id: who speaks, or who is spoken to. */
  readonly npc: string;
  /** Session id of the visitor who spoke, or `''` where the NPC spoke. */
  readonly speakerId: string;
  readonly text: string;
  /** False while the text may still change. */
  readonly final: boolean;
  /** Utterance id, where the NPC spoke. */
  readonly utterance?: number;
  /** How the NPC felt as it spoke, where anything showed. */
  readonly emotion?: Emotion;
}

/** Server to client: an NPC does something, told once when it begins and once when it is over. */
export interface ActionMessage {
  /** The same for the beginning and the end of one action. */
  readonly id: number;
  /** NPC id. */
  readonly npc: string;
  /** Session id of the visitor who asked for it. */
  readonly speakerId: string;
  /** `walk-to`, `point-at`, `open`, `give`, `follow`, or a tool of the host's or of a tool server. */
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly status: 'started' | 'done' | 'failed';
  /** What came of it, for people who read along: "gives star map". */
  readonly text?: string;
}

/** Server to one client: calls a function of its page. */
export interface CallMessage {
  readonly id: number;
  /** NPC id. */
  readonly npc: string;
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** Client to server: what came of a {@link CallMessage}. */
export interface ResultMessage {
  readonly id: number;
  readonly ok: boolean;
  /** For the NPC, at most 2000 characters. */
  readonly text: string;
}

/** Server to client: something a visitor should know. */
export interface NoticeMessage {
  /** Stable identifier, for instance `busy`, `not-understood`, `engine-failed`. */
  readonly code: string;
  /** One sentence for people. */
  readonly message: string;
  /** NPC id, where the notice is about one. */
  readonly npc?: string;
}
