import { BASIS_TEXTURE_WIDTH, POSITION_SCALE } from './pack-basis.ts';

const SHIFT = Math.log2(BASIS_TEXTURE_WIDTH);
const MASK = BASIS_TEXTURE_WIDTH - 1;

/** Code for the two hooks of Babylon's vertex shaders that the plug-in uses. */
export interface BasisShader {
  readonly CUSTOM_VERTEX_DEFINITIONS: string;
  readonly CUSTOM_VERTEX_UPDATE_POSITION: string;
}

/**
 * Vertex code that adds the active fields (`parleyActive`: pairs of texture slot and weight) and then turns the vertex
 * about the pivot by its share of the head rotation. Materials share compiled shaders, so nothing of a mesh is in the text:
 * its vertex count and the texture slot of its turn weights come in `parleyLayout`.
 */
export function basisShader(language: 'glsl' | 'wgsl'): BasisShader {
  return language === 'glsl' ? GLSL : WGSL;
}

const GLSL: BasisShader = {
  CUSTOM_VERTEX_DEFINITIONS: `
uniform highp usampler2D parleyBasis;
uvec4 parleyTexel(int slot) {
  int i = slot * int(parleyLayout.y) + gl_VertexID;
  return texelFetch(parleyBasis, ivec2(i & ${MASK}, i >> ${SHIFT}), 0);
}
vec3 parleyTurn(vec4 q, vec3 v) { return v + 2.0 * cross(q.xyz, cross(q.xyz, v) + q.w * v); }
`,
  CUSTOM_VERTEX_UPDATE_POSITION: `
{
  vec3 dp = vec3(0.0);
  vec3 dn = vec3(0.0);
  int count = int(parleyPivot.w);
  for (int i = 0; i < count; i++) {
    vec4 entry = parleyActive[i >> 1];
    vec2 field = (i & 1) == 0 ? entry.xy : entry.zw;
    uvec4 t = parleyTexel(int(field.x));
    vec2 a = unpackHalf2x16(t.x);
    vec2 b = unpackHalf2x16(t.y);
    vec2 c = unpackHalf2x16(t.z);
    dp += field.y * vec3(a, b.x);
    dn += field.y * vec3(b.y, c);
  }
  positionUpdated += dp * ${(1 / POSITION_SCALE).toFixed(10)};
#ifdef NORMAL
  normalUpdated += dn;
#endif
  if (parleyLayout.x >= 0.0) {
    float w = unpackHalf2x16(parleyTexel(int(parleyLayout.x)).w).x;
    vec4 q = normalize(vec4(parleyRotation.xyz * w, mix(1.0, parleyRotation.w, w)));
    positionUpdated = parleyPivot.xyz + parleyTurn(q, positionUpdated - parleyPivot.xyz);
#ifdef NORMAL
    normalUpdated = parleyTurn(q, normalUpdated);
#endif
  }
#ifdef NORMAL
  normalUpdated = normalize(normalUpdated);
#endif
}
`,
};

const WGSL: BasisShader = {
  CUSTOM_VERTEX_DEFINITIONS: `
var parleyBasis : texture_2d<u32>;
fn parleyTexel(slot : i32, vertex : i32) -> vec4u {
  let i = slot * i32(uniforms.parleyLayout.y) + vertex;
  return textureLoad(parleyBasis, vec2i(i & ${MASK}, i >> ${SHIFT}u), 0);
}
fn parleyTurn(q : vec4f, v : vec3f) -> vec3f { return v + 2.0 * cross(q.xyz, cross(q.xyz, v) + q.w * v); }
`,
  CUSTOM_VERTEX_UPDATE_POSITION: `
{
  var dp = vec3f(0.0);
  var dn = vec3f(0.0);
  let vertex = i32(vertexInputs.vertexIndex);
  let count = i32(uniforms.parleyPivot.w);
  for (var i = 0; i < count; i++) {
    let entry = uniforms.parleyActive[i >> 1u];
    let pair = select(entry.zw, entry.xy, (i & 1) == 0);
    let t = parleyTexel(i32(pair.x), vertex);
    let a = unpack2x16float(t.x);
    let b = unpack2x16float(t.y);
    let c = unpack2x16float(t.z);
    dp += pair.y * vec3f(a, b.x);
    dn += pair.y * vec3f(b.y, c);
  }
  positionUpdated += dp * ${(1 / POSITION_SCALE).toFixed(10)};
#ifdef NORMAL
  normalUpdated += dn;
#endif
  if (uniforms.parleyLayout.x >= 0.0) {
    let w = unpack2x16float(parleyTexel(i32(uniforms.parleyLayout.x), vertex).w).x;
    let q = normalize(vec4f(uniforms.parleyRotation.xyz * w, mix(1.0, uniforms.parleyRotation.w, w)));
    positionUpdated = uniforms.parleyPivot.xyz + parleyTurn(q, positionUpdated - uniforms.parleyPivot.xyz);
#ifdef NORMAL
    normalUpdated = parleyTurn(q, normalUpdated);
#endif
  }
#ifdef NORMAL
  normalUpdated = normalize(normalUpdated);
#endif
}
`,
};
