"""Writing .obj and .mtl."""

from pathlib import Path

import numpy as np

from .head import Group
from .quads import triangulate

COLOURS = {
    "skin": (0.80, 0.60, 0.50),
    "lips": (0.74, 0.46, 0.43),
    "mouth": (0.42, 0.16, 0.16),
    "eyeWhite": (0.92, 0.91, 0.89),
    "iris": (0.26, 0.36, 0.40),
    "pupil": (0.02, 0.02, 0.02),
    "teeth": (0.93, 0.91, 0.85),
    "tongue": (0.72, 0.36, 0.36),
    "lashes": (0.10, 0.07, 0.06),
    "brows": (0.24, 0.16, 0.12),
}


def write_obj(path: Path, vertices: np.ndarray, groups: dict[str, Group], comment: str, mtl: str | None = None) -> None:
    """Triangles, one `g` a group, one `usemtl` a run of equal materials; positions rounded to 10 micrometres."""
    lines = [f"# {line}" for line in comment.splitlines()]
    if mtl:
        lines.append(f"mtllib {mtl}")
    lines += ["v " + " ".join(_short(x) for x in v) for v in vertices]
    for name, group in groups.items():
        lines.append(f"g {name}")
        for material in dict.fromkeys(group.materials):
            lines.append(f"usemtl {material}")
            quads = group.quads[[m == material for m in group.materials]]
            lines += ["f " + " ".join(str(i + 1) for i in t) for t in triangulate(quads)]
    path.write_text("\n".join(lines) + "\n")


def write_mtl(path: Path, colours: dict[str, tuple[float, float, float]], comment: str) -> None:
    lines = [f"# {line}" for line in comment.splitlines()]
    for name, colour in colours.items():
        lines += [f"newmtl {name}", "Kd " + " ".join(f"{c:.3f}" for c in colour)]
    path.write_text("\n".join(lines) + "\n")


def _short(x: float) -> str:
    return f"{round(x, 5) + 0.0:.5f}".rstrip("0").rstrip(".")
