export { createTemplateFace, linearizeFields, type SparseField, type TemplateFace } from '@parley/sdk';
export { Microphone, type MicrophoneOptions, type MicrophoneState } from './audio/microphone.ts';
export type { PlayerReport } from './audio/player-worklet.ts';
export type { SceneAudio } from './audio/scene-audio.ts';
export { VOICE_DEFAULTS } from './audio/spatial-voice.ts';
export type { OpusBackend } from './audio/speech-decoder.ts';
export { type HeardSample, SpeechPlayer, type SpeechPlayerOptions } from './audio/speech-player.ts';
export { type AttachBasisOptions, type AttachedBasis, attachBasis } from './basis/attach-basis.ts';
export { CpuBasis } from './basis/cpu-basis.ts';
export { LinearBasisPlugin } from './basis/linear-basis-plugin.ts';
export { gatherMeshBasis, type HeadTurn, type MeshBasis } from './basis/mesh-basis.ts';
export { FACE_LEVELS } from './behavior/face-level.ts';
export { ParleyFaceBehavior, type ParleyFaceBehaviorOptions } from './behavior/parley-face-behavior.ts';
export { type BindHeadOptions, bindHead } from './bind/bind-head.ts';
export type { BindOptions } from './bind/bind-source.ts';
export type { BoundHead } from './bind/bound-head.ts';
export {
  editPoints,
  type FacePoint,
  type FaceQuestion,
  proposeFacePoints,
} from './bind/face-points.ts';
export type { OnBindProgress } from './bind/head-binder.ts';
export type { BindHeadStep } from './bind/messages.ts';
export type { PointsEditor } from './bind/points-editor.ts';
export { UnsureFaceError } from './bind/unsure-face-error.ts';
export type { FaceRig } from './head/face-rig.ts';
export type { Head } from './head/head.ts';
export { type HeadModel, type LoadHeadOptions, loadHead, readHead } from './head/load-head.ts';
export { DEFAULT_EXPORTS_URL } from './model/exports-url.ts';
export {
  type FaceModel,
  type LoadFaceModelOptions,
  loadFaceModel,
} from './model/load-face-model.ts';
export { type JoinParleyOptions, joinParley } from './npc/join-parley.ts';
export type { HeadSource } from './npc/npc-head.ts';
export { type AddNpcOptions, Parley } from './npc/parley.ts';
export { type Locate, ParleyNpc, type ParleyNpcEvents } from './npc/parley-npc.ts';
