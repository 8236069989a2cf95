"""The head's topology: which vertices, faces, groups and materials every head of ours has, in which order.

Skin and inner parts keep MakeHuman's vertices; eyeballs (eyeball.py) and brow strips are our own. Brow vertices ride on
the skin: each is anchored to a skin triangle and lifted along its normal.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from . import eyeball, teeth
from .makehuman import MakeHuman
from .quads import QuadMesh, triangulate

# vertices of base.obj from which the named edge loops start (found by rendering; all lie on the midline but the eye's)
NECK_LOOP = 1522
LIP_BORDER_LOOP = 5337
LIP_EDGE_LOOP = 494
LIP_CONTACT_LOOP = 523
LIP_INSIDE_LOOP = 574
LEFT_LID_LOOP = 6785
NOSE_TIP = 274
BROW_COLUMNS = 14
LASH_LENGTH = {"Upper": 0.42, "Lower": 0.2}  # of MakeHuman's
# brow midline from the inner to the outer end, millimetres from the eye's centre, and half its height
BROW_CURVE_MM = np.array([[-14.5, 14.2], [-8, 16.8], [0, 18.6], [8, 19.4], [15, 17.6], [21.5, 13.4]])
BROW_HALF_HEIGHT_MM = np.array([2.6, 2.9, 2.5, 2.1, 1.5, 0.3])

PARTS = {
    "tongue": ("helper-tongue", "tongue"),
    "leftUpperLashes": ("helper-l-eyelashes-2", "lashes"),
    "leftLowerLashes": ("helper-l-eyelashes-1", "lashes"),
    "rightUpperLashes": ("helper-r-eyelashes-2", "lashes"),
    "rightLowerLashes": ("helper-r-eyelashes-1", "lashes"),
}


@dataclass
class Eye:
    """Centre [3] and radius in metres."""

    centre: np.ndarray
    radius: float


@dataclass
class Group:
    """Vertices first..first+count of the head, and its faces with a material each."""

    first: int
    count: int
    quads: np.ndarray
    materials: list[str]


class HeadTopology:
    def __init__(self, makehuman: MakeHuman, reference: np.ndarray):
        """`reference`: the body [19158, 3] on which brow anchors are found."""
        self.makehuman = makehuman
        base = makehuman.mesh
        self.quad_mesh = QuadMesh(base.faces["body"])
        sideways = np.array([1.0, 0, 0])
        loop = lambda start: self.quad_mesh.loop_towards(start, base.vertices, sideways)
        self.neck, self.lip_border = loop(NECK_LOOP), loop(LIP_BORDER_LOOP)
        self.lip_edge, self.lip_contact = loop(LIP_EDGE_LOOP), loop(LIP_CONTACT_LOOP)
        self.left_lid = loop(LEFT_LID_LOOP)
        self.skin_faces = self.quad_mesh.flood(NOSE_TIP, self.neck)
        mouth = set(self.quad_mesh.flood(693, loop(LIP_INSIDE_LOOP)).tolist())
        inside_border = set(self.quad_mesh.flood(self.lip_contact[0], self.lip_border).tolist())
        self.skin = np.unique(base.faces["body"][self.skin_faces])
        material = ["mouth" if f in mouth else "lips" if f in inside_border else "skin" for f in self.skin_faces.tolist()]
        self.groups = {"skin": Group(0, len(self.skin), self._renumber(base.faces["body"][self.skin_faces], self.skin, 0), material)}
        first = len(self.skin)
        for side in ("left", "right"):
            quads, materials = eyeball.faces()
            self.groups[f"{side}Eye"] = Group(first, eyeball.VERTICES, quads + first, materials)
            first += eyeball.VERTICES
        for row in ("upper", "lower"):
            quads, materials = teeth.faces()
            quads = quads if row == "upper" else quads[:, ::-1]
            self.groups[f"{row}Teeth"] = Group(first, teeth.VERTICES, quads + first, materials)
            first += teeth.VERTICES
        self.part_sources = {}
        for name, (source, material_name) in PARTS.items():
            used = np.unique(base.faces[source])
            self.part_sources[name] = used
            quads = self._renumber(base.faces[source], used, first)
            self.groups[name] = Group(first, len(used), quads, [material_name] * len(quads))
            first += len(used)
        self.brow_anchors = {}
        for side in ("left", "right"):
            self.brow_anchors[side] = self._anchor_brow(reference, side)
            count = 3 * BROW_COLUMNS
            self.groups[f"{side}Brow"] = Group(first, count, _strip(first, mirrored=side == "right"), ["brows"] * (2 * (BROW_COLUMNS - 1)))
            first += count
        self.vertex_count = first

    @staticmethod
    def _renumber(quads: np.ndarray, used: np.ndarray, first: int) -> np.ndarray:
        return np.searchsorted(used, quads) + first

    def head_index(self, source: int) -> int:
        """The head's vertex of a skin vertex of base.obj."""
        index = int(np.searchsorted(self.skin, source))
        if index >= len(self.skin) or self.skin[index] != source:
            raise ValueError(f"vertex {source} of base.obj is not on the head's skin")
        return index

    @cached_property
    def mirror(self) -> np.ndarray:
        """For each vertex of base.obj the one on the other side, int [19158]."""
        from scipy.spatial import cKDTree

        vertices = self.makehuman.mesh.vertices
        return cKDTree(vertices).query(vertices * [-1, 1, 1])[1]

    @cached_property
    def right_lid(self) -> list[int]:
        return [int(self.mirror[v]) for v in self.left_lid]

    def eye(self, body: np.ndarray, side: str) -> Eye:
        points = body[np.unique(self.makehuman.mesh.faces[f"helper-{side[0]}-eye"])]
        centre = (points.max(0) + points.min(0)) / 2
        # a little smaller than MakeHuman's, which leaves room for lids that travel on straight lines
        return Eye(centre, float(np.linalg.norm(points - centre, axis=1).mean()) * 0.975)

    @cached_property
    def _lash_roots(self) -> dict[str, np.ndarray]:
        """For each lash vertex the lid margin's vertex nearest to it, by part."""
        vertices = self.makehuman.mesh.vertices
        roots = {}
        for name, used in self.part_sources.items():
            if "Lashes" in name:
                lid = np.array(self.left_lid if name.startswith("left") else self.right_lid)
                roots[name] = lid[np.linalg.norm(vertices[used][:, None] - vertices[lid][None], axis=2).argmin(1)]
        return roots

    def _parts(self, body: np.ndarray) -> list[np.ndarray]:
        """Tongue and lashes; lashes are cut back towards the lid."""
        parts = []
        for name, used in self.part_sources.items():
            points = body[used]
            if name in self._lash_roots:
                keep = LASH_LENGTH["Upper" if "Upper" in name else "Lower"]
                points = body[self._lash_roots[name]] * (1 - keep) + points * keep
            parts.append(points)
        return parts

    def _teeth_helper(self, row: str) -> np.ndarray:
        return np.unique(self.makehuman.mesh.faces[f"helper-{row}-teeth"])

    def teeth(self, body: np.ndarray, row: str) -> np.ndarray:
        """Positions [n, 3] of the `upper` or `lower` teeth.

        MakeHuman hides the upper ones behind the lip, sets both rows edge to edge and reaches the mouth's corners: ours show
        under a parted lip, the lower ones close behind the upper, and the corners stay dark.
        """
        shift = [0, -0.002, 0] if row == "upper" else [0, -0.0006, -0.0018]
        return teeth.arch(body[self._teeth_helper(row)], row == "upper") * [0.93, 1, 1] + shift

    def _teeth_offsets(self, body: np.ndarray, moved: np.ndarray, row: str) -> np.ndarray:
        """The rigid motion of MakeHuman's teeth, on ours (Kabsch)."""
        helper = self._teeth_helper(row)
        from_centre, to_centre = body[helper].mean(0), moved[helper].mean(0)
        u, _, vt = np.linalg.svd((body[helper] - from_centre).T @ (moved[helper] - to_centre))
        points = self.teeth(body, row)
        return (points - from_centre) @ (u @ vt) + to_centre - points

    def assemble(self, body: np.ndarray) -> np.ndarray:
        """Positions [V, 3] in metres of the head of a body, in the body's frame."""
        parts = [body[self.skin]]
        for side in ("left", "right"):
            eye = self.eye(body, side)
            parts.append(eye.centre + eye.radius * eyeball.directions())
        parts += [self.teeth(body, row) for row in ("upper", "lower")]
        parts += self._parts(body)
        parts += [self._brow(body, side) for side in ("left", "right")]
        return np.vstack(parts)

    def offsets(self, body: np.ndarray, moved: np.ndarray, eyes: dict[str, np.ndarray]) -> np.ndarray:
        """Offsets [V, 3] of the head when the body moves to `moved`; the eyes' own offsets are given."""
        parts = [(moved - body)[self.skin], eyes["left"], eyes["right"]]
        parts += [self._teeth_offsets(body, moved, row) for row in ("upper", "lower")]
        parts += [after - before for after, before in zip(self._parts(moved), self._parts(body))]
        parts += [self._brow(moved, side) - self._brow(body, side) for side in ("left", "right")]
        return np.vstack(parts)

    def turn_shares(self, body: np.ndarray) -> np.ndarray:
        """How much of the head's rotation each vertex takes, 0..1 [V]: nothing at the neck's loop, all from the jaw up."""
        loop = body[self.neck]
        away = np.linalg.norm(body[self.skin][:, None] - loop[None], axis=2).min(1)
        t = np.clip(away / 0.075, 0, 1)
        shares = np.ones(self.vertex_count)
        shares[: len(self.skin)] = t * t * (3 - 2 * t)
        return shares

    @cached_property
    def skin_triangles(self) -> np.ndarray:
        """Triangles of the skin by base.obj's vertices."""
        return triangulate(self.makehuman.mesh.faces["body"][self.skin_faces])

    def _anchor_brow(self, body: np.ndarray, side: str):
        """Triangles [n, 3], weights [n, 3] and lifts [n] in metres of the strip's vertices, row after row."""
        sign = 1 if side == "left" else -1
        centre = self.eye(body, side).centre
        scale = self.eye(body, side).radius / 0.0148 / 1000
        t = np.linspace(0, 1, BROW_COLUMNS)
        knots = np.linspace(0, 1, len(BROW_CURVE_MM))
        from scipy.interpolate import PchipInterpolator

        middle = PchipInterpolator(knots, BROW_CURVE_MM)(t)
        half = PchipInterpolator(knots, BROW_HALF_HEIGHT_MM)(t)
        along = np.gradient(middle, axis=0)
        across = np.stack([-along[:, 1], along[:, 0]], 1) / np.linalg.norm(along, axis=1, keepdims=True)
        flat = np.vstack([middle - half[:, None] * across, middle, middle + half[:, None] * across]) * scale
        points = centre[:2] + flat * [sign, 1]
        lifts = np.concatenate([np.full(BROW_COLUMNS, 0.0), np.minimum(half, 1.6) * 0.75, np.full(BROW_COLUMNS, 0.0)]) * scale
        triangles = self.skin_triangles
        corner = body[triangles]
        near = np.abs(corner[:, :, :2].mean(1) - centre[:2]).max(1) < 0.05
        near &= corner[:, :, 2].min(1) > centre[2] - 0.01
        triangles, corner = triangles[near], corner[near]
        picked, weights = [], []
        for point in points:
            a, b, c = corner[:, 0, :2], corner[:, 1, :2], corner[:, 2, :2]
            area = _cross(b - a, c - a)
            area = np.where(np.abs(area) < 1e-14, np.inf, area)
            w1, w2 = _cross(point - a, c - a) / area, _cross(b - a, point - a) / area
            inside = (w1 >= -1e-9) & (w2 >= -1e-9) & (w1 + w2 <= 1 + 1e-9) & np.isfinite(area)
            depth = (1 - w1 - w2) * corner[:, 0, 2] + w1 * corner[:, 1, 2] + w2 * corner[:, 2, 2]
            best = int(np.argmax(np.where(inside, depth, -np.inf)))
            picked.append(triangles[best])
            weights.append([1 - w1[best] - w2[best], w1[best], w2[best]])
        return np.array(picked), np.array(weights), lifts

    def _brow(self, body: np.ndarray, side: str) -> np.ndarray:
        triangles, weights, lifts = self.brow_anchors[side]
        corner = body[triangles]
        normal = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
        normal /= np.linalg.norm(normal, axis=1, keepdims=True)
        return (corner * weights[:, :, None]).sum(1) + lifts[:, None] * normal


def _cross(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0]


def _strip(first: int, mirrored: bool) -> np.ndarray:
    quads = []
    for row in range(2):
        for k in range(BROW_COLUMNS - 1):
            a = first + row * BROW_COLUMNS + k
            b = a + BROW_COLUMNS
            quads.append([a, b, b + 1, a + 1] if mirrored else [a, a + 1, b + 1, b])
    return np.array(quads)
