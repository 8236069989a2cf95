"""The vertex basis: one offset field for each of the 53 shape controls, on any head of our topology.

MakeHuman's ARKit face units, with what they lack: eyeballs that turn as far as ARKit's, lids that close over the eyeball
and do not pass through it on their straight way, lips that meet, and a tongue tip that rises to the alveolar ridge.
"""

import numpy as np

from . import eyeball
from .controls import SHAPES
from .head import HeadTopology
from .lips import seal_offsets

LOOK_DEG = {"eyeLookIn": 25.0, "eyeLookOut": 25.0, "eyeLookUp": 20.0, "eyeLookDown": 20.0}
# how much further than MakeHuman's units the lids follow the farther gaze
LID_FOLLOW = {"eyeLookIn": 1.3, "eyeLookOut": 1.3, "eyeLookUp": 1.5, "eyeLookDown": 1.5}
LID_CLEARANCE = 0.0004  # metres
# MakeHuman's units crease the cheek where these end
CHEEK_CONTROLS = ("mouthSmile", "mouthDimple", "mouthStretch", "mouthFrown", "mouthUpperUp", "cheekSquint")
LID_CONTROLS = ("eyeBlink", "eyeSquint", "eyeLookDown", "eyeLookUp", "eyeWide")


def build_fields(head: HeadTopology, body: np.ndarray, worn: dict[str, float] | None = None) -> np.ndarray:
    """Offsets [53, V, 3] in metres. `worn`: face units already part of the neutral `body`, by name."""
    fields = np.zeros((len(SHAPES), head.vertex_count, 3))
    for row, name in enumerate(SHAPES):
        if name == "tongueUp":
            fields[row] = _tongue_up(head, body)
            continue
        base, side = name.removesuffix("Left").removesuffix("Right"), name[len(name.removesuffix("Left").removesuffix("Right")) :]
        offsets = head.makehuman.face_unit(name) * LID_FOLLOW.get(base, 1.0)
        if base in CHEEK_CONTROLS:
            offsets = _soften_cheeks(head, body, offsets)
        if base == "eyeBlink":
            for unit, weight in (worn or {}).items():
                if unit in (f"eyeWide{side}", f"eyeSquint{side}"):
                    offsets = offsets - weight * head.makehuman.face_unit(unit)
            offsets = _close_lids(head, body, offsets, side)
        if name == "mouthClose":
            jaw = head.makehuman.face_unit("jawOpen")
            offsets = offsets + seal_offsets(head, body + jaw + offsets)
        if base in LID_CONTROLS:
            offsets = _clear_eyeball(head, body, offsets, side)
        fields[row] = head.offsets(body, body + offsets, _eye_offsets(head, body, base, side))
    return fields


def _soften_cheeks(head: HeadTopology, body: np.ndarray, offsets: np.ndarray, rounds: int = 14) -> np.ndarray:
    """Spreads the offsets over the skin, but not close to lips and lids, whose shape matters."""
    faces = head.makehuman.mesh.faces["body"][head.skin_faces]
    edges = np.unique(np.sort(np.stack([faces, np.roll(faces, -1, 1)], 2).reshape(-1, 2), 1), axis=0)
    count = np.maximum(np.bincount(edges.reshape(-1), minlength=len(body)), 1)[:, None]
    kept = body[[*head.lip_border, *head.left_lid, *head.right_lid]]
    away = np.full(len(body), 0.0)
    away[head.skin] = np.linalg.norm(body[head.skin][:, None] - kept[None], axis=2).min(1)
    amount = 0.5 * np.clip((away - 0.006) / 0.012, 0, 1)[:, None]
    softened = offsets.copy()
    for _ in range(rounds):
        total = np.zeros_like(softened)
        np.add.at(total, edges[:, 0], softened[edges[:, 1]])
        np.add.at(total, edges[:, 1], softened[edges[:, 0]])
        softened += (total / count - softened) * amount
    return softened


def _eye_offsets(head: HeadTopology, body: np.ndarray, base: str, control_side: str) -> dict[str, np.ndarray]:
    result = {}
    for side in ("left", "right"):
        turn = np.zeros((eyeball.VERTICES, 3))
        if base in LOOK_DEG and control_side.lower() == side:
            angle = np.radians(LOOK_DEG[base])
            outwards = 1 if side == "left" else -1
            yaw = {"eyeLookIn": -outwards * angle, "eyeLookOut": outwards * angle}.get(base, 0.0)
            pitch = {"eyeLookUp": angle, "eyeLookDown": -angle}.get(base, 0.0)
            directions = eyeball.directions()
            turn = head.eye(body, side).radius * (directions @ eyeball.rotation(yaw, pitch).T - directions)
        result[side] = turn
    return result


def _lid(head: HeadTopology, side: str) -> list[int]:
    return head.left_lid if side == "Left" else head.right_lid


def _close_lids(head: HeadTopology, body: np.ndarray, offsets: np.ndarray, side: str) -> np.ndarray:
    """Moves the lids so that their margins meet where the lower margin ends up, fading over the lid."""
    loop = np.array(_lid(head, side))
    x = body[loop, 0]
    order = np.roll(loop, -int(np.argmin(x)))
    corner = int(np.argmax(body[order, 0]))
    first, second = order[: corner + 1], np.concatenate([order[corner:], order[:1]])[::-1]
    closed = body + offsets
    upper, lower = (first, second) if body[first, 1].mean() > body[second, 1].mean() else (second, first)
    t = np.linspace(0, 1, 33)
    line = np.stack([np.interp(t, np.linspace(0, 1, len(lower)), closed[lower, k]) for k in range(3)], 1)
    correction = np.zeros_like(body)
    spread = np.zeros(len(body))
    for index, vertex in enumerate(upper[1:-1], 1):
        s = index / (len(upper) - 1)
        goal = np.array([np.interp(s, t, line[:, k]) for k in range(3)])
        move = np.array([0.0, goal[1] - closed[vertex, 1], 0.0])
        near = head.skin[np.linalg.norm(body[head.skin] - body[vertex], axis=1) < 0.009]
        weight = np.exp(-(np.linalg.norm(body[near] - body[vertex], axis=1) / 0.003) ** 2)
        weight *= np.linalg.norm(offsets[near], axis=1) > 0.3 * np.linalg.norm(offsets[vertex])
        correction[near] += weight[:, None] * move
        spread[near] += weight
    return offsets + correction / np.maximum(spread, 1.0)[:, None]


def _clear_eyeball(head: HeadTopology, body: np.ndarray, offsets: np.ndarray, side: str) -> np.ndarray:
    """Pushes lid vertices outwards as far as needed to stay off the eyeball on their whole straight way."""
    eye = head.eye(body, side.lower())
    limit = eye.radius + LID_CLEARANCE
    skin = head.skin
    from_eye = body[skin] - eye.centre
    outside = np.linalg.norm(from_eye, axis=1) > limit * 0.985
    lid = skin[outside & (np.linalg.norm(from_eye, axis=1) < 2.0 * limit) & (from_eye[:, 2] > 0)]
    lid = lid[np.linalg.norm(offsets[lid], axis=1) > 1e-5]
    result = offsets.copy()
    for t in (1.0, 0.75, 0.5, 0.25):
        at = body[lid] + t * result[lid] - eye.centre
        distance = np.linalg.norm(at, axis=1)
        depth = np.maximum(limit - distance, 0)
        result[lid] += (at / distance[:, None]) * np.minimum(depth / t, 0.003)[:, None]
    return result


def _tongue_up(head: HeadTopology, body: np.ndarray) -> np.ndarray:
    """The tip to the ridge behind the upper front teeth; the body of the tongue follows less and less towards the root."""
    field = np.zeros((head.vertex_count, 3))
    group = head.groups["tongue"]
    tongue = body[head.part_sources["tongue"]]
    teeth = head.teeth(body, "upper")
    front = teeth[(np.abs(teeth[:, 0]) < 0.008) & (teeth[:, 2] > teeth[:, 2].max() - 0.012)]
    tip = tongue[np.argmax(tongue[:, 2])]
    top_of_tip = tongue[(tongue[:, 2] > tip[2] - 0.008) & (np.abs(tongue[:, 0]) < 0.006), 1].max()
    ridge = np.array([0.0, front[:, 1].max() - 0.006, front[:, 2].min() - 0.0035])
    move = ridge - np.array([0.0, top_of_tip, tip[2]])
    root = tongue[:, 2].min()
    along = np.clip((tongue[:, 2] - root) / (tip[2] - root), 0, 1)
    rise = np.clip((along - 0.35) / 0.65, 0, 1)
    rise = rise * rise * (3 - 2 * rise)
    # the blade arches: its middle rises more than its edges
    middle = np.exp(-((tongue[:, 0] / 0.018) ** 2))
    amount = rise * (0.75 + 0.25 * middle)
    field[group.first : group.first + group.count] = amount[:, None] * move
    return field
