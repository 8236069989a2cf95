"""A jacket, blouse, trousers and shoes from MakeHuman's `helper-tights`, which follow every body.

The mesh is subdivided once, smoothed where cloth would span, pushed outwards by garment, and painted by place.
Places are on MakeHuman's base mesh, in metres (the floor at y = -0.845, the shoulders near y = 0.53).
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy.spatial import cKDTree

from .makehuman import MakeHuman
from .paint import bake, bleed, mix, noise, smooth_step, to_image
from .quads import clip, triangulate
from .raster import vertex_normals
from .rig import Rig, relaxed
from .scalp import subdivide

HEM_Y = 0.012
COLLAR_Y = 0.560  # where the jacket ends on the midline of the base mesh, and
NECKLINE_Y = 0.596  # where the blouse does; both slope up to the nape
BUTTON_Y = 0.185
CUFF = -0.022  # metres along the forearm from the wrist's joint: where the jacket's sleeve ends, and
SLEEVE_END = -0.008  # where the blouse's does
TROUSER_HEM_Y = -0.735


@dataclass
class Suit:
    """`points` [n, 3] in the body's frame, `uvs` [n, 2], `triangles`, `weights` [n, joints]; `image` its texture."""

    points: np.ndarray
    uvs: np.ndarray
    triangles: np.ndarray
    weights: np.ndarray
    image: Image.Image


def opening(rest: np.ndarray) -> np.ndarray:
    """Distance in metres across the jacket's front edge: negative on the blouse."""
    y = rest[:, 1]
    half = np.interp(y, [BUTTON_Y, 0.30, 0.42, 0.50, 0.56], [0.0, 0.022, 0.045, 0.058, 0.064])
    front = smooth_step(0.0, 0.04, rest[:, 2])
    edge = np.where((y > BUTTON_Y) & (front > 0.5), np.abs(rest[:, 0]) - half, 0.1)
    collar = COLLAR_Y - 0.25 * rest[:, 2] - y  # the jacket's collar slopes up to the nape
    return np.where(np.abs(rest[:, 0]) < 0.085, np.minimum(edge, collar), edge)


def along_forearm(makehuman: MakeHuman, rest: np.ndarray) -> np.ndarray:
    """Metres [n] from the wrist's joint along the forearm, on either side; negative towards the elbow, -1 off the arms."""
    vertices = makehuman.mesh.vertices
    wrist, elbow = makehuman.joint("joint-l-hand", vertices), makehuman.joint("joint-l-elbow", vertices)
    direction = (wrist - elbow) / np.linalg.norm(wrist - elbow)
    along = (np.hstack([np.abs(rest[:, :1]), rest[:, 1:]]) - wrist) @ direction
    return np.where((np.abs(rest[:, 0]) > 0.25) & (rest[:, 1] > -0.1), along, -1.0)


def build_suit(makehuman: MakeHuman, body: np.ndarray, rig: Rig, palette: dict, texture_size: int = 2048) -> Suit:
    mesh = makehuman.mesh
    faces, uv_faces = mesh.faces["helper-tights"], mesh.face_uvs["helper-tights"]
    used, uv_used = np.unique(faces), np.unique(uv_faces)
    quads, uv_quads = np.searchsorted(used, faces), np.searchsorted(uv_used, uv_faces)
    uvs = mesh.uvs[uv_used]
    uvs = 0.01 + 0.98 * (uvs - uvs.min(0)) / (uvs.max(0) - uvs.min(0))

    points, rest = body[used].copy(), mesh.vertices[used]
    points = _drape(points, rest, quads)
    packed, fine = subdivide(np.hstack([points, rest, rig.weights[used]]), quads)
    uvs, uv_fine = _split_evenly(uvs, uv_quads)
    points, rest, weights = packed[:, :3], packed[:, 3:6], np.clip(packed[:, 6:], 0, None)
    weights /= weights.sum(1, keepdims=True)
    triangles = triangulate(fine)
    sleeve = along_forearm(makehuman, rest)
    points = points + vertex_normals(points, triangles) * _ease(rest, sleeve)[:, None]
    points = _shoes(points, rest, fine)
    points = _hug_neck(points, rest, body, makehuman)
    points = _ease_shoulders(points, fine, weights, rig)

    image = _paint(np.hstack([rest, sleeve[:, None]]), triangles, uvs, triangulate(uv_fine), palette, texture_size)
    corner = np.stack([triangles.reshape(-1), triangulate(uv_fine).reshape(-1)], 1)
    pairs, index = np.unique(corner, axis=0, return_inverse=True)
    at = pairs[:, 0]
    below = NECKLINE_Y - 0.28 * rest[at, 2] - rest[at, 1]
    packed, kept, _ = clip(np.hstack([points[at], uvs[pairs[:, 1]], weights[at], sleeve[at, None]]), index.reshape(-1, 3), below)
    packed, kept, _ = clip(packed, kept, SLEEVE_END - packed[:, -1])
    packed = packed[:, :-1]
    used = np.unique(kept)
    packed, kept = packed[used], np.searchsorted(used, kept)
    return Suit(packed[:, :3], packed[:, 3:5], kept, packed[:, 5:], image)


def _split_evenly(points: np.ndarray, quads: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Subdivides as `subdivide` does, in the same order of faces, without smoothing."""
    edges = np.sort(np.stack([quads, np.roll(quads, -1, 1)], 2).reshape(-1, 2), 1)
    unique, inverse = np.unique(edges, axis=0, return_inverse=True)
    inverse = inverse.reshape(-1, 4)
    v, e = len(points), len(unique)
    face_index = v + e + np.arange(len(quads))
    parts = [np.stack([quads[:, k], v + inverse[:, k], face_index, v + inverse[:, k - 1]], 1) for k in range(4)]
    return np.vstack([points, points[unique].mean(1), points[quads].mean(1)]), np.vstack(parts)


def _smooth(points: np.ndarray, quads: np.ndarray, amount: np.ndarray, rounds: int) -> np.ndarray:
    """Moves points towards the mean of their neighbours by `amount` [n] a round."""
    edges = np.unique(np.sort(np.stack([quads, np.roll(quads, -1, 1)], 2).reshape(-1, 2), 1), axis=0)
    count = np.bincount(edges.reshape(-1), minlength=len(points))[:, None]
    points = points.copy()
    for _ in range(rounds):
        total = np.zeros_like(points)
        np.add.at(total, edges[:, 0], points[edges[:, 1]])
        np.add.at(total, edges[:, 1], points[edges[:, 0]])
        points += (total / np.maximum(count, 1) - points) * amount[:, None]
    return points


def _drape(points: np.ndarray, rest: np.ndarray, quads: np.ndarray) -> np.ndarray:
    """Cloth spans hollows: the chest, the seat and the feet are smoothed before they are pushed out."""
    y, x = rest[:, 1], np.abs(rest[:, 0])
    torso = smooth_step(-0.10, 0.0, y) * (1 - smooth_step(0.44, 0.50, y)) * (1 - smooth_step(0.17, 0.21, x))
    feet = 1 - smooth_step(-0.80, -0.76, y)
    legs = (1 - smooth_step(-0.30, -0.12, y)) * smooth_step(-0.76, -0.70, y)
    smoothed = _smooth(points, quads, 0.7 * torso + 0.4 * feet + 0.5 * legs, 22)
    # smoothing shrinks; cloth hangs from what stands out
    outward = vertex_normals(points, triangulate(quads))
    lost = ((points - smoothed) * outward).sum(1)
    return smoothed + outward * np.clip(lost, 0, 0.03)[:, None] * (0.9 * torso + 0.8 * legs + 0.6 * feet)[:, None]


def _ease(rest: np.ndarray, sleeve: np.ndarray) -> np.ndarray:
    """How far the cloth stands off the tights, metres."""
    x, y = np.abs(rest[:, 0]), rest[:, 1]
    arm = smooth_step(0.19, 0.24, x) * (y > -0.1)
    jacket = smooth_step(HEM_Y - 0.006, HEM_Y + 0.006, y) * smooth_step(-0.004, 0.006, opening(rest))
    trousers = smooth_step(TROUSER_HEM_Y - 0.006, TROUSER_HEM_Y + 0.008, y) * (1 - smooth_step(HEM_Y - 0.02, HEM_Y, y))
    leg = np.interp(y, [-0.75, -0.55, -0.42, -0.25, -0.1], [0.022, 0.018, 0.014, 0.008, 0.004])
    hem_flare = np.exp(-np.clip(y - HEM_Y, 0, 1) / 0.07) * 0.007
    cuff = smooth_step(CUFF - 0.004, CUFF + 0.004, sleeve)
    return 0.0015 + jacket * (0.0065 + hem_flare * (1 - arm) + 0.002 * arm) * (1 - 0.6 * cuff * arm) + trousers * leg


def _ease_shoulders(points: np.ndarray, quads: np.ndarray, weights: np.ndarray, rig: Rig) -> np.ndarray:
    """Smooths shoulders and armpits where they are seen, with the arms down, and takes the result back to the rest pose."""
    blended = np.einsum("vj,jrc->vrc", weights, relaxed(rig).matrices())
    posed = np.einsum("vrc,vc->vr", blended[:, :, :3], points) + blended[:, :, 3]
    near = np.zeros(len(points))
    for side in ("l", "r"):
        away = np.linalg.norm(points - rig.heads[rig.index(f"upperarm_{side}")], axis=1)
        near = np.maximum(near, 1 - smooth_step(0.08, 0.15, away))
    smoothed = _smooth(posed, quads, 0.6 * near, 14)
    return np.linalg.solve(blended[:, :, :3], (smoothed - blended[:, :, 3])[:, :, None])[:, :, 0]


def _hug_neck(points: np.ndarray, rest: np.ndarray, body: np.ndarray, makehuman: MakeHuman) -> np.ndarray:
    """The blouse's collar lies against the neck and turns in at its edge."""
    skin = np.unique(makehuman.mesh.faces["body"])
    skin = skin[(np.abs(makehuman.mesh.vertices[skin, 0]) < 0.15) & (makehuman.mesh.vertices[skin, 1] > 0.48) & (makehuman.mesh.vertices[skin, 1] < 0.68)]
    normals = vertex_normals(body, triangulate(makehuman.mesh.faces["body"]))[skin]
    distance, near = cKDTree(body[skin]).query(points, k=6)
    weight = 1 / np.maximum(distance, 1e-4) ** 2
    weight /= weight.sum(1, keepdims=True)
    surface, outward = (body[skin][near] * weight[..., None]).sum(1), (normals[near] * weight[..., None]).sum(1)
    height = ((points - surface) * outward).sum(1)
    neck = smooth_step(0.535, 0.565, rest[:, 1] + 0.28 * rest[:, 2]) * (np.abs(rest[:, 0]) < 0.11)
    wanted = np.interp(rest[:, 1], [0.555, 0.575, 0.60], [0.005, 0.0035, 0.002])
    return points + outward * ((wanted - height) * neck)[:, None]


def _shoes(points: np.ndarray, rest: np.ndarray, quads: np.ndarray) -> np.ndarray:
    """Rounded, and with a flat sole."""
    foot = 1 - smooth_step(TROUSER_HEM_Y - 0.05, TROUSER_HEM_Y - 0.02, rest[:, 1])
    rounded = _smooth(points, quads, 0.5 * foot, 12)
    outward = vertex_normals(rounded, triangulate(quads))
    points = rounded + outward * (0.004 * foot)[:, None]
    sole = points[foot > 0.9, 1].min()
    flat = foot > 0.9
    points[flat, 1] = np.maximum(points[flat, 1], sole + 0.006)
    return points


def _paint(places, triangles, uvs, uv_triangles, palette: dict, size: int) -> Image.Image:
    texels, covered = bake(uvs, uv_triangles, places, triangles, size)
    p, along = texels[covered][:, :3], texels[covered][:, 3]
    x, y, z = np.abs(p[:, 0]), p[:, 1], p[:, 2]
    jacket, blouse = np.asarray(palette["jacket"], np.float32), np.asarray(palette["blouse"], np.float32)
    trousers, shoes = np.asarray(palette["trousers"], np.float32), np.asarray(palette["shoes"], np.float32)
    weave = noise(size, 0.7, 1)[covered] * 0.022 + noise(size, 40, 2)[covered] * 0.012
    colour = np.tile(trousers, (len(p), 1))
    is_jacket = smooth_step(HEM_Y - 0.0015, HEM_Y + 0.0015, y)
    # the jacket's fronts round away from each other below the lower button
    cutaway = (z > 0.02) & (y < 0.07) & (x < 0.045 * np.clip((0.07 - y) / 0.06, 0, 1) ** 1.6)
    is_jacket = np.where(cutaway, 0, is_jacket)
    colour = mix(colour, jacket, is_jacket)
    edge = opening(p)
    colour = mix(colour, blouse, (1 - smooth_step(-0.0012, 0.0012, edge)))

    def line(distance, width, amount, keep=1.0):
        nonlocal colour
        colour = colour * (1 - amount * np.exp(-((distance / width) ** 2)) * keep)[:, None]

    torso = x < 0.2
    # lapels: a band along the opening with a notch, a little lighter, with a shadow under its edge
    lapel_width = np.interp(y, [BUTTON_Y, 0.26, 0.40, 0.415, 0.418, 0.50], [0.0, 0.030, 0.052, 0.055, 0.030, 0.040])
    on_lapel = (edge > 0) & (edge < lapel_width) & (y > BUTTON_Y) & (z > 0.01) & torso
    colour = mix(colour, jacket * 1.22 + 0.012, 0.8 * on_lapel)
    front = (z > 0.01) & torso & (y > BUTTON_Y) & (edge < 0.095)
    line(edge - lapel_width, 0.0016, 0.5, front)
    line(edge, 0.0022, 0.45, front)
    line(y - 0.4165, 0.0012, 0.5, front & (edge > 0.028) & (edge < 0.056))
    line(x, 0.0012, 0.5, (z > 0.02) & (y < BUTTON_Y) & (y > 0.06))
    line(x, 0.0010, 0.30, (z < 0) & (y > HEM_Y) & (edge > 0))  # the back seam
    line(y - HEM_Y, 0.0022, 0.55, torso & ~cutaway)
    for pocket in (0.085,):
        line(y - pocket - 0.06 * (x - 0.095), 0.0016, 0.5, (z > 0.0) & (np.abs(x - 0.095) < 0.042))
    for button in (BUTTON_Y - 0.012, BUTTON_Y - 0.092):
        d = np.hypot(p[:, 0] + 0.006, y - button)
        colour = mix(colour, jacket * 0.35, ((d < 0.0075) & (z > 0)).astype(np.float32))
        colour = mix(colour, jacket * 0.9 + 0.05, ((np.abs(d - 0.0055) < 0.0009) & (z > 0)).astype(np.float32))
    # a badge on the left
    bx, by = p[:, 0] - 0.108, y - 0.375
    badge = (np.abs(bx) < 0.021) & (np.abs(by) < 0.0085) & (z > 0)
    colour = mix(colour, (0.95, 0.94, 0.91), badge.astype(np.float32))
    colour = mix(colour, palette["accent"], ((np.abs(bx + 0.0135) < 0.0045) & (np.abs(by) < 0.0055) & badge).astype(np.float32))
    colour = mix(colour, (0.35, 0.36, 0.40), ((bx > -0.006) & (bx < 0.017) & (np.abs(np.abs(by) - 0.0028) < 0.0009) & badge).astype(np.float32))
    # sleeves: cuffs of the blouse, seams at the shoulder
    sleeve = (x > 0.2) & (y > -0.1)
    colour = mix(colour, blouse, (smooth_step(CUFF - 0.001, CUFF + 0.001, along) * sleeve))
    line(along - CUFF, 0.0022, 0.5, sleeve)
    # trousers: pressed crease and side seams; shoes below
    leg = (y < HEM_Y) & (y > TROUSER_HEM_Y)
    line(np.abs(z - np.interp(y, [-0.75, -0.4, -0.1], [-0.01, 0.02, 0.02])), 0.0010, 0.25, leg & (x > 0.1))
    is_shoe = 1 - smooth_step(TROUSER_HEM_Y - 0.001, TROUSER_HEM_Y + 0.001, y)
    colour = colour * (1 + weave)[:, None]
    colour = mix(colour, shoes, is_shoe)
    line(y - TROUSER_HEM_Y, 0.002, 0.4)
    sole = 1 - smooth_step(-0.815, -0.812, y)
    colour = mix(colour, shoes * 0.45, sole)
    image = np.zeros((size, size, 3), np.float32)
    image[covered] = colour
    return to_image(bleed(image, covered))
