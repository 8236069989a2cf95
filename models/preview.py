"""Draws what the exported model does with real speech: faces on the template every 200 ms, and curves against the phones.

    python models/preview.py --clip 3 --out work     # work/clip3-faces.png, work/clip3-curves.png
    python models/preview.py --sentences --out work  # work/sentences-<encoder>.png: fixed sentences, spoken by flite, a face in the middle of each phone
    python models/preview.py --emotions --out work   # work/emotions.png: the same moment of one sentence with each of the 22 emotions
"""
import argparse

import numpy as np
from PIL import Image, ImageDraw

from controls import FPS, K, SHAPES
from data import Flite, label, read
from emotion import COUNT_OCC
from emotion import NAMES as EMOTIONS
from evaluate import Exported
from geometry import EXPORTS, Geometry
from heads.raster import Camera, render
from heads.wavefront import COLOURS
from phones import PHONES, ROOT
from teacher import Teacher, plot, runs


def mesh():
    """template.obj -> triangles [N, 3], colours [N, 3]"""
    triangles, colours, colour = [], [], None
    for line in (EXPORTS / 'template.obj').read_text().splitlines():
        if line.startswith('usemtl '):
            colour = COLOURS[line.split()[1]]
        elif line.startswith('f '):
            v = [int(x.split('/')[0]) - 1 for x in line.split()[1:]]
            for k in range(1, len(v) - 1):
                triangles.append([v[0], v[k], v[k + 1]])
                colours.append(colour)
    return np.array(triangles), np.array(colours)


def pose(g, c):
    """controls [56] -> vertices, head rotated about its joint (the origin)"""
    v = g.vertices + np.tensordot(c[:SHAPES], g.basis, 1)
    pitch, yaw, roll = c[SHAPES:]
    x = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    y = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    z = np.array([[np.cos(-roll), -np.sin(-roll), 0], [np.sin(-roll), np.cos(-roll), 0], [0, 0, 1]])
    return v @ (y @ x @ z).T


def faces(path, controls, labels, g, columns=8, size=220):
    """A sheet of posed heads with a label each."""
    triangles, colours = mesh()
    rows = -(-len(controls) // columns)
    sheet = Image.new('RGB', (columns * size, rows * size), 'white')
    for k, (c, text) in enumerate(zip(controls, labels)):
        camera = Camera(centre=np.array([0, .005, .03]), half=.10, width=size, height=size, yaw=.35)
        im = Image.fromarray(render(pose(g, c), triangles, colours, camera))
        ImageDraw.Draw(im).text((4, 2), text, fill='black')
        sheet.paste(im, (k % columns * size, k // columns * size))
    sheet.save(path)


SENTENCES = ['Peter bought my baby a bumpy pumpkin.', 'Five very fine leaves fell off the vine.', 'We saw who chose the blue shoes.', 'She asked me about that happy island.']


def sentence(text):
    """text -> a data.read item, spoken by flite"""
    flite = Flite.__new__(Flite)
    y, segments, _ = flite.say(text, 'slt', ())
    phone, stress = label(segments, np.asarray(y, np.float32))
    return dict(audio=np.round(np.clip(y, -1, 1) * 32767).astype(np.int16), phone=phone, stress=stress)


def sentences(args):
    g = Geometry()
    for encoder in ('small', 'server', 'phones'):
        model, shown, names = Exported(encoder=encoder), [], []
        for text in SENTENCES:
            item = sentence(text)
            c = model.decode(model.codes(item, item['audio'].astype(np.float32) / 32768, seed=args.seed))
            for p, _, a, b in runs(item['phone'], item['stress'] * 0):
                if p != 'sil':
                    shown.append(c[min(len(c) - 1, round((a + b) / 2 * FPS / 100))])
                    names.append(p)
        faces(ROOT / args.out / f'sentences-{encoder}.png', shown, names, g, columns=16, size=120)


def emotions(args):
    g, item, model = Geometry(), sentence(SENTENCES[3]), Exported(encoder='phones')
    shown = []
    for k in range(-1, COUNT_OCC):
        e = np.zeros(COUNT_OCC)
        if k >= 0:
            e[k] = 1
        c = model.decode(model.codes(item, item['audio'].astype(np.float32) / 32768, seed=args.seed, emotion=e))
        open_eyes = [n for n in range(20, len(c) - 10) if c[n, K['eyeBlinkLeft']] < .3] or [len(c) // 2]
        shown += [c[open_eyes[len(open_eyes) // 3]], c[open_eyes[2 * len(open_eyes) // 3]]]
    faces(ROOT / args.out / 'emotions.png', shown, [n for e in ['neutral', *EMOTIONS] for n in (e, '')], g, columns=8, size=200)


def main(args):
    if args.sentences:
        return sentences(args)
    if args.emotions:
        return emotions(args)
    g, item = Geometry(), read('dev')[args.clip]
    model = Exported(encoder=args.encoder)
    c = model.decode(model.codes(item, item['audio'].astype(np.float32) / 32768, seed=args.seed))
    lips, upper = Teacher(g).motion(item, np.random.default_rng(0))
    out = ROOT / args.out
    pick = lambda *n: c[:, [K[x] for x in n]]
    plot(out / f'clip{args.clip}-curves.png', item, [
        ('gap: model, teacher', np.stack([c @ g.gap, (lips + upper) @ g.gap], 1)), ('jaw, close', pick('jawOpen', 'mouthClose')),
        ('pucker, funnel', pick('mouthPucker', 'mouthFunnel')), ('stretch, smile, roll', pick('mouthStretchLeft', 'mouthSmileLeft', 'mouthRollLower')),
        ('tongue up, out', pick('tongueUp', 'tongueOut')), ('blink, squint', pick('eyeBlinkLeft', 'eyeSquintLeft')),
        ('gaze', pick('eyeLookOutLeft', 'eyeLookInLeft', 'eyeLookUpLeft', 'eyeLookDownLeft')), ('brows', pick('browInnerUp', 'browOuterUpLeft', 'browDownLeft')),
        ('head', pick('headPitch', 'headYaw', 'headRoll'))])
    step = int(args.every_ms * FPS / 1000)
    at = np.arange(0, len(c), step)[:args.count]
    spoken = [PHONES[item['phone'][min(len(item['phone']) - 1, int(n * 100 / FPS))]] for n in at]
    faces(out / f'clip{args.clip}-faces.png', c[at], [f'{n / FPS:.2f} s {p}' for n, p in zip(at, spoken)], g)


if __name__ == '__main__':
    p = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    p.add_argument('--clip', type=int, default=3)
    p.add_argument('--seed', type=int, default=0)
    p.add_argument('--encoder', choices=['small', 'server', 'phones'], default='server')
    p.add_argument('--sentences', action='store_true')
    p.add_argument('--emotions', action='store_true')
    p.add_argument('--every-ms', type=float, default=100)
    p.add_argument('--count', type=int, default=24)
    p.add_argument('--out', default='work')
    main(p.parse_args())
