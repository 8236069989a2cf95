"""Writes the product's files: decoder.onnx, encoder.onnx, context.onnx, idle.bin, fixtures/*.json and manifest.json in models/exports.

    python models/export.py --encoder main
    python models/export.py --encoder main --manifest-only     # after template.py wrote a new basis: hashes and sizes anew

Needs models/work/{codec.pt, encoder-<name>.pt, context.pt} and exports/{template.obj, template.json, basis.bin} (template.py).
Checks every file against PyTorch with ONNX Runtime, and that streaming in blocks equals one pass over the whole.
"""
import argparse
import hashlib
import json
import subprocess

import numpy as np
import onnx
import onnxruntime
import torch

import codec as codec_module
import context as context_module
import train as train_module
from audio_encoder import FRAME, LOOKAHEAD, RATE, Streaming
from controls import CLASSES, FPS, HEADS, HIGH, LIP_HEADS, LOW, NAMES, SHAPES, UPPER, WINDOW
from geometry import EXPORTS
from phones import ROOT, WORK

NOTE = ('Trained on synthetic speech (Piper joe CC0, Kokoro Apache-2.0, flite) of public-domain text (LJSpeech). '
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


def main(args):
    torch.manual_seed(0)
    EXPORTS.mkdir(exist_ok=True)
    codec, encoder = codec_module.load(), train_module.load(args.encoder)
    context, stream = context_module.load(), Streaming(encoder).eval()
    S, Fz = encoder.state_size, stream.features
    if args.manifest_only:
        frames = (EXPORTS / 'idle.bin').stat().st_size // HEADS
        return manifest(codec, encoder, context, frames, args)
    with torch.no_grad():
        # decoder
        codes = torch.randint(0, CLASSES, (3, WINDOW, HEADS), dtype=torch.int32)
        codes[0] = codec.neutral.int()
        ort = write(codec.decoder, (codes,), EXPORTS / 'decoder.onnx', ['codes'], ['controls'], dict(codes={0: 'B'}, controls={0: 'B'}))
        want = codec.decoder(codes).numpy()
        agree('decoder', ort.run(None, dict(codes=codes.numpy()))[0], want, 1e-4)
        fixture('decoder', codes=codes.numpy(), controls=want)
        # encoder
        y = torch.tensor(signal(1.0))[None]
        state = torch.zeros(1, S)
        dynamic = dict(audio={0: 'B', 1: 'samples'}, state={0: 'B'}, logits={0: 'B', 1: 'n'}, features={0: 'B', 1: 'n'}, nextState={0: 'B'})
        ort = write(stream, (y[:, :2400], state), EXPORTS / 'encoder.onnx', ['audio', 'state'], ['logits', 'features', 'nextState'], dynamic)
        logits, features, after = (x.numpy() for x in stream(y, state))
        got = ort.run(None, dict(audio=y.numpy(), state=state.numpy()))
        for n, a, b in zip(('logits', 'features', 'state'), got, (logits, features, after)):
            agree('encoder ' + n, a, b, 2e-3)
        parts, s = [], state.numpy()
        for k in range(0, y.shape[1], 2400):
            l, _, s = ort.run(None, dict(audio=y[:, k:k + 2400].numpy(), state=s))
            parts.append(l)
        print('encoder: streaming - whole', agree('streaming', np.concatenate(parts, 1), got[0], 2e-3))
        two = ort.run(None, dict(audio=np.repeat(y[:, :1600].numpy(), 2, 0), state=np.zeros((2, S), np.float32)))
        agree('encoder batch', two[0][1], got[0][0, :2], 2e-3)
        keep = np.arange(0, logits.shape[1], 5)
        fixture('encoder', audio=y.numpy(), frames=keep.astype(int), logits=logits[:, keep], features=features, argmax=logits.argmax(-1).astype(int))
        # context
        past, f = torch.randint(0, CLASSES, (2, context_module.WINDOW, len(UPPER)), dtype=torch.int32), torch.rand(2, Fz)
        ort = write(context, (past, f), EXPORTS / 'context.onnx', ['past', 'features'], ['logits'], dict(past={0: 'B'}, features={0: 'B'}, logits={0: 'B'}))
        want = context(past, f).numpy()
        agree('context', ort.run(None, dict(past=past.numpy(), features=f.numpy()))[0], want, 1e-3)
        fixture('context', past=past.numpy(), features=f.numpy(), logits=want)
    idle = context_module.idle_codes(codec)
    (EXPORTS / 'idle.bin').write_bytes(idle.tobytes())
    manifest(codec, encoder, context, len(idle), args)


def manifest(codec, encoder, context, idle_frames, args):
    def entry(name):
        data = (EXPORTS / name).read_bytes()
        return dict(path=name, sha256=hashlib.sha256(data).hexdigest(), sizeBytes=len(data))

    try:
        commit = subprocess.run(['git', 'rev-parse', 'HEAD'], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    except subprocess.CalledProcessError:
        commit = ''
    files = dict(decoder='decoder.onnx', encoder='encoder.onnx', context='context.onnx', idle='idle.bin', template='template.obj', templateInfo='template.json', basis='basis.bin')
    out = dict(format='parley-face', version=1, name='parley-face-small', licence='Apache-2.0', notice=NOTE, trainingCommit=commit)
    out['codec'] = dict(heads=HEADS, classes=CLASSES, fps=FPS, window=WINDOW, neutral=codec.neutral.tolist(), lipHeads=list(range(LIP_HEADS)),
                        upperHeads=list(range(LIP_HEADS, HEADS)))
    out['controls'] = [dict(name=n, kind='shape' if i < SHAPES else 'rotation', unit='1' if i < SHAPES else 'rad', min=round(float(LOW[i]), 6), max=round(float(HIGH[i]), 6))
                       for i, n in enumerate(NAMES)]
    out['files'] = {k: entry(v) for k, v in files.items() if (EXPORTS / v).exists()}
    out['encoder'] = dict(rateHz=RATE, hopSamples=FRAME, lookaheadFrames=LOOKAHEAD, stateSize=encoder.state_size, featureSize=2 * 3, maxFrames=600,
                          inputs=['audio', 'state'], outputs=['logits', 'features', 'nextState'])
    out['context'] = dict(window=context_module.WINDOW, featureSize=context_module.FEATURES, temperature=1.0, inputs=['past', 'features'], outputs=['logits'])
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
    p.add_argument('--encoder', default='main')
    p.add_argument('--manifest-only', action='store_true')
    main(p.parse_args())
