export {
  applySimilarity,
  invertSimilarity,
  type Similarity,
} from '../head/similarity.ts';
export {
  BIND_DEFAULTS,
  type BindLimits,
  type BindOptions,
  type BindStep,
  bindHead,
} from './bind-head.ts';
export { faceFromControls, rigFromOwnControls, speaksAlone } from './controls/controls-alone.ts';
export { FACE_BONES, type FaceBone, findFaceBones } from './controls/face-bones.ts';
export {
  findOwnControls,
  type OwnControl,
  type OwnControls,
  type OwnShape,
} from './controls/find-own-controls.ts';
export { keepOwnControls } from './controls/keep-own-controls.ts';
export { VISEMES, type Viseme } from './controls/shape-names.ts';
export { FACE_LIMITS, type FindFaceOptions, findFace } from './find-face.ts';
export {
  type FaceCandidate,
  type FaceDoubt,
  type FoundFace,
  LANDMARK_COUNT,
  type SurfacePoints,
} from './found-face.ts';
export type { HeadExpression, HeadJoint, HeadMesh, HeadMorph, HeadPart, HeadSkin } from './head-mesh.ts';
export {
  type AddedPart,
  addPackedField,
  type BindReport,
  type ControlsReport,
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
export {
  createFaceNets,
  type FaceNetFiles,
  type FaceNets,
  type FaceOrtModule,
  type FaceOrtSession,
} from './landmarks/face-nets.ts';
export { FACE_OVAL, IBUG_68 } from './landmarks/landmark-sets.ts';
export { readTemplateLandmarks, type TemplateLandmarks } from './landmarks/template-landmarks.ts';
export { type Lists, neighboursOfVertices, trianglesOfVertices } from './mesh/adjacency.ts';
export { angleWeightedNormals } from './mesh/angle-weighted-normals.ts';
export { type Bounds, boundsOf } from './mesh/bounds.ts';
export { type Components, connectedComponents } from './mesh/components.ts';
export { type JoinedMesh, joinParts, partOfTriangle } from './mesh/join-parts.ts';
export type { MeshErrorCode } from './mesh/mesh-error.ts';
export type { ReadGltfOptions } from './mesh/read-gltf.ts';
export { type ReadHeadOptions, readHead } from './mesh/read-head.ts';
export { WELD_TOLERANCE, type Weld, weld, weldTriangles } from './mesh/weld.ts';
export {
  BINDING_POINTS,
  type NamedPoint,
  type PlacedPoint,
  type ProposedPoints,
  pointsOnHead,
  proposePoints,
} from './points/binding-points.ts';
export type { BindPoint, HandPoints } from './register/read-landmarks.ts';
export { type Registration, type RegistrationInput, registerTemplate } from './register/register-template.ts';
export { type Camera, project } from './render/camera.ts';
export { type HeadDrawable, headDrawable } from './render/head-drawable.ts';
export { barycentricsAt, createRaster, type Raster, rasterise } from './render/rasterise.ts';
export { type Crop, type Shading, shadeCrop } from './render/shade.ts';
export { type Drawable, renderView, type View } from './render/view.ts';
export { RIG_FILE_VERSION, readRigFile, writeRigFile } from './rig-file.ts';
export { drawContactSheet, drawPoints, type SheetOptions } from './sheet/contact-sheet.ts';
export { type PosableHead, posableHead, poseHead } from './sheet/posed-head.ts';
export { SHEET_POSES, type SheetPose } from './sheet/sheet-poses.ts';
export type { Picture } from './sheet/write-label.ts';
export {
  type BindTemplate,
  type EyeSphere,
  landmarkPositions,
  type MaterialRange,
  type SkinLandmarks,
  type TemplateGroup,
  type VertexRange,
} from './template/bind-template.ts';
export {
  type BindTemplateFiles,
  type IdentityInfo,
  readBindTemplate,
  type TemplateInfo,
} from './template/read-bind-template.ts';
