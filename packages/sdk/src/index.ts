export { type NpcStatus, type NpcView, readNpcs } from './client/npc-view.ts';
export {
  type ClientFunction,
  PARLEY_CLIENT_DEFAULTS,
  ParleyClient,
  type ParleyClientEvents,
  type ParleyClientOptions,
} from './client/parley-client.ts';
export {
  readNoticeMessage,
  readStopMessage,
  readTranscriptMessage,
  readUtteranceMessage,
} from './client/read-messages.ts';
export type { RoomLike, RoomSignal } from './client/room-like.ts';
export { monotonicMs } from './clock/monotonic-ms.ts';
export {
  type ClockRequester,
  ROOM_CLOCK_DEFAULTS,
  RoomClock,
  type RoomClockOptions,
} from './clock/room-clock.ts';
export { batchDecodes, type DecodeRun, MAX_DECODE_BATCH } from './decoder/batch-decodes.ts';
export {
  createFaceDecoder,
  type OrtModule,
  type OrtSession,
  type OrtTensor,
} from './decoder/create-face-decoder.ts';
export type { FaceDecoder } from './decoder/face-decoder.ts';
export { ParleyError, type ParleyErrorCode } from './errors.ts';
export { controlIndex, type RotationIndices, rotationIndices } from './head/control-indices.ts';
export { type FaceBoneName, faceBoneName } from './head/face-bone-name.ts';
export { type FitSimilarityOptions, fitSimilarity } from './head/fit-similarity.ts';
export { type FittedFields, fitTemplate } from './head/fit-template.ts';
export { headQuaternion } from './head/head-quaternion.ts';
export { linearizeFields, type SparseField } from './head/linearize-fields.ts';
export { type ObjSurface, readObj } from './head/read-obj.ts';
export { applySimilarity, invertSimilarity, type Similarity } from './head/similarity.ts';
export {
  createTemplateFace,
  edgeKey,
  hasTemplateTopology,
  type TemplateFace,
  uniqueEdges,
} from './head/template-face.ts';
export { type FittedTurn, templateTurn } from './head/template-turn.ts';
export { addTriangleNormal, vertexNormals } from './head/vertex-normals.ts';
export {
  type AudioSink,
  JITTER_BUFFER_DEFAULTS,
  JitterBuffer,
  type JitterBufferOptions,
  type JitterStats,
} from './jitter/jitter-buffer.ts';
export { checkExportFile } from './model/check-export-file.ts';
export { checkEmotion, type Emotion, OCC_EMOTIONS, type OccEmotion, parseEmotion } from './model/emotion.ts';
export {
  ENCODER_SIZES,
  type EncoderSize,
  type FaceManifest,
  MANIFEST_VERSION,
  type ManifestArticulator,
  type ManifestContext,
  type ManifestControl,
  type ManifestEncoder,
  type ManifestFile,
  OPTIONAL_EXPORT_FILES,
  REQUIRED_EXPORT_FILES,
} from './model/face-manifest.ts';
export { PHONE_SYMBOLS, type PhoneSymbol } from './model/phone-symbols.ts';
export { readManifest } from './model/read-manifest.ts';
export { sha256 } from './model/sha256.ts';
export { type CodeLayout, codeBits, packedFrameBytes } from './packet/code-layout.ts';
export {
  BLOCK_SAMPLES,
  FRAME_SAMPLES,
  frameSamples,
  MAX_AUDIO_FRAME_BYTES,
  MAX_MICROPHONE_PAYLOAD_BYTES,
  MessageType,
  MICROPHONE_FRAME_SAMPLES,
  MICROPHONE_RATE_HZ,
  OPUS_FRAME_SAMPLES,
  PACKET_VERSION,
  PROTOCOL_VERSION,
  SPEECH_RATE_HZ,
} from './packet/constants.ts';
export {
  type ActionMessage,
  type AttendMessage,
  type CallMessage,
  type ClockReply,
  type ClockRequest,
  type DuckMessage,
  type ForgetReply,
  type HelloMessage,
  type ListenMessage,
  MessageName,
  type NoticeMessage,
  type SayMessage,
  type StopMessage,
  type TranscriptMessage,
  type TurnTimings,
  type UtteranceMessage,
} from './packet/messages.ts';
export {
  type MicrophonePacket,
  readMicrophonePacket,
  writeMicrophonePacket,
} from './packet/microphone-packet.ts';
export { packCodes, unpackCodes } from './packet/pack-codes.ts';
export {
  readSpeechPacket,
  readSpeechPacketAddress,
  type SpeechPacket,
  type SpeechPacketAddress,
  writeSpeechPacket,
} from './packet/speech-packet.ts';
export { interpolateControls } from './rig/interpolate-controls.ts';
export { applyControlMap, type ControlMap, mapControls } from './rig/map-controls.ts';
export { applyBasis, readVertexBasis, type VertexBasis } from './rig/vertex-basis.ts';
export { FACE_TRACK_DEFAULTS, FaceTrack, type FaceTrackOptions, STOP_FADE_MS } from './track/face-track.ts';
export { IdleLoop, loadIdleLoop } from './track/idle-loop.ts';
