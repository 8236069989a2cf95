"""What the exported template promises: `python -m pytest models/heads/test_template.py` (numpy only, seconds)."""

import json
from pathlib import Path

import numpy as np
import pytest

from .controls import SHAPES
from .raster import Camera, rasterise

EXPORTS = Path(__file__).parents[1] / "exports"


class Template:
    def __init__(self):
        self.info = json.loads((EXPORTS / "template.json").read_text())
        vertices, faces, groups, group = [], [], [], ""
        for line in (EXPORTS / "template.obj").read_text().splitlines():
            word, *rest = line.split() or [""]
            if word == "v":
                vertices.append([float(x) for x in rest])
            elif word == "g":
                group = rest[0]
            elif word == "f":
                faces.append([int(x) - 1 for x in rest])
                groups.append(group)
        self.vertices, self.faces, self.groups = np.array(vertices), np.array(faces), np.array(groups)
        basis = np.fromfile(EXPORTS / "basis.bin", "<i2").reshape(len(SHAPES), -1, 3)
        self.basis = basis * np.array(self.info["basis"]["scale"])[:, None, None]

    def pose(self, **weights: float) -> np.ndarray:
        return self.vertices + sum(w * self.basis[SHAPES.index(name)] for name, w in weights.items())

    def visible(self, positions: np.ndarray, centre, half: float) -> np.ndarray:
        """Names of the groups seen from the front, one a pixel."""
        camera = Camera(np.array(centre), half, 400, 300)
        ids, _ = rasterise(camera.project(positions), self.faces, 400, 300)
        return self.groups[ids[ids >= 0]]


@pytest.fixture(scope="module")
def template() -> Template:
    return Template()


def test_vertex_counts_agree(template):
    assert template.basis.shape[1] == len(template.vertices) == template.info["basis"]["vertices"]
    assert sum(g["count"] for g in template.info["groups"].values()) == len(template.vertices)


def test_sides_mirror_each_other(template):
    left = np.linalg.norm(template.basis[SHAPES.index("mouthSmileLeft")], axis=1)
    right = np.linalg.norm(template.basis[SHAPES.index("mouthSmileRight")], axis=1)
    assert template.vertices[np.argmax(left), 0] > 0 > template.vertices[np.argmax(right), 0]
    assert left.max() == pytest.approx(right.max(), rel=0.02)


@pytest.mark.parametrize("jaw", [0, 0.2, 0.5, 1])
def test_lips_touch_when_the_jaw_opens_behind_closed_lips(template, jaw):
    posed = template.pose(jawOpen=jaw, mouthClose=jaw)
    upper, lower = np.array(template.info["lipPairs"]).T
    gap = posed[upper, 1] - posed[lower, 1]
    assert np.abs(gap + template.info["lipOverlap"]).max() < 1e-4
    seen = template.visible(posed, [0, -0.03, 0.1], 0.04)
    assert not np.isin(seen, ["upperTeeth", "lowerTeeth", "tongue"]).any()


def test_closed_lids_hide_the_eyes(template):
    eyes = template.info["eyes"]
    centre = (np.array(eyes["left"]["centre"]) + eyes["right"]["centre"]) / 2
    seen = template.visible(template.pose(eyeBlinkLeft=1, eyeBlinkRight=1), centre, 0.04)
    assert not np.isin(seen, ["leftEye", "rightEye"]).any()


def test_lids_stay_off_the_eyeball_on_their_way(template):
    for side in ("left", "right"):
        eye = template.info["eyes"][side]
        name = f"eyeBlink{side.capitalize()}"
        moving = np.nonzero(np.linalg.norm(template.basis[SHAPES.index(name)], axis=1) > 0.003)[0]
        skin = moving[moving < template.info["groups"]["skin"]["count"]]
        start = np.linalg.norm(template.vertices[skin] - eye["centre"], axis=1)
        skin = skin[(start > eye["radius"] * 1.02) & (template.vertices[skin, 2] > eye["centre"][2])]
        for share in (0.25, 0.5, 0.75, 1):
            distance = np.linalg.norm(template.pose(**{name: share})[skin] - eye["centre"], axis=1)
            assert distance.min() > eye["radius"] * 0.995


def test_tongue_tip_reaches_the_ridge_behind_the_upper_teeth(template):
    def part(name):
        group = template.info["groups"][name]
        return slice(group["first"], group["first"] + group["count"])

    tongue, teeth = template.vertices[part("tongue")], template.vertices[part("upperTeeth")]
    tip = tongue[:, 2] > tongue[:, 2].max() - 0.008
    raised = template.pose(tongueUp=1, jawOpen=0.1)[part("tongue")][tip]
    incisors = teeth[teeth[:, 2] > teeth[:, 2].max() - 0.004]
    assert raised[:, 1].max() > incisors[:, 1].min() + 0.002  # above their edge
    assert raised[:, 2].max() < incisors[:, 2].max()  # and behind them


def test_landmarks_lie_in_their_order(template):
    points = template.vertices[template.info["landmarks"]["vertices"]]
    assert len(points) == 68
    jaw, nose, mouth = points[:17], points[27:36], points[48:]
    assert np.all(np.diff(jaw[:, 0]) > 0) and jaw[8, 1] < jaw[:, 1].min() + 0.001
    assert np.all(np.diff(nose[:4, 1]) < 0) and np.argmax(points[:, 2]) == 30
    assert np.all(np.diff(mouth[:7, 0]) > 0) and np.all(np.diff(mouth[6:12, 0]) < 0)
    assert points[36:42, 0].max() < 0 < points[42:48, 0].min()
