"""Rows of teeth with gums along MakeHuman's dental arches, whose own teeth are one plain band.

Each row runs from the last molar on the right to the last on the left, four columns a tooth; its sheet runs from the
gum's edge under the lip over the front of the crowns and their edges to the back.
"""

import numpy as np
from scipy.interpolate import PchipInterpolator

# one side from the middle outwards: width and crown height in millimetres (Nelson, Wheeler's Dental Anatomy, rounded)
UPPER = [(8.5, 10.5), (6.5, 9.6), (7.5, 10.3), (7.0, 8.8), (6.6, 8.2), (9.5, 7.5)]
LOWER = [(5.4, 8.8), (5.8, 9.2), (6.8, 10.2), (7.0, 8.8), (7.0, 8.2), (9.5, 7.5)]
ACROSS = np.array([0, 0.22, 0.5, 0.78])
ROWS = 7
COLUMNS = 2 * len(UPPER) * len(ACROSS) + 1
VERTICES = ROWS * COLUMNS


def arch(helper: np.ndarray, upper: bool) -> np.ndarray:
    """Positions [VERTICES, 3] in metres for MakeHuman's teeth `helper` [68, 3], row after row from the gum."""
    edge, gum = _front_line(helper, upper)
    widths, heights = (np.array(column) / 1000 for column in zip(*(UPPER if upper else LOWER)))
    line = _Curve(edge)
    scale = line.length * 0.97 / widths.sum()
    start = np.concatenate([[0], np.cumsum(widths * scale)])
    s, depth, crown, corner = [0.0], [-0.7], [heights[0]], [1.0]
    for tooth, (width, height) in enumerate(zip(widths * scale, heights)):
        for u in np.append(ACROSS[1:], 1.0):
            s.append(start[tooth] + u * width)
            bulge = np.sin(np.pi * u)
            depth.append(-0.75 + 0.95 * bulge**0.6)
            crown.append(height)
            corner.append(abs(2 * u - 1) ** 3)
    s, depth, crown, corner = (np.concatenate([np.array(x)[:0:-1], x]) for x in (s, depth, crown, corner))
    sign = np.concatenate([-np.ones(len(s) // 2), np.ones(len(s) - len(s) // 2)])
    point, outward = line.at(s)
    at_gum = _Curve(gum).at(s * _Curve(gum).length / line.length)[0]
    point, at_gum, outward = (p * np.stack([sign, np.ones_like(s), np.ones_like(s)], 1) for p in (point, at_gum, outward))
    down = np.array([0, -1.0 if upper else 1.0, 0])
    crown = np.minimum(crown * scale, 0.8 * np.abs(point[:, 1] - at_gum[:, 1]))
    tip = point - down * (corner * 0.0009)[:, None]
    margin = point - down * (crown - corner * 0.0011)[:, None]
    out = outward * 0.001
    rows = [
        at_gum + out * 0.3 - down * 0.001,
        margin + out * (0.55 + 0.4 * depth[:, None]),
        margin * 0.97 + tip * 0.03 + out * depth[:, None],
        margin * 0.5 + tip * 0.5 + out * (depth[:, None] + 0.25),
        tip - down * 0.0007 + out * depth[:, None],
        tip - out * 0.9,
        margin * 0.5 + tip * 0.5 - out * (3.5 if upper else 3.0),
    ]
    return np.vstack(rows)


def faces() -> tuple[np.ndarray, list[str]]:
    """Quads [n, 4] seen from outside for the upper row (turn them for the lower), and the material of each."""
    quads, materials = [], []
    for row in range(ROWS - 1):
        for k in range(COLUMNS - 1):
            a, b = row * COLUMNS + k, (row + 1) * COLUMNS + k
            quads.append([a, b, b + 1, a + 1])
            materials.append("mouth" if row < 2 else "teeth")
    return np.array(quads), materials


def _front_line(helper: np.ndarray, upper: bool) -> tuple[np.ndarray, np.ndarray]:
    """The crowns' edge and the gum's upper border on the left side, from the middle outwards, [9, 3] each.

    MakeHuman's band has three front vertices a step: edge, middle, gum.
    """
    front = helper[helper[:, 0] > -1e-5]
    order = np.argsort(-np.arctan2(front[:, 0], front[:, 2] - helper[:, 2].min() + 0.02))[::-1]
    lines = []
    for lowest in (True, False):
        best: dict[int, np.ndarray] = {}
        angles = np.arctan2(front[:, 0], front[:, 2] - helper[:, 2].min() + 0.02)
        bins = np.digitize(angles, np.linspace(-0.01, angles.max() + 0.01, 9))
        for index in order:
            b, p = int(bins[index]), front[index]
            better = b not in best or (p[1] < best[b][1]) == (lowest == upper)
            if better:
                best[b] = p
        lines.append(np.array([best[b] for b in sorted(best)]))
    edge, gum = lines
    edge[0, 0] = gum[0, 0] = 0.0
    return edge, gum


class _Curve:
    """A smooth curve through points, by arc length from the first."""

    def __init__(self, points: np.ndarray):
        chord = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points[:, [0, 2]], axis=0), axis=1))])
        dense = PchipInterpolator(chord, points)(np.linspace(0, chord[-1], 200))
        self.arc = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(dense[:, [0, 2]], axis=0), axis=1))])
        self.points = dense
        self.length = float(self.arc[-1])

    def at(self, s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        point = np.stack([np.interp(s, self.arc, self.points[:, k]) for k in range(3)], 1)
        ahead = np.stack([np.interp(s + 0.002, self.arc, self.points[:, k]) for k in range(3)], 1)
        behind = np.stack([np.interp(np.abs(s - 0.002), self.arc, self.points[:, k]) * (np.sign(s - 0.002) if k == 0 else 1) for k in range(3)], 1)
        along = ahead - behind
        outward = np.stack([-along[:, 2], np.zeros(len(s)), along[:, 0]], 1)
        outward[np.linalg.norm(outward, axis=1) < 1e-9] = [1, 0, 0]
        return point, outward / np.linalg.norm(outward, axis=1, keepdims=True)
