interface Circle {
  readonly x: number;
  readonly z: number;
  readonly radius: number;
  readonly height: number;
}

interface Box {
  readonly minX: number;
  readonly maxX: number;
  readonly minZ: number;
  readonly maxZ: number;
  readonly height: number;
}

/** Half of a figure's width, and its height, metres: as near as the guide herself comes to a visitor. */
const FIGURE_RADIUS_M = 0.28;
const FIGURE_HEIGHT_M = 1.8;

/**
 * The hall's floor plan: upright cylinders and axis-aligned boxes. It pushes walkers out of what is solid and tells how
 * far a camera sees, without a physics engine and without allocating.
 */
export class Colliders {
  /** Those who stand and walk on the floor and are no less solid; their places change. */
  figures: readonly { readonly x: number; readonly z: number }[] = [];
  readonly #circles: Circle[] = [];
  readonly #boxes: Box[] = [];

  /** What is solid, in the words of `floor.solids` of room.yaml. */
  get solids(): readonly object[] {
    return [
      ...this.#circles.map(({ x, z, radius }) => ({ x, z, radiusM: radius })),
      ...this.#boxes.map(({ minX, maxX, minZ, maxZ }) => ({
        x: (minX + maxX) / 2,
        z: (minZ + maxZ) / 2,
        widthM: maxX - minX,
        depthM: maxZ - minZ,
      })),
    ];
  }

  /** @param height Top above the floor in metres; only the camera asks for it. */
  addCircle(x: number, z: number, radius: number, height: number): void {
    this.#circles.push({ x, z, radius, height });
  }

  /** @param height Top above the floor in metres; only the camera asks for it. */
  addBox(x: number, z: number, width: number, depth: number, height: number): void {
    this.#boxes.push({
      minX: x - width / 2,
      maxX: x + width / 2,
      minZ: z - depth / 2,
      maxZ: z + depth / 2,
      height,
    });
  }

  /** Moves `point` to the nearest place where a walker of this radius (m) touches nothing. */
  resolve(point: { x: number; z: number }, radius: number): void {
    // Twice, so that leaving one solid into its neighbour ends outside both. Walls come last: somebody who walks pushes nobody into one.
    for (let pass = 0; pass < 2; pass++) {
      for (const figure of this.figures) pushOutOfCircle(point, figure, FIGURE_RADIUS_M + radius);
      for (const circle of this.#circles) pushOutOfCircle(point, circle, circle.radius + radius);
      for (const box of this.#boxes) pushOutOfBox(point, box, radius);
    }
  }

  /**
   * The share in [0, 1] of the way from `from` to `to` (metres) that is free of solids.
   * @param margin Distance in metres to keep from what is hit.
   */
  freeShare(
    fromX: number,
    fromY: number,
    fromZ: number,
    toX: number,
    toY: number,
    toZ: number,
    margin: number,
  ): number {
    const dx = toX - fromX;
    const dy = toY - fromY;
    const dz = toZ - fromZ;
    let share = 1;
    for (const circle of this.#circles) {
      const at = circleEntry(fromX, fromZ, dx, dz, circle, circle.radius + margin);
      if (at >= 0 && at < share && fromY + dy * at < circle.height + margin) share = at;
    }
    for (const figure of this.figures) {
      const at = circleEntry(fromX, fromZ, dx, dz, figure, FIGURE_RADIUS_M + margin);
      if (at >= 0 && at < share && fromY + dy * at < FIGURE_HEIGHT_M + margin) share = at;
    }
    for (const box of this.#boxes) {
      const near = boxEntry(fromX, fromZ, dx, dz, box, margin);
      if (near >= 0 && near < share && fromY + dy * near < box.height + margin) share = near;
    }
    return share;
  }
}

function pushOutOfCircle(
  point: { x: number; z: number },
  circle: { readonly x: number; readonly z: number },
  reach: number,
): void {
  const dx = point.x - circle.x;
  const dz = point.z - circle.z;
  const squared = dx * dx + dz * dz;
  if (squared >= reach * reach) return;
  const distance = Math.sqrt(squared);
  if (distance < 1e-6) {
    point.x = circle.x + reach;
  } else {
    point.x = circle.x + (dx / distance) * reach;
    point.z = circle.z + (dz / distance) * reach;
  }
}

/** Share of the way at which the ray enters the circle; -1 if it never does or starts inside. */
function circleEntry(
  fromX: number,
  fromZ: number,
  dx: number,
  dz: number,
  circle: { readonly x: number; readonly z: number },
  reach: number,
): number {
  const ox = fromX - circle.x;
  const oz = fromZ - circle.z;
  const a = dx * dx + dz * dz;
  const b = ox * dx + oz * dz;
  const c = ox * ox + oz * oz - reach * reach;
  const root = b * b - a * c;
  if (c <= 0 || root <= 0 || a < 1e-9) return -1;
  return (-b - Math.sqrt(root)) / a;
}

function pushOutOfBox(point: { x: number; z: number }, box: Box, radius: number): void {
  const nearestX = Math.min(Math.max(point.x, box.minX), box.maxX);
  const nearestZ = Math.min(Math.max(point.z, box.minZ), box.maxZ);
  const dx = point.x - nearestX;
  const dz = point.z - nearestZ;
  const squared = dx * dx + dz * dz;
  if (squared >= radius * radius) return;
  if (squared > 1e-12) {
    const distance = Math.sqrt(squared);
    point.x = nearestX + (dx / distance) * radius;
    point.z = nearestZ + (dz / distance) * radius;
    return;
  }
  const left = point.x - box.minX;
  const right = box.maxX - point.x;
  const near = point.z - box.minZ;
  const far = box.maxZ - point.z;
  const least = Math.min(left, right, near, far);
  if (least === left) point.x = box.minX - radius;
  else if (least === right) point.x = box.maxX + radius;
  else if (least === near) point.z = box.minZ - radius;
  else point.z = box.maxZ + radius;
}

/** Share of the way at which the ray enters the box widened by `margin`; -1 if it never does or starts inside. */
function boxEntry(fromX: number, fromZ: number, dx: number, dz: number, box: Box, margin: number): number {
  const minX = box.minX - margin;
  const maxX = box.maxX + margin;
  const minZ = box.minZ - margin;
  const maxZ = box.maxZ + margin;
  if (fromX > minX && fromX < maxX && fromZ > minZ && fromZ < maxZ) return -1;
  let enter = 0;
  let leave = 1;
  if (Math.abs(dx) < 1e-9) {
    if (fromX <= minX || fromX >= maxX) return -1;
  } else {
    const a = (minX - fromX) / dx;
    const b = (maxX - fromX) / dx;
    enter = Math.max(enter, Math.min(a, b));
    leave = Math.min(leave, Math.max(a, b));
  }
  if (Math.abs(dz) < 1e-9) {
    if (fromZ <= minZ || fromZ >= maxZ) return -1;
  } else {
    const a = (minZ - fromZ) / dz;
    const b = (maxZ - fromZ) / dz;
    enter = Math.max(enter, Math.min(a, b));
    leave = Math.min(leave, Math.max(a, b));
  }
  return enter <= leave ? enter : -1;
}
