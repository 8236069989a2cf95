"""Hair drawn back into a bun: a shell over the scalp whose strands run from the hairline to the bun.

Every point has texture coordinates: u across the strands, v along them from the hairline, so that one strand texture
with a ragged root edge serves all of it.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

from .head import HeadTopology
from .scalp import Scalp, find_scalp

# in millimetres from the head's joint on MakeHuman's base mesh: what the strands turn around, and where they meet
CENTRE_MM = np.array([0, 52, -2.0])
BUN_AXIS = np.array([0, 0.16, -1.0]) / np.hypot(0.16, 1)
VOLUME = 0.0085  # metres above the scalp
STRAND_LENGTH = 0.2  # metres a texture repeat covers along the strands


@dataclass
class Hair:
    """`points` [n, 3] in the body's frame, `uvs` [n, 2], `quads` [m, 4]."""

    points: np.ndarray
    uvs: np.ndarray
    quads: np.ndarray


def swept_back(head: HeadTopology, body: np.ndarray) -> list[Hair]:
    """The shell over the scalp, and the bun."""
    scalp = find_scalp(head, body, levels=2, margin=0.006)
    return [_shell(scalp), _bun(scalp)]


def _around(rest: np.ndarray) -> np.ndarray:
    """Angle [n] around the bun's axis, 0 at the top."""
    d = rest - CENTRE_MM / 1000
    side = np.array([1.0, 0, 0])
    up = np.cross(BUN_AXIS, side)
    up *= np.sign(up[1])
    return np.arctan2(d @ side, d @ up)


def _shell(scalp: Scalp) -> Hair:
    angle = _around(scalp.rest)
    rise = np.clip(scalp.inside / 0.030, -0.2, 1)
    rise = np.where(rise > 0, 1 - (1 - rise) ** 2, rise)
    ridges = sum(a * np.sin(k * angle + p) for k, a, p in ((23, 0.5, 0.3), (37, 0.4, 1.9), (61, 0.3, 4.0)))
    crown = np.clip((scalp.rest[:, 1] - 0.08) / 0.07, 0, 1) * 0.004
    lift = rise * (VOLUME + crown) + np.clip(rise, 0, 1) * ridges * 0.0008
    lift = np.where(scalp.inside < 0, scalp.inside * 0.12, lift) + 0.0006
    # u jumps from one end to the other below the bun; doubling the vertices there keeps the strands straight
    x, y, z = np.abs(scalp.rest[:, 0]), scalp.rest[:, 1], scalp.rest[:, 2]
    at_ear = (x > 0.055) & (y > -0.035) & (y < 0.062) & (z > -0.012) & (z < 0.034)  # no ragged edge against the sky
    uvs = np.stack([angle / (2 * np.pi) * 3, scalp.inside / STRAND_LENGTH + 0.05 * at_ear], 1)
    points = scalp.points + scalp.normals * lift[:, None]
    quads = scalp.quads.copy()
    points, uvs, quads = _cut_seam(points, uvs, quads, period=3.0)
    return Hair(points, uvs, quads)


def _cut_seam(points: np.ndarray, uvs: np.ndarray, quads: np.ndarray, period: float):
    u = uvs[quads, 0]
    crosses = np.ptp(u, axis=1) > period / 2
    extra: dict[int, int] = {}
    new_points, new_uvs = list(points), list(uvs)
    for face in np.nonzero(crosses)[0]:
        for k in range(4):
            vertex = int(quads[face, k])
            if uvs[vertex, 0] < 0:
                if vertex not in extra:
                    extra[vertex] = len(new_points)
                    new_points.append(points[vertex])
                    new_uvs.append(uvs[vertex] + [period, 0])
                quads[face, k] = extra[vertex]
    return np.array(new_points), np.array(new_uvs), quads


def _bun(scalp: Scalp) -> Hair:
    side = np.array([1.0, 0, 0])
    up = np.cross(BUN_AXIS, side)
    up *= np.sign(up[1])
    reach = (scalp.rest - CENTRE_MM / 1000) @ BUN_AXIS
    anchor = scalp.points[np.argmax(reach)] + BUN_AXIS * 0.020
    rows, columns = 22, 44
    theta = np.linspace(0.02, np.pi - 0.02, rows)[:, None]
    phi = np.linspace(0, 2 * np.pi, columns + 1)[None]
    twist = 5 * theta + phi
    radius = 1 + 0.035 * np.sin(2 * twist) + 0.02 * np.sin(5 * twist + 1)
    x, y, z = (np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta) * np.ones_like(phi))
    points = anchor + (
        (radius * x)[..., None] * side * 0.037 + (radius * y)[..., None] * up * 0.034 + (radius * z)[..., None] * BUN_AXIS * 0.026
    )
    uvs = np.stack([theta / np.pi * 1.1 + phi * 0.06, 0.25 + phi * 0.1 + 0 * theta], 2)
    return Hair(points.reshape(-1, 3), uvs.reshape(-1, 2), _grid(rows, columns + 1))


def _grid(rows: int, columns: int) -> np.ndarray:
    k = np.arange((rows - 1) * columns).reshape(rows - 1, columns)[:, :-1].reshape(-1)
    return np.stack([k, k + columns, k + columns + 1, k + 1], 1)


def paint_strands(colour, size: int = 1024) -> tuple[Image.Image, Image.Image]:
    """Strand colour with a ragged alpha at the roots (v = 0), RGBA, and its normal map."""
    height = size // 2
    rng = np.random.default_rng(21)
    fine = gaussian_filter(rng.standard_normal((height, size)), (45, 0.7), mode="wrap")
    middle = gaussian_filter(rng.standard_normal((height, size)), (90, 3.0), mode="wrap")
    coarse = gaussian_filter(rng.standard_normal((height, size)), (140, 11.0), mode="wrap")
    fine, middle, coarse = (f / f.std() for f in (fine, middle, coarse))
    relief = 0.55 * fine + 0.5 * middle + 0.5 * coarse
    shade = np.exp(0.15 * fine + 0.12 * middle + 0.06 * coarse)
    tint = np.asarray(colour, float) * shade[..., None]
    v = 1 - (np.arange(height)[:, None] + 0.5) / height  # image rows run downwards, v upwards
    tint *= (0.82 + 0.18 * np.clip(v / 0.2, 0, 1))[..., None]
    root = sum(gaussian_filter(rng.standard_normal(size), sigma, mode="wrap") * sigma**0.5 * share for sigma, share in ((0.7, 1), (2.5, 1), (9, 1.4)))
    start = 0.020 + 0.007 * root / root.std()
    alpha = np.clip((v - start) / 0.006 + 0.5, 0, 1)
    alpha = np.where(v > 0.9, 1.0, alpha)  # the repeat's far end lies before the hairline
    before = v > 0.97
    alpha = np.where(before, 0.0, alpha)
    rgba = np.dstack([np.clip(tint, 0, 1), alpha])
    slope = np.gradient(gaussian_filter(relief, (0, 0.7)), axis=1) * 0.9
    normal = np.dstack([-slope, np.zeros_like(slope), np.ones_like(slope)])
    normal /= np.linalg.norm(normal, axis=2, keepdims=True)
    return Image.fromarray((rgba * 255).astype(np.uint8), "RGBA"), Image.fromarray(((normal * 0.5 + 0.5) * 255).astype(np.uint8))
