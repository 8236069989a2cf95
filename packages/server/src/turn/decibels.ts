/** Level of silence, dB. */
export const FLOOR_DB = -90;

/** Level of a mean square, dB of full scale, -90 at least. */
export function decibels(meanSquare: number): number {
  return meanSquare > 1e-9 ? 10 * Math.log10(meanSquare) : FLOOR_DB;
}
