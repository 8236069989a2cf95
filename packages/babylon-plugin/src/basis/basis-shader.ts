import { BASIS_TEXTURE_WIDTH } from './pack-basis.ts';

const SHIFT = Math.log2(BASIS_TEXTURE_WIDTH);
const MASK = BASIS_TEXTURE_WIDTH - 1;

/** Code for the two hooks of Babylon's vertex shaders that the plug-in uses. */
export interface BasisShader {
  readonly CUSTOM_VERTEX_DEFINITIONS: string;
  readonly CUSTOM_VERTEX_UPDATE_POSITION: string;
}

/**
 * Vertex code that adds the entries of its vertex, each times the weight of its control, and then turns the vertex about the
 * pivot by its share of the head's rotation; the layout is that of `PackedBasis`. Materials share compiled shaders, so nothing
 * of a mesh is in the text. `parleyState` says what is to be done at all: x weights, y rotation.
 */
export function basisShader(language: 'glsl' | 'wgsl'): BasisShader {
  return language === 'glsl' ? GLSL : WGSL;
}

const GLSL: BasisShader = {
  CUSTOM_VERTEX_DEFINITIONS: `
uniform highp usampler2D parleyBasis;
uvec4 parleyTexel(int i) { return texelFetch(parleyBasis, ivec2(i & ${MASK}, i >> ${SHIFT}), 0); }
vec3 parleyTurn(vec4 q, vec3 v) { return v + 2.0 * cross(q.xyz, cross(q.xyz, v) + q.w * v); }
`,
  CUSTOM_VERTEX_UPDATE_POSITION: `
if (parleyState.x + parleyState.y > 0.0) {
  uvec4 own = parleyTexel(gl_VertexID);
  if (parleyState.x > 0.0) {
    vec3 dp = vec3(0.0);
    vec3 dn = vec3(0.0);
    int end = int(own.x + own.y);
    for (int i = int(own.x); i < end; i++) {
      uvec4 t = parleyTexel(i);
      float weight = parleyWeights[int(t.w >> 2u)][int(t.w & 3u)];
      vec2 a = unpackHalf2x16(t.x);
      vec2 b = unpackHalf2x16(t.y);
      vec2 c = unpackHalf2x16(t.z);
      dp += weight * vec3(a, b.x);
      dn += weight * vec3(b.y, c);
    }
    positionUpdated += dp * parleyPivot.w;
#ifdef NORMAL
    normalUpdated += dn;
#endif
  }
  if (parleyState.y > 0.0) {
    float w = unpackHalf2x16(own.z).x;
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
fn parleyTexel(i : i32) -> vec4u { return textureLoad(parleyBasis, vec2i(i & ${MASK}, i >> ${SHIFT}u), 0); }
fn parleyTurn(q : vec4f, v : vec3f) -> vec3f { return v + 2.0 * cross(q.xyz, cross(q.xyz, v) + q.w * v); }
`,
  CUSTOM_VERTEX_UPDATE_POSITION: `
if (uniforms.parleyState.x + uniforms.parleyState.y > 0.0) {
  let own = parleyTexel(i32(vertexInputs.vertexIndex));
  if (uniforms.parleyState.x > 0.0) {
    var dp = vec3f(0.0);
    var dn = vec3f(0.0);
    let end = i32(own.x + own.y);
    for (var i = i32(own.x); i < end; i++) {
      let t = parleyTexel(i);
      let weight = uniforms.parleyWeights[t.w >> 2u][t.w & 3u];
      let a = unpack2x16float(t.x);
      let b = unpack2x16float(t.y);
      let c = unpack2x16float(t.z);
      dp += weight * vec3f(a, b.x);
      dn += weight * vec3f(b.y, c);
    }
    positionUpdated += dp * uniforms.parleyPivot.w;
#ifdef NORMAL
    normalUpdated += dn;
#endif
  }
  if (uniforms.parleyState.y > 0.0) {
    let w = unpack2x16float(own.z).x;
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
