/**
 * Unit quaternion xyzw of a head rotation in a right-handed space with +y up, +z out of the face and +x to the head's own
 * left: +pitch looks down, +yaw turns to the head's own left, +roll tilts to the head's own left. Yaw is applied last.
 *
 * @param pitch - Radians, as yaw and roll.
 * @param out - Receives x, y, z, w.
 */
export function headQuaternion(pitch: number, yaw: number, roll: number, out: Float32Array | number[]): void {
  const cx = Math.cos(pitch / 2);
  const sx = Math.sin(pitch / 2);
  const cy = Math.cos(yaw / 2);
  const sy = Math.sin(yaw / 2);
  const cz = Math.cos(-roll / 2);
  const sz = Math.sin(-roll / 2);
  out[0] = cy * sx * cz + sy * cx * sz;
  out[1] = sy * cx * cz - cy * sx * sz;
  out[2] = cy * cx * sz - sy * sx * cz;
  out[3] = cy * cx * cz + sy * sx * sz;
}
