"""The reader of answers as models/exports/answers/answers.onnx, its products in 8 bits, and its fixture: `python models/answers.py export`."""
import copy
import json
import random
from pathlib import Path

import torch
from torch import nn

from answers import Pieces, ROOT, WIDTH, WORK, asked, padded, shown
from question_texts import all_texts

PRODUCTS = ('query', 'key', 'value', 'out', 'wide', 'narrow')
SMOOTH = 0.8  # of .5 to 1: the least change of logits by 8 bits, .08 in place of .14


class Smoothed(nn.Module):
    """A linear layer whose input channels are scaled to like ranges, and its weights back: SmoothQuant, Xiao et al. 2022, https://arxiv.org/abs/2211.10438"""

    def __init__(self, linear, ranges):
        super().__init__()
        weights = linear.weight.abs().amax(0).clamp(min=1e-5)
        scale = (ranges.clamp(min=1e-5) ** SMOOTH / weights ** (1 - SMOOTH)).clamp(1e-3, 1e3)
        self.inverse = nn.Parameter(1 / scale)
        self.linear = nn.Linear(linear.in_features, linear.out_features)
        self.linear.weight.data, self.linear.bias.data = linear.weight.data * scale, linear.bias.data

    def forward(self, x):
        return self.linear(x * self.inverse)


@torch.no_grad()
def smoothed(model, pairs):
    """The same model, made for 8 bits; pairs are inputs as they come in use."""
    model, ranges, hooks = copy.deepcopy(model), {}, []
    for layer in model.layers:
        for name in PRODUCTS:
            def note(module, inputs, output):
                top = inputs[0].abs().flatten(0, 1).amax(0)
                ranges[module] = torch.maximum(ranges.get(module, top), top)
            hooks.append(getattr(layer, name).register_forward_hook(note))
    for at in range(0, len(pairs), 16):
        model(*padded(pairs[at:at + 16]))
    for hook in hooks:
        hook.remove()
    for layer in model.layers:
        for name in PRODUCTS:
            setattr(layer, name, Smoothed(getattr(layer, name), ranges[getattr(layer, name)]))
    return model

def export(model, name, embedder):
    """
    models/exports/answers: answers.onnx, its products in 8 bits (weights per channel, activations as they come). The embeddings of the word pieces are those of
    the sentence embedder, which the server has already: the graph names their place in its file as external data.
    """
    import onnx
    from onnx import TensorProto, helper
    from onnxruntime.quantization import QuantType, quantize_dynamic
    folder = ROOT / 'exports' / 'answers'
    folder.mkdir(parents=True, exist_ok=True)
    plain, path = WORK / 'answers-float.onnx', folder / 'answers.onnx'
    pieces, rng = Pieces(), random.Random(3)
    usual = [pieces.pair(asked(q), *shown(s)) for t in rng.sample(all_texts()[0], 40) for q in rng.sample(t.questions, 2) for s in rng.sample(t.sentences, 3)]
    model = model.eval().float()
    axes = {n: {0: 'candidates', 1: 'pieces'} for n in ('input_ids', 'token_type_ids', 'attention_mask')} | {'logits': {0: 'candidates'}}
    with torch.no_grad():
        torch.onnx.export(smoothed(model, usual).eval(), padded(usual[:2]), str(plain), input_names=list(axes)[:3], output_names=['logits'],
                          dynamic_axes=axes, opset_version=17, dynamo=False)
    quantize_dynamic(plain, path, op_types_to_quantize=['MatMul'], weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)
    graph = onnx.load(path)
    store = Path(embedder).read_bytes()
    theirs = {i.name: i for i in onnx.load(embedder).graph.initializer}
    outer = []
    for own in ('weight_q', 'weight_scale'):
        tensor = theirs['inner.embeddings.word_embeddings.' + own]
        at = store.find(tensor.raw_data)
        place = TensorProto(name='words.' + own, data_type=tensor.data_type, dims=tensor.dims, data_location=TensorProto.EXTERNAL)
        for key, value in (('location', Path(embedder).name), ('offset', at), ('length', len(tensor.raw_data))):
            place.external_data.add(key=key, value=str(value))
        outer.append(place)
    words = next(i for i in graph.graph.initializer if list(i.dims) == [30522, WIDTH])
    gather = next(n for n in graph.graph.node if n.op_type == 'Gather' and n.input[0] == words.name)
    at = list(graph.graph.node).index(gather)
    graph.graph.initializer.remove(words)
    graph.graph.node.remove(gather)
    for node in reversed((
            helper.make_node('Gather', ['words.weight_q', 'input_ids'], ['words.rows']),
            helper.make_node('Cast', ['words.rows'], ['words.cast'], to=TensorProto.FLOAT),
            helper.make_node('Gather', ['words.weight_scale', 'input_ids'], ['words.scales']),
            helper.make_node('Mul', ['words.cast', 'words.scales'], list(gather.output)))):
        graph.graph.node.insert(at, node)
    graph.graph.initializer.extend(outer)
    path.write_bytes(graph.SerializeToString())
    print(f'{path}: {path.stat().st_size / 1e6:.1f} MB, from {name}')
    write_fixture(model, path, embedder)


FIXTURE = [
    ('how high is the tower?', [('The tower is 40 metres high.', 'Sights, The tower: '), ('It was built in 1870 by Ida Berg.', 'Sights, The tower: The tower is 40 metres high.'),
                                ('The bridge is 12 metres high.', 'Sights, The bridge: ')]),
    ("whos the architect of the Tour Déjà-Vu", [('It was built in 1870 by Ida Berg.', 'Sights, The tower: The tower is 40 metres high.'), ('', '')]),
    ('why ' * 90, [('Because it is so. ' * 40, 'Reasons: ' * 40)]),
]


def write_fixture(model, path, embedder):
    """Inputs with their pieces and logits, for the test of the server's half: by ONNX Runtime and by the unrounded model."""
    import shutil
    import onnxruntime
    beside = WORK / 'answers-session'
    beside.mkdir(exist_ok=True)
    for file in (path, embedder):
        shutil.copy(file, beside)
    session = onnxruntime.InferenceSession(beside / path.name, providers=['CPUExecutionProvider'])
    pieces, out, worst = Pieces(), [], 0.
    for question, sentences in FIXTURE:
        pairs = [pieces.pair(question, *s) for s in sentences]
        inputs = padded(pairs)
        logits = session.run(None, dict(zip(('input_ids', 'token_type_ids', 'attention_mask'), (i.numpy() for i in inputs))))[0]
        with torch.no_grad():
            worst = max(worst, (torch.tensor(logits) - model.float()(*inputs)).abs().max().item())
        out.append({'question': question, 'candidates': [{'text': t, 'context': c} for t, c in sentences], 'pieces': [p[0] for p in pairs], 'logits': [round(float(l), 4) for l in logits]})
    print(f'8 bits change logits of the fixture by {worst:.3f} at most')
    (ROOT / 'exports' / 'fixtures' / 'answers.json').write_text(json.dumps(out, ensure_ascii=False) + '\n')
