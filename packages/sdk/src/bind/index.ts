export {
  BIND_DEFAULTS,
  type BindLimits,
  type BindOptions,
  type BindPoint,
  type BindStep,
  bindHead,
  type HandPoints,
} from './bind-head.ts';
export {
  type FaceCandidate,
  type FaceDoubt,
  type FoundFace,
  LANDMARK_COUNT,
  type Similarity,
  type SurfacePoints,
} from './found-face.ts';
export type { HeadJoint, HeadMesh, HeadMorph, HeadPart, HeadSkin } from './head-mesh.ts';
export {
  type AddedPart,
  addPackedField,
  type BindReport,
  type EyeKind,
  type HeadRig,
  type MouthKind,
  type PackedField,
  type PartRole,
  packField,
  type RigPart,
  type SplitVertices,
  splitPositions,
} from './head-rig.ts';
export { type Registration, type RegistrationInput, registerTemplate } from './register/register-template.ts';
export { RIG_FILE_VERSION, readRigFile, writeRigFile } from './rig-file.ts';
export {
  type BindTemplate,
  type EyeSphere,
  landmarkPositions,
  type MaterialRange,
  type TemplateGroup,
  type TemplateLandmarks,
  type VertexRange,
} from './template/bind-template.ts';
export {
  type BindTemplateFiles,
  type IdentityInfo,
  readBindTemplate,
  type TemplateInfo,
} from './template/read-bind-template.ts';
