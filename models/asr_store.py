"""Where published files keep Whisper's weights, and how a graph reads them in float32 (see `asr_graph.py`).

Names are CTranslate2's, whatever the file: `decoder/layer_3/self_attention/linear_0/weight` holds query, key and value, [3D, D].
"""

import struct
from typing import NamedTuple

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper


class Place(NamedTuple):
    """A tensor inside a file; `file` is the name that the graphs give it."""

    name: str
    file: str
    kind: int
    shape: tuple
    offset: int
    size: int


class CTranslate2Store:
    """The fp16 `model.bin` of a CTranslate2 conversion, whose header gives each tensor's place."""

    FILE = "model.bin"
    KINDS = {0: TensorProto.FLOAT, 1: TensorProto.INT8, 2: TensorProto.INT16, 3: TensorProto.INT32, 4: TensorProto.FLOAT16}

    def __init__(self, path):
        self.places, scalars = {}, {}
        with open(path, "rb") as file:
            number = lambda code: struct.unpack("<" + code, file.read(struct.calcsize("<" + code)))[0]
            text = lambda: file.read(number("H")).rstrip(b"\0").decode()
            number("I"), text(), number("I")  # binary version, specification, revision
            for _ in range(number("I")):
                name = text()
                shape = tuple(number("I") for _ in range(number("B")))
                kind, size = number("B"), number("I")
                self.places[name] = Place(name, self.FILE, self.KINDS[kind], shape, file.tell(), size)
                if not shape:
                    scalars[name] = int.from_bytes(file.read(size), "little")
                else:
                    file.seek(size, 1)
        self.vocabulary, self.width = self.places["decoder/embeddings/weight"].shape
        self.heads = scalars["encoder/num_heads"]
        layers = lambda side: len({n.split("/")[1] for n in self.places if n.startswith(f"{side}/layer_") and "layer_norm" not in n.split("/")[1]})
        self.encoder_layers, self.decoder_layers = layers("encoder"), layers("decoder")

    def weight(self, graph, name, rows=None):
        place = self.places[name]
        if rows:
            row_bytes = place.size // place.shape[0]
            place = place._replace(
                name=f"{name}[{rows[0]}:{rows[1]}]",
                shape=(rows[1] - rows[0], *place.shape[1:]),
                offset=place.offset + rows[0] * row_bytes,
                size=(rows[1] - rows[0]) * row_bytes,
            )
        return graph.op("Cast", graph.stored(place), to=TensorProto.FLOAT)

    def embed(self, graph, tokens):
        rows = graph.op("Gather", graph.stored(self.places["decoder/embeddings/weight"]), tokens, axis=0)
        return graph.op("Cast", rows, to=TensorProto.FLOAT)


class OnnxStore:
    """The two 8-bit files of a Transformers.js conversion, `encoder_model_quantized.onnx` and `decoder_model_merged_quantized.onnx`.

    Matrices are stored [in, out] in 8 bits with one scale and zero point for each; these two numbers are written into the graph.
    """

    PARTS = {"self_attention/layer_norm": "self_attn_layer_norm", "self_attention/linear_1": "self_attn.out_proj"}
    PARTS |= {"attention/layer_norm": "encoder_attn_layer_norm", "attention/linear_0": "encoder_attn.q_proj"}
    PARTS |= {"attention/linear_2": "encoder_attn.out_proj"}
    PARTS |= {"ffn/layer_norm": "final_layer_norm", "ffn/linear_0": "fc1", "ffn/linear_1": "fc2"}
    SPLIT = {"self_attention/linear_0": ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"]}
    SPLIT |= {"attention/linear_1": ["encoder_attn.k_proj", "encoder_attn.v_proj"]}

    def __init__(self, encoder_path, decoder_path):
        self.places, self.tensors = {}, {}
        self.matrices = {}
        for side, path in (("encoder", encoder_path), ("decoder", decoder_path)):
            model = onnx.load(path)
            for tensor in model.graph.initializer:
                name = tensor.name.replace("_merged_0", "").removeprefix("model.decoder.")
                self.tensors[side, name] = tensor
            self._find_matrices(side, model.graph)
            with open(path, "rb") as file:
                data = file.read()
            for (of, name), tensor in self.tensors.items():
                if of != side or not tensor.dims:
                    continue
                raw = tensor.raw_data
                # Equal bytes are as good wherever they stand.
                place = Place(f"{side}/{name}", f"{side}.onnx", tensor.data_type, tuple(tensor.dims), data.index(raw), len(raw))
                self.places[side, name] = place
        self.vocabulary, self.width = self.places["decoder", "embed_tokens.weight_quantized"].shape
        self.heads = self.width // 64  # of every Whisper
        layers = lambda side: 1 + max(int(n.split(".")[1]) for of, n in self.places if of == side and n.startswith("layers."))
        self.encoder_layers, self.decoder_layers = layers("encoder"), layers("decoder")

    def _find_matrices(self, side, graph):
        """Matrices have lost their names; the products that take them have kept theirs."""
        for node in graph.node:
            for attribute in node.attribute:
                if attribute.HasField("g"):
                    self._find_matrices(side, attribute.g)
            if node.op_type == "MatMulInteger":
                path = node.name.removesuffix("/MatMul_quant").removeprefix("/model/decoder").strip("/").replace("/", ".")
                self.matrices[side, path] = node.input[1].replace("_merged_0", "").removesuffix("_quantized")

    def weight(self, graph, name, rows=None):
        side, *path, kind = name.split("/")
        part = "/".join(path)
        kind = {"gamma": "weight", "beta": "bias", "encodings": "weight"}.get(kind, kind)
        if part == "embeddings":
            return self._levels(graph, side, "embed_tokens.weight")
        if part.startswith("conv"):
            return self._levels(graph, side, f"{part}.weight") if kind == "weight" else graph.stored(self.places[side, f"{part}.bias"])
        if part in ("position_encodings", "layer_norm"):
            return graph.stored(self.places[side, f"{'embed_positions' if part != 'layer_norm' else part}.{kind}"])
        layer, part = part.split("/", 1)
        pieces = self.SPLIT.get(part)
        part = pieces[rows[0] // self.width] if pieces else self.PARTS[part]
        full = f"layers.{layer.removeprefix('layer_')}.{part}"
        if (side, full) in self.matrices and kind == "weight":
            return graph.op("Transpose", self._levels(graph, side, self.matrices[side, full]), perm=[1, 0])
        return graph.stored(self.places[side, f"{full}.{kind}"])

    def embed(self, graph, tokens):
        return self._levels(graph, "decoder", "embed_tokens.weight", tokens)

    def _levels(self, graph, side, name, rows=None):
        """A tensor in 8 bits, or the rows of it with these indices, as float32."""
        number = lambda what: numpy_helper.to_array(self.tensors[side, f"{name}_{what}"]).astype(np.float32)
        levels = graph.stored(self.places[side, f"{name}_quantized"])
        if rows:
            levels = graph.op("Gather", levels, rows, axis=0)
        levels = graph.op("Cast", levels, to=TensorProto.FLOAT)
        return graph.op("Mul", graph.op("Sub", levels, graph.constant(number("zero_point"))), graph.constant(number("scale")))
