"""Where hair grows: the part of the head's skin behind the hairline, subdivided, with its distance to the hairline."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from .head import HeadTopology
from .raster import vertex_normals
from .quads import triangulate

# hairline seen from the side: z, y in millimetres from the head's joint on MakeHuman's base mesh, around the scalp
HAIRLINE_MM = np.array(
    [[130, 112], [108, 100], [94, 93], [83, 84], [75, 71], [67, 54], [61, 24], [54, 10], [51, 40], [34, 50], [15, 42], [10, 5], [0, -26], [-22, -44], [-50, -58], [-140, -58], [-140, 200], [130, 200]]
)


@dataclass
class Scalp:
    """`points`, `normals` [n, 3] in the body's frame, `inside` [n] metres behind the hairline (negative before it), `quads`.

    `rest` [n, 3]: the same points on MakeHuman's base mesh, from its head joint.
    """

    points: np.ndarray
    normals: np.ndarray
    inside: np.ndarray
    quads: np.ndarray
    rest: np.ndarray


def subdivide(points: np.ndarray, quads: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """One step of Catmull and Clark (1978) on a quad mesh; borders stay on their own curve."""
    edges = np.sort(np.stack([quads, np.roll(quads, -1, 1)], 2).reshape(-1, 2), 1)
    unique, inverse, uses = np.unique(edges, axis=0, return_inverse=True, return_counts=True)
    inverse = inverse.reshape(-1, 4)
    face_point = points[quads].mean(1)
    middle = points[unique].mean(1)
    face_sum = np.zeros_like(middle)
    for k in range(4):
        np.add.at(face_sum, inverse[:, k], face_point)
    inner = uses == 2
    edge_point = np.where(inner[:, None], (middle * 2 + face_sum) / 4, middle)
    n = np.zeros(len(points))
    faces_around, edges_around = np.zeros_like(points), np.zeros_like(points)
    for k in range(4):
        np.add.at(faces_around, quads[:, k], face_point)
        np.add.at(n, quads[:, k], 1)
    valence = np.zeros(len(points))
    border, border_count = np.zeros_like(points), np.zeros(len(points))
    for k in range(2):
        np.add.at(edges_around, unique[:, k], middle)
        np.add.at(valence, unique[:, k], 1)
        np.add.at(border, unique[~inner, k], middle[~inner])
        np.add.at(border_count, unique[~inner, k], 1)
    n, valence = np.maximum(n, 1)[:, None], np.maximum(valence, 1)[:, None]
    smooth = (faces_around / n + 2 * edges_around / valence + (n - 3) * points) / n
    on_border = border_count > 0
    smooth[on_border] = (border[on_border] + points[on_border] * border_count[on_border, None]) / (2 * border_count[on_border, None])
    smooth[n[:, 0] == 0] = points[n[:, 0] == 0]
    v, e = len(points), len(unique)
    face_index = v + e + np.arange(len(quads))
    parts = [np.stack([quads[:, k], v + inverse[:, k], face_index, v + inverse[:, k - 1]], 1) for k in range(4)]
    return np.vstack([smooth, edge_point, face_point]), np.vstack(parts)


def find_scalp(head: HeadTopology, body: np.ndarray, levels: int, margin: float = 0.01) -> Scalp:
    """The scalp of a body, subdivided `levels` times, with a margin in metres before the hairline."""
    makehuman = head.makehuman
    base = makehuman.mesh.vertices
    joint = makehuman.joint("joint-head", base)
    ear = np.abs(makehuman.detail("ears/l-ear-wing-incr") + makehuman.detail("ears/r-ear-wing-incr")).max(1) > 2e-3
    faces = makehuman.mesh.faces["body"][head.skin_faces]
    hairline = np.vstack([HAIRLINE_MM, HAIRLINE_MM[:1]]) / 1000
    rest = base - joint
    near = signed_distance(hairline, rest[:, 2:0:-1]) > -margin - 0.02
    near &= (rest[:, 1] > -0.12) & ~ear
    outer = np.array(head.groups["skin"].materials) == "skin"  # the mouth's cavity lies behind the hairline too
    keep = near[faces].all(1) & outer
    faces = faces[keep]
    used = np.unique(faces)
    quads = np.searchsorted(used, faces)
    points, rest = body[used], rest[used]
    for _ in range(levels):
        rest, _ = subdivide(rest, quads)
        points, quads = subdivide(points, quads)
    inside = signed_distance(hairline, rest[:, 2:0:-1])
    kept = (inside > -margin)[quads].any(1)
    quads = _largest_part(quads[kept])
    used = np.unique(quads)
    quads = np.searchsorted(used, quads)
    points, rest, inside = points[used], rest[used], inside[used]
    return Scalp(points, vertex_normals(points, triangulate(quads)), inside, quads, rest)


def _largest_part(quads: np.ndarray) -> np.ndarray:
    """The connected part with the most faces: the hairline may cut off crumbs behind the ears."""
    edges = np.stack([quads, np.roll(quads, -1, 1)], 2).reshape(-1, 2)
    size = int(quads.max()) + 1
    _, label = connected_components(coo_matrix((np.ones(len(edges)), edges.T), (size, size)), directed=False)
    of_face = label[quads[:, 0]]
    return quads[of_face == np.bincount(of_face).argmax()]


def signed_distance(polygon: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Distance [n] of points [n, 2] to a closed polygon, positive inside."""
    a, b = polygon[:-1], polygon[1:]
    along = b - a
    t = ((points[:, None] - a) * along).sum(2) / (along**2).sum(1)
    foot = a + np.clip(t, 0, 1)[..., None] * along
    distance = np.linalg.norm(points[:, None] - foot, axis=2).min(1)
    crosses = (a[:, 1] > points[:, None, 1]) != (b[:, 1] > points[:, None, 1])
    x = a[:, 0] + (points[:, None, 1] - a[:, 1]) / np.where(along[:, 1] == 0, 1e-12, along[:, 1]) * along[:, 0]
    odd = (crosses & (points[:, None, 0] < x)).sum(1) % 2 == 1
    return np.where(odd, distance, -distance)


def spread_points(points: np.ndarray, spacing: float, seed: int) -> np.ndarray:
    """Indices of points at least `spacing` apart, in a seeded random order (dart throwing)."""
    order = np.random.default_rng(seed).permutation(len(points))
    tree, taken, blocked = cKDTree(points), [], np.zeros(len(points), bool)
    for index in order:
        if not blocked[index]:
            taken.append(int(index))
            blocked[tree.query_ball_point(points[index], spacing)] = True
    return np.array(taken)
