/** A star chart: stars as (u, v) in [-1, 1] across and up the panel, and the pairs that lines join. */
export interface Constellation {
  readonly name: string;
  readonly stars: readonly (readonly [number, number])[];
  readonly lines: readonly (readonly [number, number])[];
}

export const ORION: Constellation = {
  name: 'Orion',
  stars: [
    [-0.6, 0.7],
    [0.5, 0.62],
    [-0.16, 0.04],
    [0.02, 0.0],
    [0.2, -0.04],
    [-0.45, -0.75],
    [0.62, -0.68],
    [0.0, 0.95],
  ],
  lines: [
    [0, 2],
    [2, 3],
    [3, 4],
    [4, 1],
    [2, 5],
    [4, 6],
    [0, 1],
    [0, 7],
    [1, 7],
    [5, 6],
  ],
};

const DIPPER: Constellation = {
  name: 'The Plough',
  stars: [
    [-0.85, 0.75],
    [-0.5, 0.5],
    [-0.25, 0.25],
    [0.02, -0.02],
    [0.0, -0.5],
    [0.6, -0.65],
    [0.72, -0.1],
  ],
  lines: [
    [0, 1],
    [1, 2],
    [2, 3],
    [3, 4],
    [4, 5],
    [5, 6],
    [6, 3],
  ],
};

const CASSIOPEIA: Constellation = {
  name: 'Cassiopeia',
  stars: [
    [-0.8, 0.5],
    [-0.4, -0.3],
    [0.0, 0.2],
    [0.4, -0.45],
    [0.75, 0.4],
  ],
  lines: [
    [0, 1],
    [1, 2],
    [2, 3],
    [3, 4],
  ],
};

const CYGNUS: Constellation = {
  name: 'Cygnus',
  stars: [
    [0.1, 0.9],
    [0.02, 0.3],
    [-0.75, 0.15],
    [0.7, 0.2],
    [-0.08, -0.35],
    [-0.2, -0.9],
  ],
  lines: [
    [0, 1],
    [1, 2],
    [1, 3],
    [1, 4],
    [4, 5],
  ],
};

/** In the order of the hall's panels; Orion comes in the middle. */
export const CONSTELLATIONS: readonly Constellation[] = [
  CASSIOPEIA,
  CYGNUS,
  DIPPER,
  CASSIOPEIA,
  ORION,
  DIPPER,
  CYGNUS,
  CASSIOPEIA,
  DIPPER,
];
