"""A small CPU rasteriser in numpy, to look at meshes and to test what hides what."""

from dataclasses import dataclass

import numpy as np


@dataclass
class Camera:
    """Perspective camera looking at `centre`, turned by `yaw` and `pitch` radians; `half` metres fill half the height."""

    centre: np.ndarray
    half: float
    width: int = 320
    height: int = 400
    yaw: float = 0.0
    pitch: float = 0.0
    fov: float = np.radians(24)

    @property
    def rotation(self) -> np.ndarray:
        cy, sy, cp, sp = np.cos(self.yaw), np.sin(self.yaw), np.cos(self.pitch), np.sin(self.pitch)
        return np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]]) @ np.array([[cy, 0, -sy], [0, 1, 0], [sy, 0, cy]])

    def project(self, points: np.ndarray) -> np.ndarray:
        """Pixels x, y and depth [n, 3]."""
        distance = self.half / np.tan(self.fov / 2)
        view = (points - self.centre) @ self.rotation.T
        depth = np.maximum(distance - view[:, 2], 1e-6)
        focal = distance / self.half * self.height / 2
        x = self.width / 2 + focal * view[:, 0] / depth
        return np.stack([x, self.height / 2 - focal * view[:, 1] / depth, depth], 1)


def rasterise(screen: np.ndarray, triangles: np.ndarray, width: int, height: int):
    """Nearest triangle of each pixel: ids int [h, w] (-1: none) and barycentric weights [h, w, 3]."""
    corner = screen[triangles]  # [n, 3, 3]
    low = np.clip(np.floor(corner[:, :, :2].min(1)).astype(int), 0, [width - 1, height - 1])
    high = np.clip(np.ceil(corner[:, :, :2].max(1)).astype(int), 0, [width - 1, height - 1])
    size = high - low + 1
    count = size[:, 0] * size[:, 1]
    ids = np.full(width * height, -1)
    nearest = np.full(width * height, np.inf)
    weights = np.zeros((width * height, 3))
    start, order = 0, np.arange(len(triangles))
    total = np.cumsum(count)
    while start < len(order):  # a bounded number of candidate pixels at a time
        stop = max(start + 1, int(np.searchsorted(total, (total[start - 1] if start else 0) + 4_000_000)))
        part = np.repeat(order[start:stop], count[start:stop])
        local = np.arange(len(part)) - np.repeat(np.cumsum(count[start:stop]) - count[start:stop], count[start:stop])
        px = low[part, 0] + local % size[part, 0]
        py = low[part, 1] + local // size[part, 0]
        a, b, c = corner[part, 0], corner[part, 1], corner[part, 2]
        area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
        area = np.where(np.abs(area) < 1e-12, np.inf, area)
        dx, dy = px + 0.5 - a[:, 0], py + 0.5 - a[:, 1]
        w1 = (dx * (c[:, 1] - a[:, 1]) - dy * (c[:, 0] - a[:, 0])) / area
        w2 = ((b[:, 0] - a[:, 0]) * dy - (b[:, 1] - a[:, 1]) * dx) / area
        w0 = 1 - w1 - w2
        keep = (w0 >= 0) & (w1 >= 0) & (w2 >= 0) & np.isfinite(area)
        part, px, py, w0, w1, w2 = (x[keep] for x in (part, px, py, w0, w1, w2))
        depth = w0 * corner[part, 0, 2] + w1 * corner[part, 1, 2] + w2 * corner[part, 2, 2]
        far_first = np.argsort(-depth, kind="stable")  # the nearest is written last and stays
        pixel = (py * width + px)[far_first]
        closer = depth[far_first] < nearest[pixel]
        pixel, far_first = pixel[closer], far_first[closer]
        nearest[pixel] = depth[far_first]
        ids[pixel] = part[far_first]
        weights[pixel] = np.stack([w0, w1, w2], 1)[far_first]
        start = stop
    return ids.reshape(height, width), weights.reshape(height, width, 3)


def vertex_normals(vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Area-weighted unit normals [n, 3]."""
    face = np.cross(vertices[triangles[:, 1]] - vertices[triangles[:, 0]], vertices[triangles[:, 2]] - vertices[triangles[:, 0]])
    normals = np.zeros_like(vertices)
    for k in range(3):
        np.add.at(normals, triangles[:, k], face)
    return normals / (np.linalg.norm(normals, axis=1, keepdims=True) + 1e-20)


def render(vertices, triangles, colours, camera: Camera, samples: int = 2, background: float = 0.92) -> np.ndarray:
    """Image uint8 [h, w, 3]; `colours` [triangles, 3] or [vertices, 3] in 0..1."""
    width, height = camera.width * samples, camera.height * samples
    screen = camera.project(vertices)
    screen[:, :2] *= samples
    ids, weights = rasterise(screen, triangles, width, height)
    hit = ids >= 0
    face = triangles[ids[hit]]
    weight = weights[hit][:, :, None]
    normal = (vertex_normals(vertices, triangles)[face] * weight).sum(1) @ camera.rotation.T
    normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-12
    normal = np.where(normal[:, 2:3] < 0, -normal, normal)
    key, fill = np.array([0.35, 0.55, 0.75]), np.array([-0.7, 0.15, 0.6])
    shade = 0.32 + 0.62 * np.maximum(0, normal @ key) + 0.2 * np.maximum(0, normal @ fill)
    per_face = len(colours) == len(triangles)
    colour = colours[ids[hit]] if per_face else (colours[face] * weight).sum(1)
    image = np.full((height, width, 3), background)
    image[hit] = np.clip(colour * shade[:, None], 0, 1)
    image = image.reshape(camera.height, samples, camera.width, samples, 3).mean((1, 3))
    return (image * 255).astype(np.uint8)
