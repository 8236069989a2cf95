export {
  ANIMATION_FORMATS,
  type AnimateOptions,
  type AnimateProgress,
  type AnimateReport,
  type AnimationFormat,
  animate,
} from './animate/animate.ts';
export { type FaceEngine, type FaceEngineOptions, loadFaceEngine } from './animate/face-engine.ts';
export { readAudio } from './audio/read-audio.ts';
export { streamAudio } from './audio/stream-audio.ts';
export { writeWav } from './audio/write-wav.ts';
export * from './engines/index.ts';
export { Knowledge } from './knowledge/knowledge.ts';
export { DOCUMENT_EXTENSIONS, type KnowledgeDocument, readDocument } from './knowledge/read-document.ts';
export { bounded, type MemoryStore, type VisitorMemory } from './memory/memory-store.ts';
export { type MemoryOptions, NpcMemory } from './memory/npc-memory.ts';
export { openLazily, openMemory } from './memory/open-memory.ts';
export { loadPersona } from './persona/load-persona.ts';
export { loadPersonas } from './persona/load-personas.ts';
export { Mind, type MindOptions, type MindPart, type Thought } from './persona/mind.ts';
export type { ModerationRequest, ModerationVerdict, Moderator } from './persona/moderate.ts';
export { type Persona, personaSchema } from './persona/persona.ts';
export { readPersona } from './persona/read-persona.ts';
export { type PersonaWatchEvents, watchPersonas } from './persona/watch-personas.ts';
export {
  type AttachParleyOptions,
  attachParley,
  type ParleyHandle,
  type ParleyStats,
} from './room/attach-parley.ts';
export {
  createParleyRoom,
  ParleyRoom,
  type ParleyRoomOptions,
  SPAWN_DEFAULT,
  type Spawn,
} from './room/parley-room.ts';
export { NpcState, type NpcStatus, ParleyRoomState, ParleyState, PlayerState } from './room/parley-state.ts';
export type { ClientLike, PlayerLike, PlayersLike, RoomLike } from './room/room-like.ts';
export { ROOM_NAME, type ServeOptions, type Serving, serve } from './room/serve.ts';
export { type TalkLatencies, type TalkOptions, type TalkReport, talk } from './talk/talk.ts';
export { type ActionEvent, Actor, type ActorOptions } from './tools/actor.ts';
export { matchIntent } from './tools/match-intent.ts';
export { defineTool, type Tool, type ToolContext, type ToolResult } from './tools/tool.ts';
export { ENDPOINTING_DEFAULTS, type EndpointingOptions } from './turn/endpointing.ts';
export type { TurnReport } from './turn/npc-turns.ts';
export type { TurnTimings } from './turn/turn-timings.ts';
export { EngineError, TIMEOUT_DEFAULTS, type Timeouts } from './turn/watchdog.ts';
