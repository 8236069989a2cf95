"""The two nets that find a face and its 468 landmarks on a head, from MediaPipe's wheel to ONNX.

    python3.11 -m venv models/work/landmarks && models/work/landmarks/bin/pip install -r models/requirements-landmarks.txt
    models/work/landmarks/bin/python models/landmarks.py [--wheel mediapipe-0.10.21-….whl]

Writes models/exports/landmarks/{face-detector.onnx, face-landmarks.onnx, fixtures.json, manifest.json}. The nets are Google's,
Apache-2.0: BlazeFace short range (https://arxiv.org/abs/1907.05047) and the face mesh (https://arxiv.org/abs/1907.06724). Later wheels
bundle them as .task files; the mesh "with attention" has custom operators that do not convert.

fixtures.json: a grey picture of the template head drawn here, and what TensorFlow Lite makes of it; ONNX Runtime is checked
against it here, and the TypeScript runtimes in packages/sdk/test/bind.
"""

import argparse
import base64
import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import tensorflow as tf
from PIL import Image, ImageDraw

EXPORTS = Path(__file__).parent / "exports"
FOLDER = EXPORTS / "landmarks"
WHEEL = "mediapipe==0.10.21"
MEMBERS = {
    "face-detector.onnx": "mediapipe/modules/face_detection/face_detection_short_range.tflite",
    "face-landmarks.onnx": "mediapipe/modules/face_landmark/face_landmark.tflite",
}
# Names for what comes out, by the number of values; the nets' own are `Identity`, `conv2d_21` and the like.
OUTPUTS = {
    "face-detector.onnx": {896 * 16: "regressors", 896: "scores"},
    "face-landmarks.onnx": {468 * 3: "landmarks", 1: "presence"},
}
PICTURE = 256


def wheel_path(given: str | None) -> Path:
    if given:
        return Path(given)
    folder = Path(tempfile.mkdtemp())
    pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--python-version", "3.11"]
    subprocess.run([*pip, "--platform", "manylinux_2_28_x86_64", "-d", str(folder), WHEEL], check=True)
    return next(folder.glob("*.whl"))


def draw_template() -> np.ndarray:
    """uint8 [256, 256]: the template from the front, lit from above, far triangles painted first."""
    points, faces = [], []
    for line in (EXPORTS / "template.obj").read_text().splitlines():
        word, *rest = line.split() or [""]
        if word == "v":
            points.append([float(x) for x in rest])
        elif word == "f":
            corners = [int(x.split("/")[0]) - 1 for x in rest]
            faces += [[corners[0], corners[k], corners[k + 1]] for k in range(1, len(corners) - 1)]
    v, f = np.array(points), np.array(faces)
    middle = (v.min(0) + v.max(0)) / 2
    size = 4 * PICTURE
    scale = size / 0.34
    screen = np.stack([size / 2 + (v[:, 0] - middle[0]) * scale, size / 2 - (v[:, 1] - middle[1] - 0.02) * scale], 1)
    normal = np.cross(v[f[:, 1]] - v[f[:, 0]], v[f[:, 2]] - v[f[:, 0]])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-12
    light = np.array([0.25, 0.45, 1.0])
    shade = 60 + 150 * np.clip(normal @ light / np.linalg.norm(light), 0, 1)
    picture = Image.new("L", (size, size), 64)
    draw = ImageDraw.Draw(picture)
    for k in np.argsort(v[f, 2].mean(1)):
        if normal[k, 2] > 0:
            draw.polygon([tuple(p) for p in screen[f[k]]], fill=int(shade[k]))
    return np.asarray(picture.resize((PICTURE, PICTURE), Image.BOX))


def run_lite(model: bytes, x: np.ndarray) -> dict[int, np.ndarray]:
    """What TensorFlow Lite gives, by number of values."""
    interpreter = tf.lite.Interpreter(model_content=model)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], x)
    interpreter.invoke()
    values = [interpreter.get_tensor(o["index"]) for o in interpreter.get_output_details()]
    return {value.size: value.reshape(-1) for value in values}


def rename(path: Path, names: dict[int, str]) -> None:
    """Gives the input the name `image`, the outputs the names of OUTPUTS."""
    model = onnx.load(path)
    new = {model.graph.input[0].name: "image"}
    for output in model.graph.output:
        new[output.name] = names[int(np.prod([d.dim_value or 1 for d in output.type.tensor_type.shape.dim]))]
    for node in model.graph.node:
        node.input[:] = [new.get(x, x) for x in node.input]
        node.output[:] = [new.get(x, x) for x in node.output]
    for value in [*model.graph.input, *model.graph.output]:
        value.name = new[value.name]
    onnx.checker.check_model(model)
    onnx.save(model, path)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--wheel", help="path of the mediapipe 0.10.21 wheel; downloaded with pip when absent")
    wheel = zipfile.ZipFile(wheel_path(arguments.parse_args().wheel))
    FOLDER.mkdir(parents=True, exist_ok=True)

    grey = draw_template()
    rgb = np.repeat(grey[:, :, None], 3, 2).astype(np.float32)
    half = rgb.reshape(PICTURE // 2, 2, PICTURE // 2, 2, 3).mean((1, 3))
    crop = rgb[32:224, 32:224]
    inputs = {"face-detector.onnx": half[None] / 127.5 - 1, "face-landmarks.onnx": crop[None] / 255}

    results: dict[str, np.ndarray] = {}
    files = {}
    for name, member in MEMBERS.items():
        model = wheel.read(member)
        path = FOLDER / name
        with tempfile.NamedTemporaryFile(suffix=".tflite") as lite:
            lite.write(model)
            lite.flush()
            convert = [sys.executable, "-m", "tf2onnx.convert", "--tflite", lite.name, "--output", str(path), "--opset", "13"]
            subprocess.run(convert, check=True)
        rename(path, OUTPUTS[name])
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        truth = run_lite(model, inputs[name].astype(np.float32))
        for output, value in zip(session.get_outputs(), session.run(None, {"image": inputs[name].astype(np.float32)})):
            wanted = truth[value.size]
            print(f"{name} {output.name}: largest difference to TensorFlow Lite {np.abs(value.reshape(-1) - wanted).max():.2g}")
            results[output.name] = wanted
        data = path.read_bytes()
        files[name] = {"path": name, "sha256": hashlib.sha256(data).hexdigest(), "sizeBytes": len(data)}

    best = int(results["scores"].argmax())
    fixture = {
        "picture": {"width": PICTURE, "height": PICTURE, "greyBase64": base64.b64encode(grey.tobytes()).decode()},
        "detector": {
            "input": "the picture's means of 2 x 2 pixels, / 127.5 - 1",
            "anchor": best,
            "score": float(results["scores"][best]),
            "regressors": results["regressors"].reshape(896, 16)[best].tolist(),
        },
        "landmarks": {
            "input": "the picture's middle 192 x 192 pixels, / 255",
            "presence": float(results["presence"][0]),
            "landmarks": [round(float(x), 4) for x in results["landmarks"]],
        },
    }
    (FOLDER / "fixtures.json").write_text(json.dumps(fixture) + "\n")
    manifest = {
        "format": "parley-landmarks",
        "version": 1,
        "licence": "Apache-2.0",
        "notice": f"MediaPipe's BlazeFace (short range) and face mesh, Copyright The MediaPipe Authors, converted from {WHEEL}.",
        "files": {"detector": files["face-detector.onnx"], "landmarks": files["face-landmarks.onnx"]},
    }
    (FOLDER / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")


if __name__ == "__main__":
    main()
