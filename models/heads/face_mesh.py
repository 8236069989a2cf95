"""Where MediaPipe's 468 face-mesh points (Apache-2.0) lie on the template, found by looking at many identities.

Each identity is drawn from slightly turned views with its own eyes, the network points at pixels, and the skin under them is
the landmark. The median over all views is taken on the template and put back onto its skin.
"""

import zipfile
from dataclasses import dataclass

import numpy as np

from .raster import Camera, rasterise, render

MODEL = "mediapipe/modules/face_landmark/face_landmark.tflite"
INPUT = 192
POINTS = 468
# MediaPipe crops 1.5 times the landmarks' extent
CROP = 1.5
# the outer eye corners, right and left
EYE_CORNERS = (33, 263)


class FaceMesh:
    """The landmark network, run with LiteRT from the `mediapipe` 0.10.21 wheel."""

    def __init__(self, wheel: str):
        from ai_edge_litert.interpreter import Interpreter

        self.net = Interpreter(model_content=zipfile.ZipFile(wheel).read(MODEL))
        self.net.allocate_tensors()

    def _run(self, image: np.ndarray, centre: np.ndarray, size: float, roll: float) -> np.ndarray:
        """Landmarks [468, 2] in pixels, of a square crop turned by `roll` radians."""
        grid = (np.arange(INPUT) + 0.5) / INPUT - 0.5
        x, y = np.meshgrid(grid * size, grid * size)
        turn = np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]])
        at = np.stack([x, y], -1) @ turn.T + centre - 0.5
        crop = _bilinear(image.astype(np.float32) / 255, at)
        self.net.set_tensor(self.net.get_input_details()[0]["index"], crop[None].astype(np.float32))
        self.net.invoke()
        raw = self.net.get_tensor(self.net.get_output_details()[0]["index"]).reshape(POINTS, 3)
        return ((raw[:, :2] / INPUT - 0.5) * size) @ turn.T + centre

    def find(self, image: np.ndarray, start: np.ndarray) -> np.ndarray:
        """Landmarks [468, 2] in pixels; `start` are a few points that span the face."""
        low, high = start.min(0), start.max(0)
        points = self._run(image, (low + high) / 2, CROP * (high - low).max(), 0.0)
        for _ in range(2):
            across = points[EYE_CORNERS[1]] - points[EYE_CORNERS[0]]
            roll = float(np.arctan2(across[1], across[0]))
            turn = np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]])
            upright = points @ turn
            low, high = upright.min(0), upright.max(0)
            points = self._run(image, turn @ ((low + high) / 2), CROP * (high - low).max(), roll)
        return points


@dataclass
class SkinPoints:
    """`vertices` int [468, 3], `weights` [468, 3], `spread_mm` [468]: median distance of single views from the median."""

    vertices: np.ndarray
    weights: np.ndarray
    spread_mm: np.ndarray


def find_on_skin(net: FaceMesh, heads, template: np.ndarray, triangles: np.ndarray, colours: np.ndarray, skin: int, ibug: list[int], rng) -> SkinPoints:
    """`heads`: positions [V, 3] of identities; triangles and colours of all groups; vertices below `skin` are skin."""
    views = []
    on_skin = triangles.max(1) < skin
    for positions in heads:
        face = positions[ibug]
        camera = Camera(face.mean(0), 0.13, 512, 512, rng.uniform(-0.08, 0.08), rng.uniform(-0.08, 0.08))
        image = render(positions, triangles, colours, camera, background=0.3)
        points = net.find(image, camera.project(face)[:, :2])
        ids, weights = rasterise(camera.project(positions), triangles, 512, 512)
        views.append(_skin_under(points, ids, weights, on_skin, template, triangles))
    views = np.array(views)
    median = np.nanmedian(views, 0)
    spread = np.nanmedian(np.linalg.norm(views - median, axis=2), 0) * 1000
    vertices, weights = _closest_on_skin(median, template, triangles[on_skin])
    return SkinPoints(vertices, weights, spread)


def _skin_under(points, ids, weights, on_skin, template, triangles) -> np.ndarray:
    """Template points [468, 3] of the skin pixels nearest to `points`; NaN where none is near."""
    from scipy.ndimage import distance_transform_edt

    skin = (ids >= 0) & on_skin[np.maximum(ids, 0)]
    away, (row, column) = distance_transform_edt(~skin, return_indices=True)
    pixel = np.clip(points.astype(int), 0, ids.shape[0] - 1)
    y, x = row[pixel[:, 1], pixel[:, 0]], column[pixel[:, 1], pixel[:, 0]]
    found = (template[triangles[ids[y, x]]] * weights[y, x][:, :, None]).sum(1)
    found[away[pixel[:, 1], pixel[:, 0]] > 12] = np.nan
    return found


def _closest_on_skin(points, vertices, triangles):
    """Nearest surface point of each point, by sampling each triangle finely enough (0.3 mm)."""
    picked, weights = [], []
    steps = 12
    grid = np.array([[i, j, steps - i - j] for i in range(steps + 1) for j in range(steps + 1 - i)]) / steps
    centre = vertices[triangles].mean(1)
    for point in points:
        near = triangles[np.argsort(np.linalg.norm(centre - point, axis=1))[:40]]
        samples = np.einsum("gk,tkx->tgx", grid, vertices[near])
        distance = np.linalg.norm(samples - point, axis=2)
        t, g = np.unravel_index(distance.argmin(), distance.shape)
        picked.append(near[t])
        weights.append(grid[g])
    return np.array(picked), np.array(weights)


def _bilinear(image: np.ndarray, at: np.ndarray) -> np.ndarray:
    height, width = image.shape[:2]
    x0, y0 = np.floor(at[..., 0]).astype(int), np.floor(at[..., 1]).astype(int)
    fx, fy = (at[..., 0] - x0)[..., None], (at[..., 1] - y0)[..., None]

    def pixel(y, x):
        inside = (y >= 0) & (y < height) & (x >= 0) & (x < width)
        return image[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)] * inside[..., None]

    upper = pixel(y0, x0) * (1 - fx) + pixel(y0, x0 + 1) * fx
    lower = pixel(y0 + 1, x0) * (1 - fx) + pixel(y0 + 1, x0 + 1) * fx
    return upper * (1 - fy) + lower * fy
