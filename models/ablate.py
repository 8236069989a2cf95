"""What each size of the codec and of the stream is worth: frame rate, basis, heads x classes, window, look-ahead.

    python models/ablate.py fps basis            # seconds, no training
    python models/ablate.py lookahead --name server
    python models/ablate.py codec                # short codec runs, some two minutes each

Prints rows for LOG.md, on the 20 real development clips (scores as in evaluate.py).
"""
import argparse
import os
import subprocess
import sys

import numpy as np
import torch

from controls import COUNT, FPS, LIPS
from data import read
from evaluate import Points, score
from geometry import Geometry
from phones import ROOT
from teacher import Teacher, loudness

ROW = '{:22s} aperture r {apertureR:.3f}, bilabial {bilabialRecall:.2f} / {bilabialPrecision:.2f}, labiodental {labiodentalRecall:.2f}, openness {opennessRho:.2f}'


def clips():
    g, items = Geometry(), read('dev')
    t = Teacher(g)
    return g, items, [t.lips(i['phone'], i['stress'], loudness(i['audio'], len(i['phone']))) for i in items]


def sampled(x, n, fps):
    """100 Hz -> fps -> linearly back to 30 fps, as a client would draw it"""
    at = np.arange(int(n / FPS * fps) + 2) / fps * 100 - .5
    low = np.stack([np.interp(at, np.arange(len(x)), x[:, c]) for c in range(x.shape[1])], 1)
    t = np.arange(n) / FPS * fps
    return np.stack([np.interp(t, np.arange(len(low)), low[:, c]) for c in range(x.shape[1])], 1)


def fps(_):
    g, items, motion = clips()
    for rate in (10, 15, 20, 25, 30):
        print(ROW.format(f'{rate} fps', **score(items, [sampled(m, len(i['audio']) // 800, rate) for m, i in zip(motion, items)], Points(g))))


def basis(_):
    """The lips' 26 or so controls squeezed into K principal directions of their vertices."""
    g, items, motion = clips()
    faces = [sampled(m, len(i['audio']) // 800, 30) for m, i in zip(motion, items)]
    L = np.linalg.cholesky(g.gram + 1e-6 * np.eye(COUNT))
    x = np.concatenate(faces) @ L
    mean = x.mean(0)
    _, s, v = np.linalg.svd(x - mean, full_matrices=False)
    for k in (2, 4, 6, 8, 12, 16, 24):
        p = v[:k].T @ v[:k]
        flat = [((f @ L - mean) @ p + mean) @ np.linalg.inv(L) for f in faces]
        print(ROW.format(f'K = {k} ({100 * (s[:k] ** 2).sum() / (s ** 2).sum():.1f} %)', **score(items, flat, Points(g))))


@torch.no_grad()
def lookahead(args):
    """A ridge regression of the lips' opening from the trained encoder's tokens, read at several ages: how much the future is worth."""
    import server_encoder as S
    from augment import Front
    from train import load
    g = Geometry()
    net, front, teacher = load(args.name, 'server'), Front('server', 0), Teacher(g)
    heard = {}
    for engine, count in (('kokoro', 100), ('dev', 20)):
        rows = []
        for i in read(engine, shards=5)[:count]:
            n = len(i['audio']) // 2400 * 2400
            x = net(front.clean(torch.tensor(i['audio'][:n].astype(np.float32) / 32768)[None]))[-1][0].numpy()
            rows.append((x, teacher.lips(i['phone'], i['stress'], loudness(i['audio'], len(i['phone']))) @ g.gap, i))
        heard[engine] = rows

    def pairs(engine, ahead):
        a, b = [], []
        for x, gap, _ in heard[engine]:
            u = np.arange(8, len(x))  # token u has heard samples up to 480 (u - 3) + 780 + 480 * sum(RIGHT)
            t = (480 * (u - 3) + 780 + 480 * sum(S.RIGHT) - ahead * 24) / 240
            ok = (t > 0) & (t < len(gap) - 1)
            a.append(np.concatenate([x[u[ok]], x[u[ok] - 2], x[u[ok] - 4]], 1))
            b.append(np.interp(t[ok], np.arange(len(gap)), gap))
        return np.concatenate(a), np.concatenate(b)

    for ahead in (20, 40, 60, 80, 100, 130, 160, 220):
        a, b = pairs('kokoro', ahead)
        mean = a.mean(0)
        w = np.linalg.solve((a - mean).T @ (a - mean) + 300 * np.eye(a.shape[1]), (a - mean).T @ (b - b.mean()))
        c, d = pairs('dev', ahead)
        print(f'look-ahead {ahead:3d} ms: correlation with the teacher\'s opening {np.corrcoef((c - mean) @ w, d)[0, 1]:.3f}')


def codec(_):
    for heads, classes, window in ((8, 64, 9), (4, 64, 9), (16, 64, 9), (8, 32, 9), (8, 128, 9), (8, 64, 5), (8, 64, 13)):
        env = dict(os.environ, PARLEY_LIP_HEADS=str(heads), PARLEY_CLASSES=str(classes), PARLEY_WINDOW=str(window))
        name = f'ablate-{heads}-{classes}-{window}.pt'
        run = [sys.executable, str(ROOT / 'codec.py'), '--fresh', '--out', name, '--steps', '500', '--shards', '3', '--noise', '.3', '--batch', '28']
        subprocess.run(run, env=env, check=True, stdout=subprocess.DEVNULL)
        out = subprocess.run([sys.executable, __file__, 'coded', '--name', name], env=env, check=True, capture_output=True, text=True).stdout
        bits = int(np.ceil(np.log2(classes)))
        print(f'{heads} x {classes}, window {window} ({heads * bits} bits a frame): ' + out.strip(), flush=True)


def coded(args):
    import codec as C
    from phones import WORK
    g, items, motion = clips()
    net, faces, d = C.load(WORK / args.name), [], []
    for m, i in zip(motion, items):
        lips = torch.tensor(sampled(m, len(i['audio']) // 800, 30), dtype=torch.float32)[None]
        upper = C.rest_upper().expand_as(lips)
        made = net.decode(net.encode(lips, upper, C.frame_mel(i['audio'])[None]))[0].numpy()
        faces.append(made)
        d.append((made - lips[0].numpy() - upper[0].numpy())[:, LIPS] @ g.gap[LIPS] * g.unit_mm)
    print(ROW.format(f'gap {np.sqrt((np.concatenate(d) ** 2).mean()):.2f} mm rms', **score(items, faces, Points(g))))


if __name__ == '__main__':
    p = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    p.add_argument('what', nargs='+', choices=['fps', 'basis', 'lookahead', 'codec', 'coded'])
    p.add_argument('--name', default='server-trunk')
    a = p.parse_args()
    for w in a.what:
        globals()[w](a)
