/** A picture of rgb bytes, row after row. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

/** Letters of 5 x 7 dots: seven rows, the leftmost dot the highest bit. */
const FONT: Readonly<Record<string, readonly number[]>> = {
  A: [14, 17, 17, 31, 17, 17, 17],
  B: [30, 17, 17, 30, 17, 17, 30],
  C: [14, 17, 16, 16, 16, 17, 14],
  D: [30, 17, 17, 17, 17, 17, 30],
  E: [31, 16, 16, 30, 16, 16, 31],
  F: [31, 16, 16, 30, 16, 16, 16],
  G: [14, 17, 16, 23, 17, 17, 15],
  H: [17, 17, 17, 31, 17, 17, 17],
  I: [14, 4, 4, 4, 4, 4, 14],
  J: [7, 2, 2, 2, 2, 18, 12],
  K: [17, 18, 20, 24, 20, 18, 17],
  L: [16, 16, 16, 16, 16, 16, 31],
  M: [17, 27, 21, 21, 17, 17, 17],
  N: [17, 25, 21, 19, 17, 17, 17],
  O: [14, 17, 17, 17, 17, 17, 14],
  P: [30, 17, 17, 30, 16, 16, 16],
  Q: [14, 17, 17, 17, 21, 18, 13],
  R: [30, 17, 17, 30, 20, 18, 17],
  S: [15, 16, 16, 14, 1, 1, 30],
  T: [31, 4, 4, 4, 4, 4, 4],
  U: [17, 17, 17, 17, 17, 17, 14],
  V: [17, 17, 17, 17, 17, 10, 4],
  W: [17, 17, 17, 21, 21, 21, 10],
  X: [17, 17, 10, 4, 10, 17, 17],
  Y: [17, 17, 10, 4, 4, 4, 4],
  Z: [31, 1, 2, 4, 8, 16, 31],
  '0': [14, 17, 19, 21, 25, 17, 14],
  '1': [4, 12, 4, 4, 4, 4, 14],
  '2': [14, 17, 1, 2, 4, 8, 31],
  '3': [31, 2, 4, 2, 1, 17, 14],
  '4': [2, 6, 10, 18, 31, 2, 2],
  '5': [31, 16, 30, 1, 1, 17, 14],
  '6': [6, 8, 16, 30, 17, 17, 14],
  '7': [31, 1, 2, 4, 8, 8, 8],
  '8': [14, 17, 17, 14, 17, 17, 14],
  '9': [14, 17, 17, 15, 1, 2, 12],
};
const ADVANCE = 6;
const HEIGHT = 7;

/**
 * Writes capital letters and digits into a picture; other characters are blanks.
 * @param x Left edge in pixels.
 * @param y Upper edge in pixels.
 * @param dot Side of a dot in pixels.
 */
export function writeLabel(
  { width, height, rgb }: Picture,
  text: string,
  x: number,
  y: number,
  dot: number,
  colour: readonly [number, number, number],
): void {
  [...text.toUpperCase()].forEach((letter, i) => {
    const rows = FONT[letter] ?? [];
    for (let row = 0; row < HEIGHT * dot; row++)
      for (let column = 0; column < (ADVANCE - 1) * dot; column++) {
        if (!(((rows[Math.floor(row / dot)] ?? 0) >> (ADVANCE - 2 - Math.floor(column / dot))) & 1)) continue;
        const px = x + i * ADVANCE * dot + column;
        const py = y + row;
        if (px >= 0 && py >= 0 && px < width && py < height) rgb.set(colour, 3 * (py * width + px));
      }
  });
}
