/** An .obj of a ball of triangles: whoever looks for a face on it is not sure. */
export function ballObj(): string {
  const lines: string[] = [];
  for (let i = 0; i <= 12; i++)
    for (let j = 0; j < 24; j++) {
      const [v, u] = [(Math.PI * i) / 12, (Math.PI * j) / 12];
      lines.push(`v ${Math.sin(v) * Math.cos(u)} ${Math.cos(v)} ${Math.sin(v) * Math.sin(u)}`);
    }
  for (let i = 0; i < 12; i++)
    for (let j = 0; j < 24; j++) {
      const [a, b] = [i * 24 + j + 1, i * 24 + ((j + 1) % 24) + 1];
      lines.push(`f ${a} ${b} ${b + 24} ${a + 24}`);
    }
  return lines.join('\n');
}
