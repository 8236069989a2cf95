import type { HeadExpression, HeadMesh, HeadPart } from '../head-mesh.ts';

/** What VRM adds to a glTF file's JSON, as far as it is read here; nothing of it is trusted to be there. */
interface VrmJson {
  readonly nodes?: readonly { readonly name?: string; readonly mesh?: number }[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

interface Vrm0 {
  readonly blendShapeMaster?: {
    readonly blendShapeGroups?: readonly {
      readonly name?: string;
      readonly presetName?: string;
      readonly binds?: readonly {
        readonly mesh?: number;
        readonly index?: number;
        readonly weight?: number;
      }[];
    }[];
  };
  readonly humanoid?: { readonly humanBones?: readonly { readonly bone?: string; readonly node?: number }[] };
}

interface Vrm1 {
  readonly expressions?: Readonly<
    Record<'preset' | 'custom', Readonly<Record<string, Vrm1Expression>> | undefined>
  >;
  readonly humanoid?: { readonly humanBones?: Readonly<Record<string, { readonly node?: number }>> };
}

interface Vrm1Expression {
  readonly morphTargetBinds?: readonly {
    readonly node?: number;
    readonly index?: number;
    readonly weight?: number;
  }[];
}

/** Presets of VRM 0 in VRM 1's spelling. */
const PRESETS: Readonly<Record<string, string>> = {
  a: 'aa',
  i: 'ih',
  u: 'ou',
  e: 'ee',
  o: 'oh',
  blink: 'blink',
  blink_l: 'blinkLeft',
  blink_r: 'blinkRight',
  joy: 'happy',
  angry: 'angry',
  sorrow: 'sad',
  fun: 'relaxed',
  lookup: 'lookUp',
  lookdown: 'lookDown',
  lookleft: 'lookLeft',
  lookright: 'lookRight',
  neutral: 'neutral',
};

/**
 * Expressions and humanoid bones of VRM 0 and 1.
 * @see {@link https://github.com/vrm-c/vrm-specification}
 */
export function readVrm(
  json: VrmJson,
  parts: readonly HeadPart[],
): Pick<HeadMesh, 'expressions' | 'humanoid'> {
  const old = json.extensions?.VRM as Vrm0 | undefined;
  const now = json.extensions?.VRMC_vrm as Vrm1 | undefined;
  if (typeof old !== 'object' && typeof now !== 'object') return {};
  const expressions: HeadExpression[] = [];
  const add = (
    name: string,
    binds: readonly { readonly mesh?: number; readonly index?: number; readonly weight: number }[],
  ): void => {
    const found = binds.flatMap(({ mesh, index = -1, weight }) =>
      parts.flatMap((part, p) =>
        part.source?.mesh === mesh && index in part.morphs ? [{ part: p, morph: index, weight }] : [],
      ),
    );
    if (found.length > 0) expressions.push({ name, binds: found });
  };
  for (const { name = '', presetName = '', binds } of list(old?.blendShapeMaster?.blendShapeGroups))
    add(
      PRESETS[presetName.toLowerCase()] ?? name,
      list(binds).map(({ mesh, index, weight = 100 }) => ({ mesh, index, weight: weight / 100 })),
    );
  for (const kind of ['preset', 'custom'] as const)
    for (const [name, expression] of Object.entries(now?.expressions?.[kind] ?? {}))
      add(
        name,
        list(expression?.morphTargetBinds).map(({ node = -1, index, weight = 1 }) => ({
          mesh: json.nodes?.[node]?.mesh,
          index,
          weight,
        })),
      );
  const humanoid: Record<string, string> = {};
  const nameOf = (node: number | undefined) => json.nodes?.[node ?? -1]?.name;
  for (const { bone, node } of list(old?.humanoid?.humanBones)) {
    const name = nameOf(node);
    if (bone && name) humanoid[bone] = name;
  }
  for (const [bone, value] of Object.entries(now?.humanoid?.humanBones ?? {})) {
    const name = nameOf(value?.node);
    if (name) humanoid[bone] = name;
  }
  return { expressions, humanoid };
}

function list<T>(value: readonly T[] | undefined): readonly T[] {
  return Array.isArray(value) ? value : [];
}
