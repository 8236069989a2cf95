"""Draws what the exported model does with real speech: faces on the template every 200 ms, and curves against the phones.

    python models/preview.py --clip 3 --out work     # work/clip3-faces.png, work/clip3-curves.png
"""
import argparse

import numpy as np
from PIL import Image, ImageDraw

from controls import FPS, K, SHAPES
from data import read
from evaluate import Exported
from geometry import EXPORTS, Geometry
from heads.raster import Camera, render
from heads.wavefront import COLOURS
from phones import PHONES, ROOT
from teacher import Teacher, plot


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


def main(args):
    g, item = Geometry(), read('dev')[args.clip]
    model = Exported()
    c = model.decode(model.codes(item['audio'].astype(np.float32) / 32768, seed=args.seed)[0])
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
    p.add_argument('--every-ms', type=float, default=100)
    p.add_argument('--count', type=int, default=24)
    p.add_argument('--out', default='work')
    main(p.parse_args())
