/** One morph target (blendshape) of a part, as its file brings it. */
export interface HeadMorph {
  /** Name from the file (`extras.targetNames`), or `''` where it has none. */
  readonly name: string;
  /** xyz offsets of every vertex of the part, in the head's frame and unit. */
  readonly offsets: Float32Array;
}

/** How a part hangs on its skeleton. */
export interface HeadSkin {
  /** Names of the joints that {@link HeadSkin.jointIndices} refers to, in the skin's order. */
  readonly joints: readonly string[];
  /** Four joints of every vertex: indices into {@link HeadSkin.joints}. */
  readonly jointIndices: Uint16Array;
  /** Their four weights, summing to 1 (or all 0 for a vertex without joints). */
  readonly jointWeights: Float32Array;
}

/** One mesh with one material. Vertices are the file's: a seam of UVs or normals has several at one place. */
export interface HeadPart {
  /** Group, object or mesh name; not necessarily unique. */
  readonly name: string;
  /** Name of the glTF node that the mesh hangs on; `name` again for .obj. */
  readonly node: string;
  /** xyz of every vertex in the head's frame: the file's unit and axes, transforms of nodes and bind pose applied. All finite. */
  readonly positions: Float32Array;
  /** Three vertices of every triangle, all in range. At least one triangle. */
  readonly indices: Uint32Array;
  /** Unit normals from the file, xyz of every vertex, in the head's frame. */
  readonly normals?: Float32Array;
  /** uv of every vertex from the file, in glTF's orientation (v down); an .obj's v is turned round. */
  readonly uvs?: Float32Array;
  /** rgb of every vertex, 0 to 1, linear for glTF, as it stands for .obj. */
  readonly colours?: Float32Array;
  /** Name of the material, `''` where it has none. */
  readonly material: string;
  /** The material's flat colour, rgb 0 to 1 (glTF: baseColorFactor), where the file holds it. */
  readonly baseColour?: readonly [number, number, number];
  /** False for what is drawn blended or cut out by alpha (lashes, cornea, hair cards). */
  readonly opaque: boolean;
  /** Vertex of the source: glTF: index in the primitive; .obj: zero-based number of its `v` line in the file. */
  readonly sourceVertices: Uint32Array;
  /** glTF: index of the mesh and of the primitive in it, as in the file; .obj: absent. */
  readonly source?: { readonly mesh: number; readonly primitive: number };
  /**
   * glTF: column-major 4 x 4 that took the file's vertices to `positions`, so that its inverse takes offsets back; the same
   * for all vertices of the part, skinned ones too. Absent for .obj, which stays as it is.
   */
  readonly localToHead?: Float64Array;
  /** Morph targets; empty where there are none. */
  readonly morphs: readonly HeadMorph[];
  /** Present on skinned parts. */
  readonly skin?: HeadSkin;
}

/** A node of the file's scene that is a joint of some skin. */
export interface HeadJoint {
  readonly name: string;
  /** Index in {@link HeadMesh.joints} of the nearest joint above, or -1. */
  readonly parent: number;
  /** Its place in the bind pose, in the head's frame. */
  readonly position: readonly [number, number, number];
}

/** An expression of a VRM file: morph targets that together show something. */
export interface HeadExpression {
  /** A preset in VRM 1's spelling (`aa`, `blinkLeft`, `lookUp`), or a name of the author's. */
  readonly name: string;
  readonly binds: readonly {
    /** Index in {@link HeadMesh.parts}. */
    readonly part: number;
    /** Index in the part's `morphs`. */
    readonly morph: number;
    /** How much of it, 0 to 1. */
    readonly weight: number;
  }[];
}

/** A head, or a body with a head, read from a file: plain arrays, no engine's objects. */
export interface HeadMesh {
  readonly format: 'obj' | 'gltf';
  readonly parts: readonly HeadPart[];
  /** All joints of all skins, each once; empty for .obj and unskinned glTF. */
  readonly joints: readonly HeadJoint[];
  /** VRM: its expressions, those without morph targets left out. */
  readonly expressions?: readonly HeadExpression[];
  /** VRM: names of joints by the bones of a person that they are (`head`, `jaw`, `leftEye`). */
  readonly humanoid?: Readonly<Record<string, string>>;
  /** What was left out or repaired while reading, for the report; each a sentence. */
  readonly warnings: readonly string[];
}
