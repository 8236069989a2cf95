"""A small writer of binary glTF 2.0 (.glb): meshes, skins, sparse morph targets, animations, embedded images."""

import io
import json
import struct
from pathlib import Path

import numpy as np
from PIL import Image

_COMPONENT = {"float32": 5126, "uint8": 5121, "uint16": 5123, "uint32": 5125, "int8": 5120, "int16": 5122}
_TYPE = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4", 16: "MAT4"}
ARRAY_BUFFER, ELEMENT_BUFFER = 34962, 34963


class Glb:
    def __init__(self, copyright_line: str):
        self.json = {"asset": {"version": "2.0", "generator": "parley models/heads", "copyright": copyright_line}}
        self.binary = bytearray()

    def _append(self, kind: str, item: dict) -> int:
        self.json.setdefault(kind, []).append(item)
        return len(self.json[kind]) - 1

    def _view(self, data: bytes, target: int | None = None) -> int:
        self.binary += b"\0" * (-len(self.binary) % 4)
        view = {"buffer": 0, "byteOffset": len(self.binary), "byteLength": len(data)}
        if target:
            view["target"] = target
        self.binary += data
        return self._append("bufferViews", view)

    def accessor(self, array: np.ndarray, target: int | None = None, normalised: bool = False, bounds: bool = False) -> int:
        """[n] or [n, k] as an accessor; rows of small integers must be a multiple of four bytes wide."""
        array = np.ascontiguousarray(array)
        width = 1 if array.ndim == 1 else array.shape[1]
        accessor = {
            "bufferView": self._view(array.tobytes(), target),
            "componentType": _COMPONENT[array.dtype.name],
            "count": len(array),
            "type": _TYPE[width],
        }
        if normalised:
            accessor["normalized"] = True
        if bounds:
            flat = array.reshape(len(array), -1)
            accessor |= {"min": flat.min(0).tolist(), "max": flat.max(0).tolist()}
        return self._append("accessors", accessor)

    def sparse(self, offsets: np.ndarray, threshold: float) -> int:
        """Offsets float32 [n, 3], storing only rows longer than `threshold`."""
        offsets = offsets.astype(np.float32)
        rows = np.nonzero(np.abs(offsets).max(1) > threshold)[0]
        kept = np.zeros_like(offsets)
        kept[rows] = offsets[rows]
        accessor = {"componentType": 5126, "count": len(offsets), "type": "VEC3", "min": kept.min(0).tolist(), "max": kept.max(0).tolist()}
        if len(rows):
            accessor["sparse"] = {
                "count": len(rows),
                "indices": {"bufferView": self._view(rows.astype(np.uint16).tobytes()), "componentType": 5123},
                "values": {"bufferView": self._view(kept[rows].tobytes())},
            }
        return self._append("accessors", accessor)

    def texture(self, image: Image.Image, quality: int | None = None) -> int:
        """An embedded image: JPEG of that quality, or PNG without one."""
        data = io.BytesIO()
        if quality:
            image.convert("RGB").save(data, "JPEG", quality=quality, optimize=True)
        else:
            image.save(data, "PNG", optimize=True)
        mime = "image/jpeg" if quality else "image/png"
        if "samplers" not in self.json:
            self._append("samplers", {"magFilter": 9729, "minFilter": 9987, "wrapS": 10497, "wrapT": 10497})
        source = self._append("images", {"bufferView": self._view(data.getvalue()), "mimeType": mime})
        return self._append("textures", {"source": source, "sampler": 0})

    def material(self, name: str, colour=(1, 1, 1), roughness: float = 0.7, metallic: float = 0.0, texture: int | None = None, normal: int | None = None, **extra) -> int:
        """A PBR material; `colour` is sRGB 0..1, `extra` is glTF's own (alphaMode, doubleSided, extensions)."""
        linear = [round(((c + 0.055) / 1.055) ** 2.4 if c > 0.04045 else c / 12.92, 5) for c in colour]
        pbr = {"baseColorFactor": [*linear, 1.0], "metallicFactor": metallic, "roughnessFactor": roughness}
        if texture is not None:
            pbr["baseColorTexture"] = {"index": texture}
        material = {"name": name, "pbrMetallicRoughness": pbr, **extra}
        if normal is not None:
            material["normalTexture"] = {"index": normal}
        for extension in extra.get("extensions", {}):
            if extension not in self.json.setdefault("extensionsUsed", []):
                self.json["extensionsUsed"].append(extension)
        return self._append("materials", material)

    def primitive(self, points, normals, triangles, material: int, uvs=None, joints=None, weights=None, targets=None, colours=None) -> dict:
        """One primitive. `targets`: list of (position offsets, normal offsets), one for each morph target."""
        attributes = {
            "POSITION": self.accessor(points.astype(np.float32), ARRAY_BUFFER, bounds=True),
            "NORMAL": self.accessor(normals.astype(np.float32), ARRAY_BUFFER),
        }
        if uvs is not None:
            attributes["TEXCOORD_0"] = self.accessor(uvs.astype(np.float32), ARRAY_BUFFER)
        if colours is not None:
            rgba = np.hstack([colours, np.ones((len(colours), 1))])
            attributes["COLOR_0"] = self.accessor(np.round(rgba * 255).astype(np.uint8), ARRAY_BUFFER, normalised=True)
        if joints is not None:
            attributes["JOINTS_0"] = self.accessor(joints.astype(np.uint8), ARRAY_BUFFER)
            attributes["WEIGHTS_0"] = self.accessor(_unit_bytes(weights), ARRAY_BUFFER, normalised=True)
        index_type = np.uint16 if len(points) < 65535 else np.uint32
        item = {"attributes": attributes, "indices": self.accessor(triangles.reshape(-1).astype(index_type), ELEMENT_BUFFER), "material": material}
        if targets:
            item["targets"] = [{"POSITION": self.sparse(p, 2e-5), "NORMAL": self.sparse(n, 0.02)} for p, n in targets]
        return item

    def mesh(self, name: str, primitives: list[dict], target_names: list[str] | None = None) -> int:
        mesh = {"name": name, "primitives": primitives}
        if target_names:
            mesh["extras"] = {"targetNames": target_names}
            mesh["weights"] = [0] * len(target_names)
        return self._append("meshes", mesh)

    def node(self, name: str, **fields) -> int:
        return self._append("nodes", {"name": name, **fields})

    def skin(self, name: str, joints: list[int], inverse_binds: np.ndarray) -> int:
        """`inverse_binds` [n, 4, 4], row-major."""
        matrices = inverse_binds.transpose(0, 2, 1).reshape(-1, 16).astype(np.float32)
        return self._append("skins", {"name": name, "joints": joints, "inverseBindMatrices": self.accessor(matrices)})

    def animation(self, name: str, times_s: np.ndarray, channels: list[tuple[int, str, np.ndarray]]) -> None:
        """Linear keyframes: (node, "rotation" | "translation" | "scale", values [n, 3 or 4])."""
        time = self.accessor(times_s.astype(np.float32), bounds=True)
        animation = {"name": name, "samplers": [], "channels": []}
        for node, path, values in channels:
            if path == "rotation":
                values = np.round(values * 32767).astype(np.int16)
            else:
                values = values.astype(np.float32)
            animation["samplers"].append({"input": time, "output": self.accessor(values, normalised=path == "rotation"), "interpolation": "LINEAR"})
            animation["channels"].append({"sampler": len(animation["samplers"]) - 1, "target": {"node": node, "path": path}})
        self._append("animations", animation)

    def write(self, path: Path, roots: list[int]) -> None:
        self.json["scenes"] = [{"nodes": roots}]
        self.json["scene"] = 0
        self.json["buffers"] = [{"byteLength": len(self.binary)}]
        text = json.dumps(self.json, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 4)
        body = bytes(self.binary) + b"\0" * (-len(self.binary) % 4)
        header = struct.pack("<4sII", b"glTF", 2, 12 + 8 + len(text) + 8 + len(body))
        path.write_bytes(header + struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(body), b"BIN\0") + body)


def _unit_bytes(weights: np.ndarray) -> np.ndarray:
    """Weights [n, 4] as bytes whose rows sum to exactly 255."""
    scaled = np.round(weights / weights.sum(1, keepdims=True) * 255).astype(int)
    scaled[np.arange(len(scaled)), scaled.argmax(1)] += 255 - scaled.sum(1)
    return scaled.astype(np.uint8)


def quaternion(axis, angle_rad: float) -> np.ndarray:
    """x, y, z, w of a turn around a unit axis."""
    return np.array([*(np.asarray(axis, float) * np.sin(angle_rad / 2)), np.cos(angle_rad / 2)])


def quaternion_product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """First `b`, then `a`."""
    x1, y1, z1, w1 = a
    x2, y2, z2, w2 = b
    return np.array(
        [w1 * x2 + x1 * w2 + y1 * z2 - z1 * y2, w1 * y2 - x1 * z2 + y1 * w2 + z1 * x2, w1 * z2 + x1 * y2 - y1 * x2 + z1 * w2, w1 * w2 - x1 * x2 - y1 * y2 - z1 * z2]
    )
