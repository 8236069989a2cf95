"""MakeHuman's `game_engine` rig: joints, weights, a relaxed pose and its animations.

At rest every joint's frame is parallel to the world's (metres, +y up, +z forward), so a rotation reads as it looks.
"""

from dataclasses import dataclass

import numpy as np

from .glb import quaternion, quaternion_product
from .makehuman import MakeHuman

RIG = "mpfb2/rigs/standard/rig.game_engine.json"
WEIGHTS = "mpfb2/rigs/standard/weights.game_engine.json"


@dataclass
class Rig:
    """Joints parents first. `heads`, `tails` [n, 3] at rest; `parents` [n], -1 for the root; `weights` [19158, n]."""

    names: list[str]
    parents: list[int]
    heads: np.ndarray
    tails: np.ndarray
    weights: np.ndarray

    def index(self, name: str) -> int:
        return self.names.index(name)


def load_rig(makehuman: MakeHuman, body: np.ndarray, floor: float) -> Rig:
    bones = makehuman.read_json(RIG)
    names: list[str] = []
    while len(names) < len(bones):
        names += [n for n, b in bones.items() if n not in names and (not b["parent"] or b["parent"] in names)]
    parents = [names.index(bones[n]["parent"]) if bones[n]["parent"] else -1 for n in names]

    def place(end: dict) -> np.ndarray:
        if end["strategy"] == "CUBE":
            return makehuman.joint(end["cube_name"], body)
        if end["strategy"] == "MEAN":
            return body[end["vertex_indices"]].mean(0)
        return body[end["vertex_index"]]

    heads = np.array([place(bones[n]["head"]) for n in names])
    tails = np.array([place(bones[n]["tail"]) for n in names])
    root = names.index("Root")
    heads[root] = [0, floor, 0]
    weights = np.zeros((len(body), len(names)))
    for name, rows in makehuman.read_json(WEIGHTS)["weights"].items():
        if rows:
            rows = np.array(rows)
            weights[rows[:, 0].astype(int), names.index(name)] = rows[:, 1]
    weights[weights.sum(1) == 0, names.index("head")] = 1
    return Rig(names, parents, heads, tails, weights / weights.sum(1, keepdims=True))


def strongest_four(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Joints [n, 4] and weights [n, 4] that sum to one."""
    joints = np.argsort(-weights, axis=1)[:, :4]
    kept = np.take_along_axis(weights, joints, 1)
    return joints, kept / kept.sum(1, keepdims=True)


def matrix_of(q: np.ndarray) -> np.ndarray:
    x, y, z, w = q
    return np.array(
        [[1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)], [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)], [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)]]
    )


class Pose:
    """Rotations by joint name, each a list of (axis, radians) turns in the joint's rest frame; the last applies first."""

    def __init__(self, rig: Rig):
        self.rig = rig
        self.rotations: dict[str, np.ndarray] = {}

    def turn(self, name: str, axis, angle_deg: float) -> "Pose":
        axis = np.asarray(axis, float)
        turned = quaternion(axis / np.linalg.norm(axis), np.radians(angle_deg))
        before = self.rotations.get(name, np.array([0, 0, 0, 1.0]))
        self.rotations[name] = quaternion_product(turned, before)
        return self

    def world(self, name: str | None) -> np.ndarray:
        """Rotation [3, 3] of a joint's frame against its rest."""
        matrix = np.eye(3)
        k = self.rig.index(name) if name else -1
        while k >= 0:
            matrix = matrix_of(self.rotations.get(self.rig.names[k], np.array([0, 0, 0, 1.0]))) @ matrix
            k = self.rig.parents[k]
        return matrix

    def aim(self, name: str, direction) -> "Pose":
        """Turns a joint the shortest way so that its bone points along `direction` in the world."""
        parent = self.rig.parents[self.rig.index(name)]
        wanted = self.world(self.rig.names[parent]).T @ (np.asarray(direction, float) / np.linalg.norm(direction))
        now = _direction(self.rig, name)
        axis = np.cross(now, wanted)
        return self.turn(name, axis, np.degrees(np.arctan2(np.linalg.norm(axis), now @ wanted)))

    def level(self, name: str, axis, angle_deg: float) -> "Pose":
        """Gives a joint its rest orientation in the world, then turns it there."""
        parent = self.rig.parents[self.rig.index(name)]
        back = self.world(self.rig.names[parent]).T
        angle = np.arccos(np.clip((np.trace(back) - 1) / 2, -1, 1))
        turn = np.array([back[2, 1] - back[1, 2], back[0, 2] - back[2, 0], back[1, 0] - back[0, 1]])
        self.turn(name, axis, angle_deg)
        return self.turn(name, turn, np.degrees(angle)) if angle > 1e-6 else self

    def matrices(self) -> np.ndarray:
        """Skinning matrices [n, 3, 4]: rest position to posed position, for each joint."""
        rig = self.rig
        result = np.zeros((len(rig.names), 3, 4))
        for k, name in enumerate(rig.names):
            parent = rig.parents[k]
            turn = matrix_of(self.rotations.get(name, np.array([0, 0, 0, 1.0])))
            before = result[parent] if parent >= 0 else np.eye(4)[:3]
            result[k, :, :3] = before[:, :3] @ turn
            joint = before[:, :3] @ rig.heads[k] + before[:, 3]
            result[k, :, 3] = joint - result[k, :, :3] @ rig.heads[k]
        return result


def relaxed(rig: Rig) -> Pose:
    """Arms down, elbows and fingers a little bent, the feet below the hips."""
    pose = Pose(rig)
    for side, sign in (("l", 1), ("r", -1)):
        pose.turn(f"clavicle_{side}", [0, 0, 1], -sign * 5)
        pose.aim(f"upperarm_{side}", [sign * 0.20, -0.97, -0.05])
        pose.aim(f"lowerarm_{side}", [sign * 0.07, -0.95, 0.28])
        pose.aim(f"hand_{side}", [sign * 0.0, -0.96, 0.25])
        pose.aim(f"thigh_{side}", [sign * 0.035, -1, 0.01])
        pose.aim(f"calf_{side}", [sign * 0.035, -1, -0.045])
        pose.level(f"foot_{side}", [0, 1, 0], sign * 3)
        curl_fingers(pose, side, {"index": 11, "middle": 14, "ring": 17, "pinky": 19}, thumb=5)
    return pose


def curl_fingers(pose: Pose, side: str, degrees: dict[str, float], thumb: float) -> None:
    rig = pose.rig
    knuckles = rig.heads[rig.index(f"pinky_01_{side}")] - rig.heads[rig.index(f"index_01_{side}")]
    for finger, angle in degrees.items():
        for joint in ("01", "02", "03"):
            name = f"{finger}_{joint}_{side}"
            direction = _direction(rig, name)
            palm = np.cross(direction, knuckles)
            palm *= -np.sign(palm[1])  # palms look down at rest
            pose.turn(name, np.cross(direction, palm), angle * (0.7 if joint == "03" else 1))
    for joint in ("02", "03"):
        name = f"thumb_{joint}_{side}"
        direction = _direction(rig, name)
        palm = np.array([0, -1.0, 0]) - direction * -direction[1]
        pose.turn(name, np.cross(direction, palm), thumb)


def _direction(rig: Rig, name: str) -> np.ndarray:
    k = rig.index(name)
    d = rig.tails[k] - rig.heads[k]
    return d / np.linalg.norm(d)


def idle_frames(rig: Rig, times: np.ndarray, period: float) -> list[Pose]:
    """Breathing in the chest and shoulders, a slow sway above planted feet."""
    frames = []
    for t in times:
        breath = np.sin(2 * np.pi * t / (period / 2))
        lag = np.sin(2 * np.pi * t / (period / 2) - 0.5)
        sway = np.sin(2 * np.pi * t / period)
        pose = relaxed(rig)
        pose.turn("spine_01", [0, 0, 1], 0.5 * sway).turn("spine_01", [1, 0, 0], 0.4)
        pose.turn("spine_02", [1, 0, 0], -0.8 * breath).turn("spine_02", [0, 1, 0], 0.7 * sway)
        pose.turn("spine_03", [1, 0, 0], -0.7 * breath)
        pose.turn("neck_01", [1, 0, 0], 0.9 * breath - 0.3).turn("neck_01", [0, 0, 1], -0.4 * sway)
        pose.turn("head", [1, 0, 0], 0.5 * lag).turn("head", [0, 1, 0], -0.5 * sway)
        for side, sign in (("l", 1), ("r", -1)):
            pose.turn(f"clavicle_{side}", [0, 0, 1], sign * 0.9 * lag)
            pose.turn(f"upperarm_{side}", [0, 0, 1], -sign * 0.7 * lag).turn(f"upperarm_{side}", [1, 0, 0], 0.6 * sway)
            fore = _direction(rig, f"lowerarm_{side}")
            pose.turn(f"lowerarm_{side}", np.cross(fore, [0, 0, 1]), 1.0 * lag)
        frames.append(pose)
    return frames


def talk_frames(rig: Rig, times: np.ndarray, period: float) -> list[Pose]:
    """Forearms raised in turn, palms opening, over the idle."""
    frames = idle_frames(rig, times, period)
    for t, pose in zip(times, frames):
        for side, sign, shift in (("l", 1, 0.0), ("r", -1, 0.35)):
            wave = 0.5 - 0.5 * np.cos(2 * np.pi * (t / period + shift))
            beat = np.sin(2 * np.pi * (3 * t / period + shift))
            raised = 0.25 + 0.75 * wave**1.5
            fore = _direction(rig, f"lowerarm_{side}")
            pose.turn(f"upperarm_{side}", [1, 0, 0], -9 * raised)
            pose.turn(f"lowerarm_{side}", np.cross(fore, [0, 0, 1]), 52 * raised + 4 * beat * raised)
            pose.turn(f"lowerarm_{side}", [0, 1, 0], -sign * 14 * raised)
            pose.turn(f"hand_{side}", fore, -sign * 34 * raised)
        pose.turn("spine_03", [0, 1, 0], 1.6 * np.sin(2 * np.pi * t / period))
    return frames


def listen_frames(rig: Rig, times: np.ndarray, period: float) -> list[Pose]:
    """Leaning in a little, the head tilted."""
    frames = idle_frames(rig, times, period)
    for t, pose in zip(times, frames):
        pose.turn("spine_01", [1, 0, 0], 2.0).turn("spine_02", [1, 0, 0], 1.5)
        pose.turn("neck_01", [1, 0, 0], -2.5).turn("head", [0, 0, 1], 3.5 + 0.6 * np.sin(2 * np.pi * t / period))
    return frames
