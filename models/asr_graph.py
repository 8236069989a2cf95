"""Whisper as graph-only ONNX: no weights inside, every weight is read at load time from the file that its makers publish.

    python models/asr_graph.py model.bin models/exports/asr/whisper-base
    python models/asr_graph.py model.bin models/exports/asr/whisper-tiny.en
    python models/asr_graph.py encoder_model_quantized.onnx decoder_model_merged_quantized.onnx models/exports/asr/whisper-small

`asr_store.py` reads where a file keeps each tensor; the graphs name those places as ONNX external data, so that no conversion
step and no Python is needed where the model runs.

Four files come out, `PREFIX-{encoder,decoder}.{int8,float}.onnx`:
- encoder: `pcm` float32 [1, N] at 16 kHz -> `hidden` [1, S, D], and per decoder layer i the cross attention's `ck_i`, `cv_i` [1, H, S, D/H].
  The log-mel front end is inside; N is free (S = N / 320), so a short utterance costs little.
- decoder: `tokens` int64 [1, n], `past_k_i`, `past_v_i` [1, H, P, D/H], `ck_i`, `cv_i` -> `logits` [1, n, V], `k_i`, `v_i` [1, H, P+n, D/H].

`int8` quantises the weights of the matrix products in the graph itself (symmetric, per output channel); ONNX Runtime folds that
arithmetic into constants when it loads the model. `float` leaves them in float32, for GPUs.

Paper: Radford et al. 2022, "Robust Speech Recognition via Large-Scale Weak Supervision", https://arxiv.org/abs/2212.04356
"""

import sys
from pathlib import Path

import numpy as np
from asr_store import CTranslate2Store, OnnxStore
from onnx import TensorProto, helper, numpy_helper

SAMPLE_RATE_HZ, FFT, HOP, BINS, MELS = 16_000, 400, 160, 201, 80
# 7 bits: AVX2 adds pairs of u8*s8 products in saturating 16 bits, which 8-bit weights can overflow.
WEIGHT_MAX = 63.0


def mel_filters():
    """Slaney-style mel filter bank [80, 201], 0 to 8 kHz, as Whisper uses it."""
    to_mel = lambda hz: np.where(hz < 1000, hz * 3 / 200, 15 + np.log(np.maximum(hz, 1e-9) / 1000) * 27 / np.log(6.4))
    to_hz = lambda mel: np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((mel - 15) * np.log(6.4) / 27))
    edges = to_hz(np.linspace(0, to_mel(np.array(8000.0)), MELS + 2))
    bins = np.linspace(0, SAMPLE_RATE_HZ / 2, BINS)
    rise = (bins[None] - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    fall = (edges[2:, None] - bins[None]) / (edges[2:] - edges[1:-1])[:, None]
    return (np.maximum(0, np.minimum(rise, fall)) * (2 / (edges[2:] - edges[:-2]))[:, None]).astype(np.float32)


class Graph:
    """Collects nodes; weights are external tensors cut out of the files of a store."""

    def __init__(self, store, quantised):
        self.store, self.quantised = store, quantised
        self.vocabulary, self.width = store.vocabulary, store.width
        self.heads, self.head_width = store.heads, store.width // store.heads
        self.encoder_layers, self.decoder_layers = store.encoder_layers, store.decoder_layers
        self.nodes, self.initializers, self.known = [], [], {}

    # -- leaves
    def constant(self, array, name=None):
        array = np.ascontiguousarray(array)
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self.known:
            self.known[key] = name or f"c{len(self.initializers)}"
            self.initializers.append(numpy_helper.from_array(array, self.known[key]))
        return self.known[key]

    def ints(self, *values):
        return self.constant(np.array(values, np.int64))

    def scalar(self, value):
        return self.constant(np.array(value, np.float32))

    def stored(self, place):
        """A stored tensor as it is, read from its place when the graph is loaded."""
        if place not in self.known:
            tensor = TensorProto(name=place.name, data_type=place.kind, dims=place.shape)
            tensor.data_location = TensorProto.EXTERNAL
            for field, value in (("location", place.file), ("offset", place.offset), ("length", place.size)):
                tensor.external_data.add(key=field, value=str(value))
            self.initializers.append(tensor)
            self.known[place] = tensor.name
        return self.known[place]

    def weight(self, name, rows=None):
        """The named tensor in float32, or some of its leading rows."""
        return self.store.weight(self, name, rows)

    # -- operations
    def op(self, kind, *inputs, out=None, outputs=1, **attributes):
        index = len(self.nodes)
        names = [out or f"t{index}"] if outputs == 1 else [f"t{index}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, name=f"{kind}_{index}", **attributes))
        return names[0] if outputs == 1 else names

    def product(self, x, weight, bias=None, out=None):
        """x @ weight^T + bias; `weight` is a stored [out, in] tensor already cast to float."""
        columns = self.op("Transpose", weight, perm=[1, 0])
        if not self.quantised:
            y = self.op("MatMul", x, columns, **({"out": out} if out and not bias else {}))
            return y if not bias else self.op("Add", y, bias, out=out)
        peak = self.op("ReduceMax", self.op("Abs", columns), self.ints(0), keepdims=1)
        scale = self.op("Div", self.op("Max", peak, self.scalar(1e-8)), self.scalar(WEIGHT_MAX))
        levels = self.op("Cast", self.op("Round", self.op("Div", columns, scale)), to=TensorProto.INT8)
        flat_scale = self.op("Squeeze", scale, self.ints(0))
        zero = self.op("Cast", self.op("Mul", flat_scale, self.scalar(0)), to=TensorProto.INT8)
        inputs = [x, levels, flat_scale, zero] + ([bias] if bias else [])
        return self.op("DynamicQuantizeMatMul", *inputs, out=out, domain="com.microsoft")

    def linear(self, x, name, rows=None, bias=True):
        return self.product(x, self.weight(f"{name}/weight", rows), self.weight(f"{name}/bias", rows) if bias else None)

    def normalise(self, x, name):
        return self.op("LayerNormalization", x, self.weight(f"{name}/gamma"), self.weight(f"{name}/beta"), axis=-1, epsilon=1e-5)

    def split_heads(self, x):
        return self.op("Transpose", self.op("Reshape", x, self.ints(0, -1, self.heads, self.head_width)), perm=[0, 2, 1, 3])

    def attend(self, query, key, value, mask=None):
        scores = self.op("MatMul", self.op("Mul", query, self.scalar(self.head_width**-0.5)), self.op("Transpose", key, perm=[0, 1, 3, 2]))
        if mask:
            scores = self.op("Add", scores, mask)
        mixed = self.op("MatMul", self.op("Softmax", scores, axis=-1), value)
        return self.op("Reshape", self.op("Transpose", mixed, perm=[0, 2, 1, 3]), self.ints(0, -1, self.width))

    def self_projections(self, x, name):
        """Query, key and value of the stored [3D, D] projection; Whisper's keys have no bias."""
        d = self.width
        return [self.split_heads(self.linear(x, name, (i * d, (i + 1) * d), bias=i != 1)) for i in range(3)]

    def feed_forward(self, x, name):
        y = self.linear(self.normalise(x, f"{name}/ffn/layer_norm"), f"{name}/ffn/linear_0")
        return self.op("Add", x, self.linear(self.op("Gelu", y), f"{name}/ffn/linear_1"))

    def save(self, path, inputs, outputs):
        values = lambda items: [helper.make_tensor_value_info(name, kind, shape) for name, kind, shape in items]
        graph = helper.make_graph(self.nodes, "whisper", values(inputs), values(outputs), self.initializers)
        opsets = [helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=9, producer_name="parley")
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(model.SerializeToString())
        print(path, Path(path).stat().st_size, "bytes", len(self.nodes), "nodes")


def log_mel(g, pcm):
    """[1, N] -> [1, 80, N / 160]; the short-time Fourier transform is a convolution whose kernels are folded constants."""
    steps = g.op("Mod", g.op("Mul", g.constant(np.arange(BINS, dtype=np.int64)[:, None]), g.constant(np.arange(FFT, dtype=np.int64)[None])), g.ints(FFT))
    angle = g.op("Mul", g.op("Cast", steps, to=TensorProto.FLOAT), g.scalar(2 * np.pi / FFT))
    window = g.constant(np.hanning(FFT + 1)[:-1].astype(np.float32))
    basis = g.op("Concat", *(g.op("Mul", g.op(kind, angle), window) for kind in ("Cos", "Sin")), axis=0)
    x = g.op("Pad", g.op("Unsqueeze", pcm, g.ints(1)), g.ints(0, 0, FFT // 2, 0, 0, FFT // 2), mode="reflect")
    x = g.op("Conv", x, g.op("Unsqueeze", basis, g.ints(1)), strides=[HOP])
    x = g.op("Slice", x, g.ints(0), g.ints(-1), g.ints(2))  # Whisper drops the last frame
    squares = g.op("Mul", x, x)
    parts = [g.op("Slice", squares, g.ints(a), g.ints(a + BINS), g.ints(1)) for a in (0, BINS)]
    x = g.op("Conv", g.op("Add", *parts), g.constant(mel_filters()[:, :, None]))
    x = g.op("Div", g.op("Log", g.op("Max", x, g.scalar(1e-10))), g.scalar(np.log(10)))
    x = g.op("Max", x, g.op("Sub", g.op("ReduceMax", x, keepdims=1), g.scalar(8.0)))
    return g.op("Div", g.op("Add", x, g.scalar(4.0)), g.scalar(4.0))


def build_encoder(store, quantised, path):
    g = Graph(store, quantised)
    d, cross = g.width, [1, g.heads, "S", g.head_width]
    x = log_mel(g, "pcm")
    for name, stride in (("conv1", 1), ("conv2", 2)):
        x = g.op("Gelu", g.op("Conv", x, g.weight(f"encoder/{name}/weight"), g.weight(f"encoder/{name}/bias"), pads=[1, 1], strides=[stride]))
    x = g.op("Transpose", x, perm=[0, 2, 1])
    length = g.op("Slice", g.op("Shape", x), g.ints(1), g.ints(2), g.ints(0))
    x = g.op("Add", x, g.op("Slice", g.weight("encoder/position_encodings/encodings"), g.ints(0), length, g.ints(0)))
    for i in range(g.encoder_layers):
        name = f"encoder/layer_{i}"
        y = g.normalise(x, f"{name}/self_attention/layer_norm")
        y = g.attend(*g.self_projections(y, f"{name}/self_attention/linear_0"))
        x = g.feed_forward(g.op("Add", x, g.linear(y, f"{name}/self_attention/linear_1")), name)
    x = g.normalise(x, "encoder/layer_norm")
    g.op("Identity", x, out="hidden")
    outputs = [("hidden", TensorProto.FLOAT, [1, "S", d])]
    for i in range(g.decoder_layers):
        name = f"decoder/layer_{i}/attention/linear_1"
        g.op("Identity", g.split_heads(g.linear(x, name, (0, d), bias=False)), out=f"ck_{i}")
        g.op("Identity", g.split_heads(g.linear(x, name, (d, 2 * d))), out=f"cv_{i}")
        outputs += [(f"c{c}_{i}", TensorProto.FLOAT, cross) for c in "kv"]
    g.save(path, [("pcm", TensorProto.FLOAT, [1, "N"])], outputs)


def build_decoder(store, quantised, path):
    g = Graph(store, quantised)
    cache = lambda length: [1, g.heads, length, g.head_width]
    part = lambda x, i: g.op("Slice", g.op("Shape", x), g.ints(i), g.ints(i + 1), g.ints(0))
    past, fresh = part("past_k_0", 2), part("tokens", 1)
    total = g.op("Add", past, fresh)
    x = store.embed(g, "tokens")
    x = g.op("Add", x, g.op("Slice", g.weight("decoder/position_encodings/encodings"), past, total, g.ints(0)))
    scalar = lambda v: g.op("Squeeze", v, g.ints(0))
    zero, one = g.constant(np.array(0, np.int64)), g.constant(np.array(1, np.int64))
    rows = g.op("Unsqueeze", g.op("Range", scalar(past), scalar(total), one), g.ints(1))
    columns = g.op("Unsqueeze", g.op("Range", zero, scalar(total), one), g.ints(0))
    mask = g.op("Where", g.op("Greater", columns, rows), g.scalar(-1e9), g.scalar(0.0))
    inputs, outputs = [("tokens", TensorProto.INT64, [1, "n"])], [("logits", TensorProto.FLOAT, [1, "n", g.vocabulary])]
    for i in range(g.decoder_layers):
        name = f"decoder/layer_{i}"
        query, key, value = g.self_projections(g.normalise(x, f"{name}/self_attention/layer_norm"), f"{name}/self_attention/linear_0")
        keys = g.op("Concat", f"past_k_{i}", key, axis=2, out=f"k_{i}")
        values = g.op("Concat", f"past_v_{i}", value, axis=2, out=f"v_{i}")
        x = g.op("Add", x, g.linear(g.attend(query, keys, values, mask), f"{name}/self_attention/linear_1"))
        query = g.split_heads(g.linear(g.normalise(x, f"{name}/attention/layer_norm"), f"{name}/attention/linear_0"))
        x = g.op("Add", x, g.linear(g.attend(query, f"ck_{i}", f"cv_{i}"), f"{name}/attention/linear_2"))
        x = g.feed_forward(x, name)
        inputs += [(f"past_{c}_{i}", TensorProto.FLOAT, cache("P")) for c in "kv"] + [(f"c{c}_{i}", TensorProto.FLOAT, cache("S")) for c in "kv"]
        outputs += [(f"{c}_{i}", TensorProto.FLOAT, cache("T")) for c in "kv"]
    g.product(g.normalise(x, "decoder/layer_norm"), g.weight("decoder/embeddings/weight"), out="logits")
    g.save(path, inputs, outputs)


if __name__ == "__main__":
    *sources, prefix = sys.argv[1:]
    store = CTranslate2Store(*sources) if len(sources) == 1 else OnnxStore(*sources)
    for kind, quantised in (("int8", True), ("float", False)):
        build_encoder(store, quantised, f"{prefix}-encoder.{kind}.onnx")
        build_decoder(store, quantised, f"{prefix}-decoder.{kind}.onnx")
