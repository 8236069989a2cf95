"""Contact sheets of a head's poses, drawn on the CPU."""

import numpy as np
from PIL import Image, ImageDraw

from .controls import SHAPES
from .head import Group
from .quads import triangulate
from .raster import Camera, render
from .wavefront import COLOURS

BOTH = ("Left", "Right")
POSES = {
    "neutral": {},
    "jawOpen": {"jawOpen": 0.7},
    "funnel": {"mouthFunnel": 1, "jawOpen": 0.15},
    "pucker": {"mouthPucker": 1},
    "closed": {"jawOpen": 0.4, "mouthClose": 0.4},
    "smile": {f"mouthSmile{s}": 0.7 for s in BOTH} | {f"cheekSquint{s}": 0.4 for s in BOTH},
    "blink": {f"eyeBlink{s}": 1 for s in BOTH},
    "half blink": {f"eyeBlink{s}": 0.5 for s in BOTH},
    "brows up": {"browInnerUp": 1} | {f"browOuterUp{s}": 1 for s in BOTH} | {f"eyeWide{s}": 0.6 for s in BOTH},
    "brows down": {f"browDown{s}": 1 for s in BOTH} | {f"eyeSquint{s}": 0.6 for s in BOTH},
    "tongueUp": {"tongueUp": 1, "jawOpen": 0.3, "mouthLowerDownLeft": 0.3, "mouthLowerDownRight": 0.3},
    "tongueOut": {"tongueOut": 1, "jawOpen": 0.5},
    "look left": {"eyeLookOutLeft": 1, "eyeLookInRight": 1},
    "look up": {f"eyeLookUp{s}": 1 for s in BOTH},
    "look down": {f"eyeLookDown{s}": 1 for s in BOTH},
    "teeth": {f"mouthUpperUp{s}": 0.8 for s in BOTH} | {f"mouthLowerDown{s}": 0.8 for s in BOTH},
    "roll": {"mouthRollLower": 1, "mouthRollUpper": 1},
    "press": {f"mouthPress{s}": 1 for s in BOTH},
    "cheekPuff": {"cheekPuff": 1},
    "sneer": {f"noseSneer{s}": 1 for s in BOTH},
}


def colours_of(groups: dict[str, Group], table: dict = COLOURS) -> tuple[np.ndarray, np.ndarray]:
    """All triangles and the colour of each."""
    triangles, colours = [], []
    for group in groups.values():
        for material in dict.fromkeys(group.materials):
            part = triangulate(group.quads[[m == material for m in group.materials]])
            triangles.append(part)
            colours.append(np.tile(table[material], (len(part), 1)))
    return np.vstack(triangles), np.vstack(colours)


def pose(positions: np.ndarray, fields: np.ndarray, weights: dict[str, float]) -> np.ndarray:
    return positions + sum((w * fields[SHAPES.index(name)] for name, w in weights.items()), np.zeros_like(positions))


def draw_sheet(path: str, positions: np.ndarray, groups: dict[str, Group], fields: np.ndarray, landmarks: list[int] | None = None, colours: dict = COLOURS, half: float = 0.145, below: float = 0.135) -> None:
    """Front and three-quarter views of POSES; `half` metres fill half the height, the centre is `below` the crown."""
    triangles, shades = colours_of(groups, colours)
    centre = np.array([0, positions[:, 1].max() - below, 0.02])
    tiles = []
    for name, weights in POSES.items():
        moved = pose(positions, fields, weights)
        column = []
        for yaw in (0.0, 0.7):
            camera = Camera(centre, half, 260, 320, yaw=yaw)
            image = Image.fromarray(render(moved, triangles, shades, camera))
            draw = ImageDraw.Draw(image)
            draw.text((6, 4), name, fill=(0, 0, 0))
            if name == "neutral" and landmarks and yaw == 0.0:
                for x, y, _ in camera.project(moved[landmarks]):
                    draw.ellipse([x - 1.5, y - 1.5, x + 1.5, y + 1.5], fill=(0, 60, 255))
            column.append(np.asarray(image))
        tiles.append(np.vstack(column))
    rows = [np.hstack(tiles[i : i + 7] + [np.full_like(tiles[0], 235)] * max(0, i + 7 - len(tiles))) for i in range(0, len(tiles), 7)]
    Image.fromarray(np.vstack(rows)).save(path)
