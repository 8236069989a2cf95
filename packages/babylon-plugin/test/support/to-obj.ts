import type { HeadMesh } from '@parley/sdk/bind';

/** A head as a Wavefront .obj. */
export function toObj({ parts }: HeadMesh): Uint8Array {
  const lines: string[] = [];
  let first = 1;
  for (const { name, positions, indices } of parts) {
    lines.push(`g ${name}`);
    for (let v = 0; v < positions.length; v += 3)
      lines.push(`v ${positions[v]} ${positions[v + 1]} ${positions[v + 2]}`);
    for (let i = 0; i < indices.length; i += 3)
      lines.push(`f ${indices[i] + first} ${indices[i + 1] + first} ${indices[i + 2] + first}`);
    first += positions.length / 3;
  }
  return new TextEncoder().encode(`${lines.join('\n')}\n`);
}
