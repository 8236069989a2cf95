"""Writes the product's files: decoder, encoder-small, encoder-server, articulator and context .onnx, idle.bin, fixtures/*.json and manifest.json in models/exports.

    python models/export.py --small small --server server
    python models/export.py --small small --server server --manifest-only     # after template.py wrote a new basis: hashes and sizes anew

Needs models/work/{codec.pt, encoder-<name>.pt, articulator.pt, context.pt} and exports/{template.obj, template.json, basis.bin} (template.py).
Checks every file against PyTorch with ONNX Runtime, and that streaming in blocks equals one pass over the whole.
The audio encoders' weights are stored as 8-bit integers with a scale for each row.
"""
import argparse
import hashlib
import json
import subprocess

import numpy as np
import onnx
import onnxruntime
import torch

import articulator as articulator_module
import codec as codec_module
import context as context_module
import emotion as emotion_module
import train as train_module
from articulate import lip_head
from audio_encoder import FRAME, LOOKAHEAD, RATE, Streaming
from controls import CLASSES, FPS, HEADS, HIGH, LIP_HEADS, LOW, NAMES, SHAPES, UPPER, WINDOW
from geometry import EXPORTS, Geometry
from phones import PHONES, ROOT, WORK
from server_encoder import BLOCK, ServerStreaming

NOTE = ('Trained on synthetic speech (Piper joe CC0, Kokoro Apache-2.0, flite, espeak-ng) of public-domain text (LJSpeech). '
        'The server encoder starts from Whisper tiny.en (MIT, OpenAI) and also heard recordings of FACEGOOD (MIT). '
        'The template, its basis and identities derive from MakeHuman data (CC0).')


def session(path):
    o = onnxruntime.SessionOptions()
    o.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), o, providers=['CPUExecutionProvider'])


def write(module, args, path, inputs, outputs, dynamic):
    """torch -> ONNX, opset 17, plain CPU operators."""
    torch.onnx.export(module, args, str(path), input_names=inputs, output_names=outputs, dynamic_axes=dynamic, opset_version=17, dynamo=False)
    model = onnx.load(path)
    onnx.checker.check_model(model)
    assert {o.domain for o in model.opset_import} <= {'', 'ai.onnx'}, 'only standard operators'
    print(f'{path.name:14s} {path.stat().st_size / 1e6:.2f} MB', sorted({n.op_type for n in model.graph.node}))
    return session(path)


def agree(name, a, b, tolerance=2e-4):
    worst = float(np.abs(np.asarray(a) - np.asarray(b)).max())
    assert worst <= tolerance, f'{name}: ONNX Runtime and PyTorch differ by {worst}'
    return worst


def fixture(name, **arrays):
    """Arrays as {shape, data}; data in full, rounded to 7 digits."""
    out = {k: dict(shape=list(np.shape(v)), data=[float(f'{x:.7g}') if isinstance(x, float) else x for x in np.asarray(v).reshape(-1).tolist()])
           for k, v in arrays.items()}
    (EXPORTS / 'fixtures').mkdir(exist_ok=True)
    (EXPORTS / 'fixtures' / f'{name}.json').write_text(json.dumps(out, separators=(',', ':')) + '\n')


def signal(seconds=1.0, seed=3):
    """A test sound that every platform computes alike: a hoarse, gliding vowel with a pause. int16 steps, so that JSON is short."""
    t = np.arange(int(seconds * RATE)) / RATE
    phase = 2 * np.pi * np.cumsum(120 + 40 * np.sin(2 * np.pi * 1.5 * t)) / RATE
    y = sum(np.sin(k * phase) / k for k in range(1, 12)) * (np.sin(2 * np.pi * 2 * t) > -.4)
    y = y * .1 + .003 * np.random.default_rng(seed).standard_normal(len(t))
    return np.round(y * 8192).astype(np.float32) / 8192


class FlatDecoder(torch.nn.Module):
    """codec.Decoder for export: the same sums as matrix products. WebAssembly has no quick path for a convolution with one output (20 times slower)."""

    def __init__(self, d):
        super().__init__()
        m, self.groups, self.small = d.mask, len(UPPER), d.small
        constant = lambda name, t: self.register_buffer(name, t.detach().contiguous())
        constant('lip_table', d.lip_table.flatten(0, 1)), constant('upper_table', d.upper_table.flatten(0, 1))
        constant('lip_in', d.lip_window.weight.permute(2, 1, 0).flatten(0, 1)), constant('lip_bias', d.lip_window.bias)
        constant('lip_out', (d.lip_out.weight[:, :, 0] * d.lip_mask[0]).T)
        constant('lip_skip', (d.lip_skip * d.lip_mask[0]).T)
        skip = (d.upper_skip.weight * m.repeat_interleave(16, 1)[:, :, None]).unflatten(1, (self.groups, 16)).permute(1, 3, 2, 0).flatten(1, 2)
        inner = d.upper_window.weight.unflatten(0, (self.groups, d.small)).permute(0, 3, 2, 1).flatten(1, 2)
        constant('upper_in', torch.cat([inner, skip], 2)), constant('upper_bias', d.upper_window.bias)
        constant('upper_out', (m.repeat_interleave(d.small, 1)[:, :, None] * d.upper_out.weight)[:, :, 0].T)
        constant('bias', d.lip_out.bias * d.lip_mask[0, :, 0] + d.upper_out.bias * m.sum(1).clamp(max=1))
        constant('low', d.low), constant('high', d.high)

    def forward(self, codes):
        """codes int32 [B, WINDOW, HEADS] -> controls [B, 56] within their ranges"""
        rows = lambda a, n: codes[:, :, a:a + n].long() + torch.arange(n) * CLASSES
        lips = self.lip_table[rows(0, LIP_HEADS)].sum(2).flatten(1)
        lips = torch.relu(torch.addmm(self.lip_bias, lips, self.lip_in)) @ self.lip_out + lips[:, -len(self.lip_skip):] @ self.lip_skip
        upper = self.upper_table[rows(LIP_HEADS, self.groups)].permute(2, 0, 1, 3).flatten(2)  # [groups, B, WINDOW * 16]
        inner, skip = (upper @ self.upper_in).split([self.small, len(self.low)], 2)
        inner = torch.tanh(inner.transpose(0, 1).flatten(1) + self.upper_bias)
        return torch.minimum(torch.maximum(lips + inner @ self.upper_out + skip.sum(0) + self.bias, self.low), self.high)


def folded(net):
    """The small net with its batch norms in the convolutions before them, in place."""
    fuse = lambda conv, norm: torch.nn.utils.fuse_conv_bn_eval(conv, norm)
    net.inward, net.norm = fuse(net.inward, net.norm), torch.nn.Identity()
    for b in net.blocks:
        b.wide, b.norm = fuse(b.wide, b.norm), torch.nn.Identity()
        b.point, b.norm2 = fuse(b.point, b.norm2), torch.nn.Identity()
    return net


def rounded(net):
    """Every large weight of the net to 127 steps of its row's largest value, in place: what the file can hold in 8 bits."""
    for p in [*net.parameters(), *([net.positions] if hasattr(net, 'positions') else [])]:
        if p.dim() > 1 and p.numel() > 4096:
            flat = p.data.flatten(1)
            scale = (flat.abs().amax(1, keepdim=True) / 127).clamp(min=1e-12)
            p.data.copy_((torch.round(flat / scale) * scale).reshape(p.shape))
    return net


def compress(path):
    """Stores the weights that `rounded` made as int8 with a scale for each row. They are multiplied out when the model is loaded: same results, a
    quarter of the file. (Products in int8 would be no faster here, would let the rows of a batch change each other, and differ between processors.)"""
    model, saved = onnx.load(path), 0
    graph = model.graph
    for tensor in list(graph.initializer):
        w = onnx.numpy_helper.to_array(tensor)
        if w.dtype != np.float32 or w.ndim < 2 or w.size <= 4096:
            continue
        for axis in (0, w.ndim - 1):
            others = tuple(i for i in range(w.ndim) if i != axis)
            scale = np.maximum(np.abs(w).max(others, keepdims=True) / 127, 1e-12).astype(np.float32)
            q = np.round(w / scale)
            if np.abs(q * scale - w).max() < 2e-6 * np.abs(w).max() and np.abs(q).max() <= 127:
                break
        else:
            continue
        graph.initializer.remove(tensor)
        name = tensor.name
        graph.initializer.extend([onnx.numpy_helper.from_array(q.astype(np.int8), name + '.int8'), onnx.numpy_helper.from_array(scale, name + '.scale')])
        graph.node.insert(0, onnx.helper.make_node('Mul', [name + '.float', name + '.scale'], [name]))
        graph.node.insert(0, onnx.helper.make_node('Cast', [name + '.int8'], [name + '.float'], to=onnx.TensorProto.FLOAT))
        saved += 1
    onnx.checker.check_model(model)
    onnx.save(model, path)
    print(f'{path.name:14s} {path.stat().st_size / 1e6:.2f} MB with {saved} tensors in int8')
    return session(path)


def export_encoder(stream, name):
    """One streaming encoder -> exports/encoder-<name>.onnx and its fixture."""
    S = stream.state_size
    y = torch.tensor(signal(1.0))[None]
    state = torch.zeros(1, S)
    many = {} if name == 'server' else {1: 'samples'}
    rows = {} if name == 'server' else {1: 'n'}
    dynamic = dict(audio={0: 'B', **many}, state={0: 'B'}, logits={0: 'B', **rows}, features={0: 'B', **rows}, nextState={0: 'B'})
    path = EXPORTS / f'encoder-{name}.onnx'
    ort = write(stream, (y[:, :2400], state), path, ['audio', 'state'], ['logits', 'features', 'nextState'], dynamic)

    def blocks(run, step):
        s, parts = state, []
        for k in range(0, y.shape[1], step):
            l, f, s = run(y[:, k:k + step], s)
            parts.append((np.asarray(l), np.asarray(f)))
            s = torch.tensor(np.asarray(s))
        return (np.concatenate(p, 1) for p in zip(*parts))

    logits, features = blocks(stream, 2400)
    for n, a, b in zip(('logits', 'features'), blocks(lambda a, s: ort.run(None, dict(audio=a.numpy(), state=s.numpy())), 2400), (logits, features)):
        print('encoder', name, n, 'ONNX Runtime - PyTorch', agree(f'encoder-{name} {n}', a, b, 2e-3))
    if name == 'small':
        print('streaming - whole', agree('streaming', next(blocks(stream, y.shape[1])), logits, 2e-3))
    ort = compress(path)
    print('compressed - float', agree('compressed', next(blocks(lambda a, s: ort.run(None, dict(audio=a.numpy(), state=s.numpy())), 2400)), logits, 2e-3))
    two = ort.run(None, dict(audio=np.repeat(y[:, :2400].numpy(), 2, 0), state=np.zeros((2, S), np.float32)))
    agree('batch', two[0][1], logits[0][:BLOCK], 2e-3)
    keep = np.arange(0, logits.shape[1], 5)
    fixture(f'encoder-{name}', audio=y.numpy(), frames=keep.astype(int), logits=logits[:, keep], features=features, argmax=logits.argmax(-1).astype(int))


def main(args):
    torch.manual_seed(0)
    EXPORTS.mkdir(exist_ok=True)
    codec, context, geometry = codec_module.load(), context_module.load(), Geometry()
    articulator = articulator_module.Coded(articulator_module.load(), geometry, codec.lip_encoder).eval()
    streams = dict(small=Streaming(rounded(folded(train_module.load(args.small, 'small'))), lip_head('small', geometry, codec)).eval())
    if args.server:
        streams['server'] = ServerStreaming(rounded(train_module.load(args.server, 'server')), lip_head('server', geometry, codec)).eval()
    if args.manifest_only:
        frames = (EXPORTS / 'idle.bin').stat().st_size // HEADS
        return manifest(codec, streams, frames, args)
    with torch.no_grad():
        # decoder
        codes = torch.randint(0, CLASSES, (3, WINDOW, HEADS), dtype=torch.int32)
        codes[0] = codec.neutral.int()
        ort = write(FlatDecoder(codec.decoder), (codes,), EXPORTS / 'decoder.onnx', ['codes'], ['controls'], dict(codes={0: 'B'}, controls={0: 'B'}))
        want = codec.decoder(codes).numpy()
        agree('decoder', ort.run(None, dict(codes=codes.numpy()))[0], want, 1e-4)
        fixture('decoder', codes=codes.numpy(), controls=want)
        for name, stream in streams.items():
            export_encoder(stream, name)
        # articulator
        n = 36
        phones = torch.tensor([PHONES.index(p) for p in ['sil'] * 12 + ['P'] * 5 + ['AA'] * 10 + ['M'] * 5 + ['UW'] * 9 + ['F'] * 7 + ['IY'] * 8 + ['B'] * 5 + ['sil'] * 11], dtype=torch.int32)[None]
        stress = torch.where((phones == PHONES.index('AA')) | (phones == PHONES.index('IY')), 1, 0).int()
        y = torch.tensor(signal(n * FRAME / RATE, 5))[None]
        dynamic = dict(phones={0: 'B', 1: 'labels'}, stress={0: 'B', 1: 'labels'}, audio={0: 'B', 1: 'samples'}, logits={0: 'B', 1: 'n'})
        ort = write(articulator, (phones, stress, y), EXPORTS / 'articulator.onnx', ['phones', 'stress', 'audio'], ['logits'], dynamic)
        want = articulator(phones, stress, y).numpy()
        agree('articulator', ort.run(None, dict(phones=phones.numpy(), stress=stress.numpy(), audio=y.numpy()))[0], want, 1e-3)
        fixture('articulator', phones=phones.numpy(), stress=stress.numpy(), audio=y.numpy(), logits=want[:, ::4], frames=np.arange(0, n, 4), argmax=want.argmax(-1).astype(int))
        # context
        Fz = streams['small'].features
        past, f = torch.randint(0, CLASSES, (3, context_module.WINDOW, len(UPPER)), dtype=torch.int32), torch.rand(3, Fz)
        emotion = torch.zeros(3, emotion_module.COUNT_OCC)
        emotion[1, 0], emotion[2, emotion_module.NAMES.index('anger')] = 1., .6
        ort = write(context, (past, f, emotion), EXPORTS / 'context.onnx', ['past', 'features', 'emotion'], ['logits'],
                    dict(past={0: 'B'}, features={0: 'B'}, emotion={0: 'B'}, logits={0: 'B'}))
        want = context(past, f, emotion).numpy()
        agree('context', ort.run(None, dict(past=past.numpy(), features=f.numpy(), emotion=emotion.numpy()))[0], want, 1e-3)
        fixture('context', past=past.numpy(), features=f.numpy(), emotion=emotion.numpy(), logits=want)
    idle = context_module.idle_codes(codec)
    (EXPORTS / 'idle.bin').write_bytes(idle.tobytes())
    manifest(codec, streams, len(idle), args)


def manifest(codec, streams, idle_frames, args):
    def entry(name):
        data = (EXPORTS / name).read_bytes()
        return dict(path=name, sha256=hashlib.sha256(data).hexdigest(), sizeBytes=len(data))

    try:
        commit = subprocess.run(['git', 'rev-parse', 'HEAD'], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    except subprocess.CalledProcessError:
        commit = ''
    files = dict(decoder='decoder.onnx', encoderSmall='encoder-small.onnx', encoderServer='encoder-server.onnx', articulator='articulator.onnx', context='context.onnx', idle='idle.bin', template='template.obj', templateInfo='template.json', basis='basis.bin')
    out = dict(format='parley-face', version=2, name='parley-face', licence='Apache-2.0', notice=NOTE, trainingCommit=commit)
    out['codec'] = dict(heads=HEADS, classes=CLASSES, fps=FPS, window=WINDOW, neutral=codec.neutral.tolist(), lipHeads=list(range(LIP_HEADS)),
                        upperHeads=list(range(LIP_HEADS, HEADS)))
    out['controls'] = [dict(name=n, kind='shape' if i < SHAPES else 'rotation', unit='1' if i < SHAPES else 'rad', min=round(float(LOW[i]), 6), max=round(float(HIGH[i]), 6))
                       for i, n in enumerate(NAMES)]
    out['files'] = {k: entry(v) for k, v in files.items() if (EXPORTS / v).exists() and (k != 'encoderServer' or 'server' in streams)}
    out['encoders'] = {name: dict(file='encoder' + name.capitalize(), rateHz=RATE, hopSamples=FRAME, blockFrames=BLOCK, lookaheadFrames=LOOKAHEAD,
                                  stateSize=s.state_size, featureSize=s.features, maxFrames=BLOCK if name == 'server' else 600,
                                  inputs=['audio', 'state'], outputs=['logits', 'features', 'nextState']) for name, s in streams.items()}
    out['articulator'] = dict(file='articulator', rateHz=RATE // articulator_module.STEP, samplesPerLabel=articulator_module.STEP, symbols=PHONES,
                              marginFrames=articulator_module.MARGIN, inputs=['phones', 'stress', 'audio'], outputs=['logits'])
    out['emotions'] = emotion_module.NAMES
    out['context'] = dict(window=context_module.WINDOW, featureSize=context_module.FEATURES, temperature=1.0, inputs=['past', 'features', 'emotion'], outputs=['logits'])
    out['idle'] = dict(frames=idle_frames)
    info = EXPORTS / 'template.json'
    if info.exists():
        b = json.loads(info.read_text())['basis']
        out['basis'] = dict(vertices=b['vertices'], scale=b['scale'])
    scores = WORK / 'scores.json'
    out['scores'] = json.loads(scores.read_text()) if scores.exists() else {}
    (EXPORTS / 'manifest.json').write_text(json.dumps(out, indent=1) + '\n')
    print('manifest', {k: v['sizeBytes'] for k, v in out['files'].items()})


if __name__ == '__main__':
    p = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    p.add_argument('--small', default='small', help='run of train.py --kind small')
    p.add_argument('--server', default='server', help='run of train.py --kind server; empty: leave it out')
    p.add_argument('--manifest-only', action='store_true')
    main(p.parse_args())
