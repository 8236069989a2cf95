"""The body of a visitor: a small friendly figure of rounded parts, with `idle` and `walk`.

    python models/heads/visitor.py

Writes examples/metaverse-room/public/heads/visitor.glb: feet on y = 0, facing +z, 1.62 m. The material `tint` is the
shirt's and takes the visitor's colour. No data of others is used.
"""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from heads.glb import Glb, quaternion, quaternion_product
from heads.quads import triangulate
from heads.raster import vertex_normals

OUTPUT = Path(__file__).parents[2] / "examples/metaverse-room/public/heads"


def lathe(profile, segments: int = 20, depth: float = 1.0, power: float = 2.0):
    """A closed body from (radius, y) pairs, top first; `depth` scales z, `power` > 2 squares its section."""
    around = (np.arange(segments) + 0.5) * 2 * np.pi / segments
    c, s = np.cos(around), np.sin(around)
    section = (np.abs(c) ** power + np.abs(s) ** power) ** (-1 / power)
    rows = [np.stack([r * c * section, np.full(segments, y), r * s * section * depth], 1) for r, y in profile]
    quads = []
    for row in range(len(profile) - 1):
        for k in range(segments):
            n = (k + 1) % segments
            quads.append([row * segments + k, row * segments + n, (row + 1) * segments + n, (row + 1) * segments + k])
    return np.vstack(rows), triangulate(np.array(quads))


def capsule(top_radius: float, bottom_radius: float, length: float, segments: int = 14, caps: int = 5):
    """From y = 0 (the upper ball's centre) down to y = -length (the lower one's)."""
    angles = np.linspace(np.pi / 2, 0, caps)
    upper = [(max(top_radius * np.cos(a), 1e-4), top_radius * np.sin(a)) for a in angles]
    middle = [(top_radius + (bottom_radius - top_radius) * t, -length * t) for t in (0.35, 0.7)]
    lower = [(max(bottom_radius * np.cos(a), 1e-4), -length - bottom_radius * np.sin(a)) for a in angles[::-1]]
    return lathe(upper + middle + lower, segments)


def ellipsoid(radii, centre=(0, 0, 0), segments: int = 20, rows: int = 12):
    angles = np.linspace(np.pi / 2, -np.pi / 2, rows)
    points, triangles = lathe([(max(np.cos(a), 1e-4), np.sin(a)) for a in angles], segments)
    return points * radii + np.array(centre), triangles


def moved(part, offset):
    return part[0] + np.array(offset), part[1]


def main() -> None:
    glb = Glb("Apache-2.0, Parley")
    tint = glb.material("tint", (0.85, 0.45, 0.30), roughness=0.75)
    skin = glb.material("face", (0.96, 0.88, 0.80), roughness=0.6)
    dark = glb.material("trousers", (0.20, 0.22, 0.28), roughness=0.8)
    shoe = glb.material("shoes", (0.93, 0.93, 0.92), roughness=0.6)
    eye = glb.material("eyes", (0.10, 0.10, 0.13), roughness=0.15)
    hair = glb.material("hair", (0.26, 0.20, 0.17), roughness=0.7)
    blush = glb.material("blush", (0.97, 0.70, 0.62), roughness=0.8)

    def mesh(name: str, parts) -> int:
        primitives = []
        for material in dict.fromkeys(m for _, m in parts):
            points, triangles, first = [], [], 0
            for (p, t), m in parts:
                if m == material:
                    points.append(p)
                    triangles.append(t + first)
                    first += len(p)
            p, t = np.vstack(points), np.vstack(triangles)
            primitives.append(glb.primitive(p, vertex_normals(p, t), t, material))
        return glb.mesh(name, primitives)

    torso = lathe(
        [(1e-3, 0.575), (0.06, 0.572), (0.115, 0.555), (0.16, 0.522), (0.186, 0.475), (0.196, 0.41), (0.195, 0.3), (0.192, 0.18), (0.19, 0.08), (0.18, 0.02), (0.155, -0.03), (0.10, -0.06), (1e-3, -0.07)],
        28, depth=0.74, power=2.15,
    )
    head = ellipsoid((0.165, 0.175, 0.16), (0, 0.16, 0.0), 24, 16)
    cap_angles = np.linspace(np.pi / 2, -0.12, 9)
    cap = lathe([(max(np.cos(a), 1e-4), np.sin(a)) for a in cap_angles] + [(0.9, -0.1)], 24)
    cap_points = cap[0] * (0.173, 0.183, 0.170)
    tilt = -0.46  # the hair sits back on the head
    cap_points = cap_points @ np.array([[1, 0, 0], [0, np.cos(tilt), np.sin(tilt)], [0, -np.sin(tilt), np.cos(tilt)]])
    face = [
        (head, skin),
        ((cap_points + [0, 0.165, -0.008], cap[1]), hair),
        (lathe([(0.05, 0.03), (0.055, -0.03)], 16), skin),
    ]
    for side in (-1, 1):
        face.append((ellipsoid((0.019, 0.029, 0.012), (side * 0.058, 0.165, 0.145), 12, 8), eye))
        face.append((ellipsoid((0.006, 0.007, 0.004), (side * 0.058 + 0.006, 0.177, 0.156), 8, 6), shoe))
        face.append((ellipsoid((0.022, 0.013, 0.008), (side * 0.098, 0.115, 0.118), 12, 8), blush))
        face.append((ellipsoid((0.022, 0.032, 0.016), (side * 0.163, 0.15, 0.012), 10, 8), skin))
    smile_angle = np.linspace(-0.75, 0.75, 9)
    for a in smile_angle:
        face.append((ellipsoid((0.0075, 0.0055, 0.005), (0.042 * np.sin(a) / np.sin(0.75), 0.088 + 0.030 * (1 - np.cos(a)), 0.1455 - 0.006 * abs(a)), 8, 6), eye))
    arm = capsule(0.058, 0.044, 0.33)
    hand = ellipsoid((0.047, 0.058, 0.045), (0, -0.40, 0.006), 12, 8)
    leg = capsule(0.088, 0.066, 0.48)
    shoe_part = ellipsoid((0.072, 0.055, 0.122), (0, -0.545, 0.032), 16, 8)
    shoe_part[0][:, 1] = np.maximum(shoe_part[0][:, 1], -0.59)

    meshes = {
        "torso": mesh("torso", [(torso, tint)]),
        "head": mesh("head", face),
        "arm": mesh("arm", [(arm, tint), (hand, skin)]),
        "leg": mesh("leg", [(leg, dark), (shoe_part, shoe)]),
    }
    hips_height = 0.67
    head_node = glb.node("head", mesh=meshes["head"], translation=[0, 0.595, 0])
    arms = {}
    for side, sign in (("left", 1), ("right", -1)):
        arms[side] = glb.node(f"{side}Arm", mesh=meshes["arm"], translation=[sign * 0.192, 0.472, 0], rotation=quaternion([0, 0, 1], sign * 0.2).tolist())
    torso_node = glb.node("torso", mesh=meshes["torso"], children=[head_node, *arms.values()])
    legs = {side: glb.node(f"{side}Leg", mesh=meshes["leg"], translation=[sign * 0.088, -0.08, 0]) for side, sign in (("left", 1), ("right", -1))}
    hips = glb.node("hips", translation=[0, hips_height, 0], children=[torso_node, *legs.values()])
    root = glb.node("visitor", children=[hips])

    def turn(axis, angles):
        return np.array([quaternion(axis, a) for a in angles])

    def arm_turn(sign, swing, out):
        return np.array([quaternion_product(quaternion([1, 0, 0], s), quaternion([0, 0, 1], sign * o)) for s, o in zip(swing, out)])

    time = np.linspace(0, 4, 41)
    breath = np.sin(2 * np.pi * time / 4)
    glb.animation("idle", time, [
        (torso_node, "scale", np.stack([1 + 0.008 * breath, 1 + 0.012 * breath, 1 + 0.012 * breath], 1)),
        (head_node, "rotation", turn([0, 0, 1], 0.02 * np.sin(2 * np.pi * time / 4 + 1))),
        (arms["left"], "rotation", arm_turn(1, 0.03 * breath, 0.2 + 0.02 * breath)),
        (arms["right"], "rotation", arm_turn(-1, 0.03 * breath, 0.2 + 0.02 * breath)),
        (hips, "translation", np.stack([0 * time, hips_height + 0 * time, 0 * time], 1)),
        (hips, "rotation", turn([0, 1, 0], 0 * time)),
        (legs["left"], "rotation", turn([1, 0, 0], 0 * time)),
        (legs["right"], "rotation", turn([1, 0, 0], 0 * time)),
    ])
    time = np.linspace(0, 0.9, 28)
    phase = 2 * np.pi * time / 0.9
    glb.animation("walk", time, [
        (torso_node, "scale", np.ones((len(time), 3))),
        (head_node, "rotation", turn([0, 1, 0], -0.06 * np.sin(phase))),
        (arms["left"], "rotation", arm_turn(1, -0.55 * np.sin(phase), 0.22 + 0 * phase)),
        (arms["right"], "rotation", arm_turn(-1, 0.55 * np.sin(phase), 0.22 + 0 * phase)),
        (hips, "translation", np.stack([0.008 * np.sin(phase), hips_height - 0.028 * np.sin(phase) ** 2 + 0.006, 0 * time], 1)),
        (hips, "rotation", turn([0, 1, 0], 0.09 * np.sin(phase))),
        (legs["left"], "rotation", turn([1, 0, 0], 0.52 * np.sin(phase))),
        (legs["right"], "rotation", turn([1, 0, 0], -0.52 * np.sin(phase))),
    ])
    OUTPUT.mkdir(parents=True, exist_ok=True)
    glb.write(OUTPUT / "visitor.glb", [root])
    print(f"visitor.glb {(OUTPUT / 'visitor.glb').stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
