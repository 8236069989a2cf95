"""An eyeball with rings at the pupil's and the iris' edge; MakeHuman's own has neither.

The eye looks along +z; ring radii are polar angles. The back, which no lid ever frees, is left open.
"""

import numpy as np

SEGMENTS = 24
PUPIL_DEG = 10.5
IRIS_DEG = 26.0
RINGS_DEG = [5, PUPIL_DEG, 15, 20, 24, IRIS_DEG, 29, 34, 41, 50, 62, 76, 92]
VERTICES = 1 + SEGMENTS * len(RINGS_DEG)


def directions() -> np.ndarray:
    """Unit vectors [VERTICES, 3] from the centre: the pole, then ring after ring."""
    polar = np.radians(RINGS_DEG)[:, None]
    around = np.arange(SEGMENTS)[None] * 2 * np.pi / SEGMENTS
    x, y = np.sin(polar) * np.cos(around), np.sin(polar) * np.sin(around)
    z = np.broadcast_to(np.cos(polar), x.shape)
    return np.vstack([[0, 0, 1], np.stack([x, y, z], 2).reshape(-1, 3)])


def faces() -> tuple[np.ndarray, list[str]]:
    """Quads [n, 4] (the cap's triangles repeat a corner) and the material of each."""
    quads, materials = [], []
    for segment in range(SEGMENTS):
        after = (segment + 1) % SEGMENTS
        quads.append([0, 1 + segment, 1 + after, 1 + after])
        materials.append("pupil")
        for ring in range(len(RINGS_DEG) - 1):
            inner, outer = 1 + ring * SEGMENTS, 1 + (ring + 1) * SEGMENTS
            quads.append([inner + segment, outer + segment, outer + after, inner + after])
            edge = RINGS_DEG[ring + 1]
            materials.append("pupil" if edge <= PUPIL_DEG else "iris" if edge <= IRIS_DEG else "eyeWhite")
    return np.array(quads), materials


def uvs() -> np.ndarray:
    """Azimuthal equidistant coordinates [VERTICES, 2]: the pole at 0.5, 0.5 and the last ring at distance 0.5."""
    d = directions()
    polar = np.arccos(np.clip(d[:, 2], -1, 1)) / np.radians(RINGS_DEG[-1])
    flat = d[:, :2] / np.maximum(np.linalg.norm(d[:, :2], axis=1, keepdims=True), 1e-9)
    return 0.5 + 0.5 * polar[:, None] * flat


def rotation(yaw: float, pitch: float) -> np.ndarray:
    """Turns +z by `yaw` radians to +x and by `pitch` radians to +y."""
    cy, sy, cp, sp = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch)
    return np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]]) @ np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
