const single = new Float32Array(1);
const bits = new Uint32Array(single.buffer);

/** Bits of the IEEE 754 half-precision float nearest to `value`; beyond the range, the largest finite half. */
export function halfFloatBits(value: number): number {
  single[0] = value;
  const x = bits[0];
  const sign = (x >>> 16) & 0x8000;
  const exponent = ((x >>> 23) & 0xff) - 112;
  const mantissa = x & 0x7fffff;
  if (exponent < -10) return sign;
  if (exponent <= 0) {
    const full = mantissa | 0x800000;
    const shift = 14 - exponent;
    return sign | ((full + (1 << (shift - 1))) >> shift);
  }
  const rounded = (exponent << 10) + ((mantissa + 0x1000) >> 13);
  return sign | Math.min(rounded, 0x7bff);
}

/** Value of the bits of a half-precision float. */
export function halfFloatValue(half: number): number {
  const exponent = (half >>> 10) & 0x1f;
  const mantissa = half & 0x3ff;
  const size = exponent === 0 ? mantissa * 2 ** -24 : (1 + mantissa / 1024) * 2 ** (exponent - 15);
  return half & 0x8000 ? -size : size;
}
