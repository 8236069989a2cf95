"""Textures painted from 3D: each texel knows its place on the body, so that seams in the layout do not show."""

import numpy as np
from PIL import Image
from scipy.ndimage import distance_transform_edt, gaussian_filter

from .raster import rasterise


def bake(uvs: np.ndarray, uv_triangles: np.ndarray, values: np.ndarray, triangles: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Per-vertex `values` [n, k] over the texture, float [size, size, k], and the mask of covered texels."""
    screen = np.hstack([uvs * [size, -size] + [0, size], np.ones((len(uvs), 1))])
    ids, weights = rasterise(screen, uv_triangles, size, size)
    covered = ids >= 0
    texels = np.zeros((size, size, values.shape[1]), np.float32)
    texels[covered] = (values[triangles[ids[covered]]] * weights[covered][:, :, None]).sum(1)
    return texels, covered


def bleed(image: np.ndarray, covered: np.ndarray) -> np.ndarray:
    """Carries the colour of covered texels outwards, so that filtering finds no background."""
    rows, columns = distance_transform_edt(~covered, return_distances=False, return_indices=True)
    return image[rows, columns]


def to_image(colour: np.ndarray) -> Image.Image:
    return Image.fromarray((np.clip(colour, 0, 1) * 255).astype(np.uint8))


def noise(size: int, sigma: float, seed: int) -> np.ndarray:
    """Smooth noise of unit deviation, tiling."""
    field = gaussian_filter(np.random.default_rng(seed).standard_normal((size, size)), sigma, mode="wrap")
    return (field / field.std()).astype(np.float32)


def distance_to_line(points: np.ndarray, line: np.ndarray, closed: bool = True) -> np.ndarray:
    """Distance [n] of points [n, 3] to a polyline, in the points' unit."""
    a = line
    b = np.roll(line, -1, 0) if closed else line[1:]
    a = a if closed else line[:-1]
    best = np.full(len(points), np.inf, np.float32)
    for start, end in zip(a, b):
        along = end - start
        t = np.clip((points - start) @ along / (along @ along + 1e-12), 0, 1)
        best = np.minimum(best, np.linalg.norm(points - start - t[:, None] * along, axis=1))
    return best


def smooth_step(low: float, high: float, x: np.ndarray) -> np.ndarray:
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def mix(a: np.ndarray, b, t: np.ndarray) -> np.ndarray:
    return a + (np.asarray(b, np.float32) - a) * t[..., None]
