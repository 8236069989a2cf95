/**
 * Cuts one polygon into triangles: a fan if it is convex, ears otherwise. The polygon may be bent; it is judged in the plane
 * of its mean normal (Newell's method).
 * @param count Corners, at least 3.
 * @param corner Gives coordinate `axis` (0 to 2) of a corner.
 * @param emit Receives corner numbers of each of the `count - 2` triangles, in the polygon's winding.
 */
export function triangulate(
  count: number,
  corner: (index: number, axis: number) => number,
  emit: (a: number, b: number, c: number) => void,
): void {
  if (count === 3) {
    emit(0, 1, 2);
    return;
  }
  let nx = 0;
  let ny = 0;
  let nz = 0;
  for (let i = 0; i < count; i++) {
    const j = (i + 1) % count;
    nx += (corner(i, 1) - corner(j, 1)) * (corner(i, 2) + corner(j, 2));
    ny += (corner(i, 2) - corner(j, 2)) * (corner(i, 0) + corner(j, 0));
    nz += (corner(i, 0) - corner(j, 0)) * (corner(i, 1) + corner(j, 1));
  }
  // Drop the axis that the polygon faces most; flip so that it turns counter-clockwise.
  const ax = Math.abs(nx);
  const ay = Math.abs(ny);
  const az = Math.abs(nz);
  const drop = ax >= ay && ax >= az ? 0 : ay >= az ? 1 : 2;
  const sign = [nx, ny, nz][drop] < 0 ? -1 : 1;
  const u = (drop + 1) % 3;
  const v = (drop + 2) % 3;
  const turn = (a: number, b: number, c: number): number =>
    sign *
    ((corner(b, u) - corner(a, u)) * (corner(c, v) - corner(a, v)) -
      (corner(b, v) - corner(a, v)) * (corner(c, u) - corner(a, u)));

  const ring = Array.from({ length: count }, (_, i) => i);
  const convex = ring.every((i) => turn((i + count - 1) % count, i, (i + 1) % count) >= 0);
  if (convex) {
    for (let i = 1; i + 1 < count; i++) emit(0, i, i + 1);
    return;
  }
  const isEar = (at: number): boolean => {
    const a = ring[(at + ring.length - 1) % ring.length];
    const b = ring[at];
    const c = ring[(at + 1) % ring.length];
    if (turn(a, b, c) <= 0) return false;
    return !ring.some(
      (p) => p !== a && p !== b && p !== c && turn(a, b, p) >= 0 && turn(b, c, p) >= 0 && turn(c, a, p) >= 0,
    );
  };
  while (ring.length > 3) {
    // A polygon that crosses itself has no ear left at some point: go on as a fan would.
    let at = 0;
    while (at < ring.length && !isEar(at)) at++;
    if (at === ring.length) at = 1;
    emit(ring[(at + ring.length - 1) % ring.length], ring[at], ring[(at + 1) % ring.length]);
    ring.splice(at, 1);
  }
  emit(ring[0], ring[1], ring[2]);
}
