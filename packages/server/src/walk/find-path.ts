import type { FloorPlan, FloorPoint } from './floor-plan.ts';

/** Half of an NPC's width, metres. */
export const BODY_M = 0.32;
/** Between the middles of two people, metres: the least, and what is comfortable. */
export const PERSON_APART_M = 0.7;
const COMFORTABLE_M = 1.15;
/** A metre near somebody costs as much as this many more. */
const NEAR_PERSON_COST = 2;
const CELL_M = 0.25;
/** Without bounds the search goes this far beyond start and goal, metres. */
const MARGIN_M = 8;
/** Cells along an edge, at most: a larger area gets larger cells. */
const MOST_CELLS = 180;

/** What is shut: by what is built there, and by somebody. */
const SOLID = 255;
const PERSON = 254;

/**
 * A way on the floor around what is solid and around people: A* on a grid (Hart, Nilsson and Raphael 1968), with the corners that
 * a straight line can spare taken out.
 *
 * @param stopM The way ends this far from `to`, metres, or as near as one gets.
 * @param people Others who stand there; whoever is walked to is not among them.
 * @returns The corners after `from`; none where one is there already or cannot move.
 */
export function findPath(
  plan: Pick<FloorPlan, 'bounds' | 'solids'>,
  from: FloorPoint,
  to: FloorPoint,
  stopM: number,
  people: readonly FloorPoint[] = [],
): FloorPoint[] {
  if (Math.hypot(to.x - from.x, to.z - from.z) <= stopM) return [];
  const grid = new Grid(plan, from, to, people);
  const start = grid.at(from);
  const cost = new Float32Array(grid.size).fill(Number.POSITIVE_INFINITY);
  const before = new Int32Array(grid.size).fill(-1);
  const closed = new Uint8Array(grid.size);
  const open = new Heap();
  const left = (cell: number): number => Math.max(0, grid.distanceTo(cell, to) - stopM);
  cost[start] = 0;
  open.push(start, left(start));
  let end = start;
  for (let cell = open.pop(); cell >= 0; cell = open.pop()) {
    if (closed[cell]) continue;
    closed[cell] = 1;
    if (left(cell) < left(end) - 1e-6) end = cell;
    if (left(cell) === 0) break;
    for (let step = 0; step < 8; step++) {
      const next = grid.neighbour(cell, step);
      // Who stands within something solid may leave it; who stands too near to somebody may not leave through a wall.
      if (next < 0 || closed[next] || isShut(grid.cells[next], grid.cells[cell])) continue;
      const length = (step < 4 ? 1 : Math.SQRT2) * grid.cellM;
      const sum = cost[cell] + length * (1 + grid.cells[next]);
      if (sum >= cost[next]) continue;
      cost[next] = sum;
      before[next] = cell;
      open.push(next, sum + left(next));
    }
  }
  const way: FloorPoint[] = [];
  for (let cell = end; cell !== start && cell >= 0; cell = before[cell]) way.push(grid.middle(cell));
  return straightened(grid, from, way.reverse());
}

function isShut(next: number, cell: number): boolean {
  return next >= PERSON && next > cell;
}

/** Whether nothing stands between two points that an NPC could not pass. */
function isFree(grid: Grid, from: FloorPoint, to: FloorPoint): boolean {
  const steps = Math.ceil(Math.hypot(to.x - from.x, to.z - from.z) / (grid.cellM / 2));
  const here = grid.cells[grid.at(from)];
  const worst = here >= PERSON ? 0 : here;
  for (let i = 1; i <= steps; i++) {
    const share = i / steps;
    const point = { x: from.x + (to.x - from.x) * share, z: from.z + (to.z - from.z) * share };
    if (grid.cells[grid.at(point)] > worst) return false;
  }
  return true;
}

function straightened(grid: Grid, from: FloorPoint, way: readonly FloorPoint[]): FloorPoint[] {
  const corners: FloorPoint[] = [];
  let at = from;
  for (let i = 0; i < way.length; ) {
    let last = i;
    while (last + 1 < way.length && isFree(grid, at, way[last + 1])) last++;
    corners.push(way[last]);
    at = way[last];
    i = last + 1;
  }
  return corners;
}

/** Cells of the floor with what it costs to be there beyond the way itself; {@link SOLID} and {@link PERSON} are shut. */
class Grid {
  readonly cells: Uint8Array;
  readonly cellM: number;
  readonly #minX: number;
  readonly #minZ: number;
  readonly #columns: number;
  readonly #rows: number;

  constructor(
    { bounds, solids }: Pick<FloorPlan, 'bounds' | 'solids'>,
    from: FloorPoint,
    to: FloorPoint,
    people: readonly FloorPoint[],
  ) {
    this.#minX = Math.max(bounds?.minX ?? -Infinity, Math.min(from.x, to.x) - MARGIN_M);
    this.#minZ = Math.max(bounds?.minZ ?? -Infinity, Math.min(from.z, to.z) - MARGIN_M);
    const maxX = Math.min(bounds?.maxX ?? Infinity, Math.max(from.x, to.x) + MARGIN_M);
    const maxZ = Math.min(bounds?.maxZ ?? Infinity, Math.max(from.z, to.z) + MARGIN_M);
    const widest = Math.max(maxX - this.#minX, maxZ - this.#minZ, CELL_M);
    this.cellM = Math.max(CELL_M, widest / MOST_CELLS);
    this.#columns = Math.max(1, Math.ceil((maxX - this.#minX) / this.cellM));
    this.#rows = Math.max(1, Math.ceil((maxZ - this.#minZ) / this.cellM));
    this.cells = new Uint8Array(this.#columns * this.#rows);
    for (const person of people) this.#fill(person, COMFORTABLE_M, COMFORTABLE_M, NEAR_PERSON_COST);
    for (const person of people) this.#fill(person, PERSON_APART_M, PERSON_APART_M, PERSON);
    for (const solid of solids) {
      const [x, z] =
        'radiusM' in solid ? [solid.radiusM, solid.radiusM] : [solid.widthM / 2, solid.depthM / 2];
      this.#fill(solid, x + BODY_M, z + BODY_M, SOLID, 'radiusM' in solid);
    }
  }

  get size(): number {
    return this.cells.length;
  }

  at({ x, z }: FloorPoint): number {
    const column = Math.min(this.#columns - 1, Math.max(0, Math.floor((x - this.#minX) / this.cellM)));
    const row = Math.min(this.#rows - 1, Math.max(0, Math.floor((z - this.#minZ) / this.cellM)));
    return row * this.#columns + column;
  }

  middle(cell: number): FloorPoint {
    const row = Math.floor(cell / this.#columns);
    return {
      x: this.#minX + (cell - row * this.#columns + 0.5) * this.cellM,
      z: this.#minZ + (row + 0.5) * this.cellM,
    };
  }

  distanceTo(cell: number, { x, z }: FloorPoint): number {
    const row = Math.floor(cell / this.#columns);
    return Math.hypot(
      this.#minX + (cell - row * this.#columns + 0.5) * this.cellM - x,
      this.#minZ + (row + 0.5) * this.cellM - z,
    );
  }

  /** One of eight neighbours, the straight ones first; -1 outside, and across a corner of what is shut. */
  neighbour(cell: number, step: number): number {
    const row = Math.floor(cell / this.#columns);
    const column = cell - row * this.#columns;
    const dx = STEPS_X[step];
    const dz = STEPS_Z[step];
    if (column + dx < 0 || column + dx >= this.#columns || row + dz < 0 || row + dz >= this.#rows) return -1;
    if (step >= 4 && (this.cells[cell + dx] >= PERSON || this.cells[cell + dz * this.#columns] >= PERSON))
      return -1;
    return cell + dx + dz * this.#columns;
  }

  #fill(middle: FloorPoint, reachX: number, reachZ: number, value: number, round = true): void {
    const from = this.at({ x: middle.x - reachX, z: middle.z - reachZ });
    const to = this.at({ x: middle.x + reachX, z: middle.z + reachZ });
    const fromRow = Math.floor(from / this.#columns);
    const toRow = Math.floor(to / this.#columns);
    for (let row = fromRow; row <= toRow; row++)
      for (let column = from % this.#columns; column <= to % this.#columns; column++) {
        const cell = row * this.#columns + column;
        const { x, z } = this.middle(cell);
        const inside = round
          ? Math.hypot(x - middle.x, z - middle.z) < reachX
          : Math.abs(x - middle.x) < reachX && Math.abs(z - middle.z) < reachZ;
        if (inside) this.cells[cell] = value;
      }
  }
}

const STEPS_X = [1, -1, 0, 0, 1, 1, -1, -1] as const;
const STEPS_Z = [0, 0, 1, -1, 1, -1, 1, -1] as const;

/** A binary heap of cells, the cheapest first. */
class Heap {
  readonly #cells: number[] = [];
  readonly #costs: number[] = [];

  push(cell: number, cost: number): void {
    const cells = this.#cells;
    const costs = this.#costs;
    let at = cells.length;
    cells.push(cell);
    costs.push(cost);
    for (let parent = (at - 1) >> 1; at > 0 && costs[parent] > cost; parent = (at - 1) >> 1) {
      cells[at] = cells[parent];
      costs[at] = costs[parent];
      at = parent;
    }
    cells[at] = cell;
    costs[at] = cost;
  }

  /** @returns -1 when there is none. */
  pop(): number {
    const cells = this.#cells;
    const costs = this.#costs;
    if (cells.length === 0) return -1;
    const first = cells[0];
    const cell = cells.pop() as number;
    const cost = costs.pop() as number;
    if (cells.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= cells.length) break;
      if (child + 1 < cells.length && costs[child + 1] < costs[child]) child++;
      if (costs[child] >= cost) break;
      cells[at] = cells[child];
      costs[at] = costs[child];
      at = child;
    }
    cells[at] = cell;
    costs[at] = cost;
    return first;
  }
}
