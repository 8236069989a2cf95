/** Which of a head's own morph targets each control drives. Made by {@link mapControls}. */
export interface ControlMap {
  /** Pairs: control `controlIndices[i]` drives target `targetIndices[i]`. */
  readonly controlIndices: Uint16Array;
  readonly targetIndices: Uint16Array;
  /** Names of the controls that no target answers to. */
  readonly missing: readonly string[];
}

/**
 * Finds a head's morph targets for the controls by name. Understood are ARKit's names in any case, with or without
 * separators, with `_L`/`_R` (also `.L`, `-l`, ` L`, `BlinkL`) for Left/Right, behind a mesh or deformer prefix
 * (`head_blendShape.jawOpen`, `Face:jawOpen`), and a control without side (`browInnerUp`, `cheekPuff`) that the head
 * has split in two.
 * @param controlNames Names in the decoder's order.
 * @param targetNames Names in the mesh's order. Where several are alike, the first counts.
 */
export function mapControls(controlNames: readonly string[], targetNames: readonly string[]): ControlMap {
  const targets = new Map<string, number>();
  targetNames.forEach((name, index) => {
    for (const key of [canonical(name), canonical(withoutPrefix(name))])
      if (!targets.has(key)) targets.set(key, index);
  });
  const controlIndices: number[] = [];
  const targetIndices: number[] = [];
  const missing: string[] = [];
  controlNames.forEach((name, control) => {
    const key = canonical(name);
    const whole = targets.get(key);
    const sides = [targets.get(`${key}left`), targets.get(`${key}right`)];
    // `mouthLeft` and `mouthRight` are controls of their own; they are no halves of a control `mouth`.
    const found = whole !== undefined ? [whole] : sides.filter((target) => target !== undefined);
    for (const target of found) {
      controlIndices.push(control);
      targetIndices.push(target);
    }
    if (found.length === 0) missing.push(name);
  });
  return {
    controlIndices: Uint16Array.from(controlIndices),
    targetIndices: Uint16Array.from(targetIndices),
    missing,
  };
}

/**
 * Writes the influences of a head's morph targets. Targets that no control drives keep what they have. Allocates
 * nothing.
 * @param map From {@link mapControls}.
 * @param controls A frame of controls.
 * @param influences Receives one weight for each target.
 */
export function applyControlMap(
  map: ControlMap,
  controls: Float32Array,
  influences: Float32Array | number[],
): void {
  for (let i = 0; i < map.controlIndices.length; i++)
    influences[map.targetIndices[i]] = controls[map.controlIndices[i]];
}

/** `EyeBlink_L` and `eyeBlinkLeft` both become `eyeblinkleft`. */
function canonical(name: string): string {
  return name
    .replace(/([a-z0-9])([LR])$/, '$1_$2')
    .replace(/[\s._-]+l(eft)?$/i, 'Left')
    .replace(/[\s._-]+r(ight)?$/i, 'Right')
    .replace(/[^a-z0-9]/gi, '')
    .toLowerCase();
}

/** `head.jawOpen` becomes `jawOpen`; the `.L` of `eyeBlink.L` stays. */
function withoutPrefix(name: string): string {
  return name.replace(/^.*[.:/|](?![lr]$)(?=[^.:/|]+([.][lr])?$)/i, '');
}
