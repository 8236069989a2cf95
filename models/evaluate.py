"""Scores the exported face model on real speech (20 LJSpeech clips, never trained on), on the geometry of the decoded template head.

    python models/evaluate.py                 # the exports, streamed in 100 ms blocks with ONNX Runtime; updates manifest.json's scores
    python models/evaluate.py --oracle        # the teacher on the aligned phones, and the teacher through the codec: the ceilings
    python models/evaluate.py --noise 10      # with pink noise at 10 dB

From the middle of the lips, in mm: gap g (0 = neutral, lips touching). `SPAN_MM` is the opening that counts as 1.
Bilabial: recall = share of P/B/M of 30 ms or more with min g < 5 % of SPAN within [start - 30, end + 30] ms; precision = share of closures
that meet a P/B/M or a pause (and of closures away from pauses that meet a P/B/M). Labiodental: lower lip raised and tucked, g small.
"""
import argparse
import json
import time

import numpy as np
import onnxruntime
import torch
from scipy.stats import spearmanr

from controls import FPS, K, WINDOW
from data import read
from geometry import EXPORTS, Geometry
from phones import PHONES, WORK
from teacher import BILABIAL, LABIODENTAL, Teacher, runs

SPAN_MM = 15.
RATE_HZ = 120  # scores interpolate the 30 fps curves
APERTURE = dict(sil=0, P=0, B=0, M=0, F=.08, V=.08, TH=.2, DH=.2, T=.22, D=.22, K=.3, G=.3, N=.22, NG=.22, CH=.18, JH=.18, S=.12, Z=.12, SH=.12,
                ZH=.12, HH=.12, R=.25, L=.25, W=.25, Y=.25, AA=1, AY=1, AW=1, AE=1, AH=.55, EH=.55, EY=.55, ER=.55, IY=.3, IH=.3, AO=.6, OW=.6,
                OY=.6, UW=.3, UH=.3)
OPEN = dict(AA=1, AE=.9, AY=.85, AW=.9, AO=.75, AH=.55, EH=.6, EY=.45, ER=.35, IH=.35, IY=.25, OW=.5, OY=.55, UH=.3, UW=.2)
ROUND = dict(UW=1, OW=.9, UH=.7, AO=.6, OY=.6, W=1, R=.4, SH=.5, CH=.5, JH=.5, ZH=.5, AW=.4)


class Exported:
    """The product's path: encoder, argmax lips, sampled upper face, decoder; one core."""

    def __init__(self, folder=EXPORTS):
        self.m = json.loads((folder / 'manifest.json').read_text())
        o = onnxruntime.SessionOptions()
        o.intra_op_num_threads = 1
        load = lambda n: onnxruntime.InferenceSession(str(folder / f'{n}.onnx'), o, providers=['CPUExecutionProvider'])
        self.encoder, self.decoder, self.context = load('encoder'), load('decoder'), load('context')
        self.spent = {}

    def _run(self, name, session, feed):
        t = time.perf_counter()
        out = session.run(None, feed)
        self.spent.setdefault(name, []).append(time.perf_counter() - t)
        return out

    def codes(self, audio, seed=0, block=3):
        """audio float [N] at 24 kHz -> codes [frames, heads], features"""
        e, c = self.m['encoder'], self.m['codec']
        n = len(audio) // e['hopSamples']
        total = -(-(n + e['lookaheadFrames']) // block) * block
        y = np.zeros(total * e['hopSamples'], np.float32)
        y[:n * e['hopSamples']] = audio[:n * e['hopSamples']]
        state, lips, features = np.zeros((1, e['stateSize']), np.float32), [], []
        for k in range(0, total, block):
            l, f, state = self._run('encoder', self.encoder, dict(audio=y[None, k * e['hopSamples']:(k + block) * e['hopSamples']], state=state))
            lips.append(l[0].argmax(-1))
            features.append(f[0])
        lips, features = (np.concatenate(x)[e['lookaheadFrames']:][:n] for x in (lips, features))
        random, upper = np.random.default_rng(seed), []
        past = np.array(c['neutral'], np.int32)[c['upperHeads']][None].repeat(self.m['context']['window'], 0)
        for f in features:
            z = self._run('context', self.context, dict(past=past[None], features=f[None]))[0][0]
            code = (z - np.log(-np.log(random.random(z.shape)))).argmax(-1)
            upper.append(code)
            past = np.concatenate([past[1:], code[None].astype(np.int32)])
        return np.concatenate([lips, np.array(upper)], 1).astype(np.int32), features

    def decode(self, codes):
        padded = np.concatenate([np.array(self.m['codec']['neutral'], np.int32)[None].repeat(WINDOW - 1, 0), codes])
        windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW, 0).transpose(0, 2, 1)
        for w in windows[:30]:
            self._run('decoder', self.decoder, dict(codes=np.ascontiguousarray(w[None])))
        return self.decoder.run(None, dict(codes=np.ascontiguousarray(windows)))[0]


def measures(controls, g):
    """[n, 56] at 30 fps -> dict of curves at RATE_HZ: gap and lower-lip height in units of SPAN, rounding, tuck"""
    n = len(controls)
    at = np.arange(int(n * RATE_HZ / FPS)) * FPS / RATE_HZ
    up = lambda x: np.interp(at, np.arange(n), x)
    return dict(gap=up(np.maximum(0, (controls @ g.pairs[:, 2:7] if g.real else controls @ g.pairs).mean(1)) * g.unit_mm / SPAN_MM),
                sealed=up(np.max(controls @ g.pairs, 1) * g.unit_mm / SPAN_MM), teeth=up((controls @ g.teeth) * g.unit_mm / SPAN_MM),
                roll=up(controls[:, K['mouthRollLower']]), round=up(controls[:, K['mouthPucker']] + controls[:, K['mouthFunnel']]))


def events(items, marks, kinds, pad=.03):
    """marks: bool curves -> recall over phones of `kinds`, precision with pauses counted right, precision away from pauses, counts"""
    hit = count = good = right = away = total = 0
    for item, on in zip(items, marks):
        spans = [(p, a / 100, b / 100) for p, _, a, b in runs(item['phone'], item['stress'] * 0)]
        wanted = [(a, b) for p, a, b in spans if p in kinds and b - a >= .03 and a > .15]
        rest = [(a, b) for p, a, b in spans if p == 'sil'] + [(spans[-1][2], 1e9), (-1e9, .15)]
        every = [(a, b) for p, a, b in spans if p in kinds]
        for a, b in wanted:
            count += 1
            hit += on[max(0, int((a - pad) * RATE_HZ)):int((b + pad) * RATE_HZ) + 1].any()
        edge = np.flatnonzero(np.diff(np.r_[0, on.astype(int), 0]))
        for u, v in edge.reshape(-1, 2) / RATE_HZ:
            meets = lambda xs: any(u < b + pad and v > a - pad for a, b in xs)
            total += 1
            quiet = meets(rest)
            good += meets(every) or quiet
            if not quiet:
                away += 1
                right += meets(every)
    return hit / max(1, count), good / max(1, total), right / max(1, away), count, total


def score(items, faces, g):
    """items with labels, faces [n, 56] each -> dict of scores"""
    curves = [measures(f, g) for f in faces]
    ref = [np.array([APERTURE[p] for p in PHONES])[i['phone'][np.minimum((np.arange(len(c['gap'])) * 100 / RATE_HZ).astype(int), len(i['phone']) - 1)]]
           for i, c in zip(items, curves)]
    gaps = [c['gap'] for c in curves]
    known = [~_pauses(i, len(c), spoken=True) for i, c in zip(items, gaps)]
    corr = {}
    for lag in range(-24, 37, 1):
        a = np.concatenate([x[lag:] if lag >= 0 else x[:lag] for x in gaps])
        b = np.concatenate([r[:len(r) - lag] if lag >= 0 else r[-lag:] for r in ref])
        sure = np.concatenate([k[:len(k) - lag] if lag >= 0 else k[-lag:] for k in known])
        corr[lag] = np.corrcoef(a[sure], b[sure])[0, 1]
    best = max(corr, key=corr.get)
    closed = events(items, [c['gap'] < .05 for c in curves], BILABIAL)
    # lower lip at the upper teeth: tucked in and not lower than a quarter of the span
    tucked = events(items, [(c['roll'] > .22) & (c['teeth'] < .25) for c in curves], LABIODENTAL)
    opened, meant, rounded, meant_round = [], [], [], []
    for i, c in zip(items, curves):
        for p, _, a, b in runs(i['phone'], i['stress'] * 0):
            if p in OPEN and b - a >= 4:
                s = slice(int(a / 100 * RATE_HZ), int(b / 100 * RATE_HZ) + 1)
                opened.append(c['gap'][s].mean())
                meant.append(OPEN[p])
                rounded.append(c['round'][s].mean())
                meant_round.append(ROUND.get(p, 0))
    controls = np.concatenate(faces)
    speed = np.concatenate([np.abs(np.diff(f @ g.gap)) * g.unit_mm * FPS for f in faces])
    jerk = np.concatenate([np.abs(np.diff(f @ g.gap, 3)) * g.unit_mm for f in faces])
    silent = np.concatenate([c['gap'][:len(r)][_pauses(i, len(r), spoken=False)] for c, r, i in zip(curves, ref, items)])
    blink = np.concatenate([[0], (controls[:, 0] > .5).astype(int)])
    minutes = len(controls) / FPS / 60
    rotation = np.abs(np.diff(controls[:, -3:], axis=0)).mean(0) * FPS * 180 / np.pi
    return dict(apertureR=corr[0], apertureRBest=corr[best], lagMs=best * 1000 / RATE_HZ, bilabialRecall=closed[0], bilabialPrecision=closed[1],
                bilabialPrecisionInSpeech=closed[2], labiodentalRecall=tucked[0], labiodentalPrecision=tucked[1], opennessRho=spearmanr(opened, meant)[0],
                roundingRho=spearmanr(rounded, meant_round)[0], gapMeanMm=float(np.mean([c.mean() for c in gaps]) * SPAN_MM), gap95Mm=float(np.percentile(np.concatenate(gaps), 95) * SPAN_MM),
                gapInPausesMm=float(silent.mean() * SPAN_MM), lipSpeedMmPerS=float(speed.mean()), lipJerkMm=float(jerk.mean()), blinksPerMinute=float((np.diff(blink) > 0).sum() / minutes),
                headDegPerS=[round(float(x), 2) for x in rotation], seconds=minutes * 60, bilabials=closed[3])


def _pauses(item, n, spoken):
    """bool [n] at RATE_HZ. spoken=False: well inside quiet pauses of 250 ms and more. spoken=True: "pauses" as loud as speech, which are words the
    forced alignment does not know (names, mostly); nobody can be right there."""
    out, y = np.zeros(n, bool), item['audio'].astype(float)
    loud = np.percentile(np.abs(y), 99)
    for p, _, a, b in runs(item['phone'], item['stress'] * 0):
        if p == 'sil' and b - a >= 25 and len(y[a * 240:b * 240]):
            heard = y[a * 240:b * 240].std() > loud * 10 ** (-30 / 20)
            if heard == spoken:
                out[int((a + (0 if spoken else 15)) / 100 * RATE_HZ):int((b - (0 if spoken else 8)) / 100 * RATE_HZ)] = True
    return out


def show(name, s):
    print(f"{name:18s} aperture r {s['apertureR']:.3f} (best {s['apertureRBest']:.3f} at {s['lagMs']:.0f} ms) | bilabial {s['bilabialRecall']:.2f} / {s['bilabialPrecision']:.2f} "
          f"(in speech {s['bilabialPrecisionInSpeech']:.2f}) of {s['bilabials']} | labiodental {s['labiodentalRecall']:.2f} / {s['labiodentalPrecision']:.2f} | openness {s['opennessRho']:.2f} rounding {s['roundingRho']:.2f} "
          f"| gap mean {s['gapMeanMm']:.1f} p95 {s['gap95Mm']:.1f} pauses {s['gapInPausesMm']:.2f} mm | speed {s['lipSpeedMmPerS']:.0f} mm/s jerk {s['lipJerkMm']:.2f} "
          f"| blinks {s['blinksPerMinute']:.0f}/min head {s['headDegPerS']} deg/s", flush=True)


def pink(y, snr_db, random):
    n = len(y)
    p = np.fft.irfft(np.fft.rfft(random.standard_normal(n)) / np.sqrt(np.maximum(20, np.arange(n // 2 + 1))), n)
    return (y + p / p.std() * y.std() * 10 ** (-snr_db / 20)).astype(np.float32)


def main(args):
    g, items = Geometry(), read('dev')
    audio = [i['audio'].astype(np.float32) / 32768 for i in items]
    if args.noise:
        audio = [pink(y, args.noise, np.random.default_rng(k)) for k, y in enumerate(audio)]
    if args.oracle:
        import codec as codec_module
        teacher, codec = Teacher(g), codec_module.load()
        motion = [teacher.motion(i, np.random.default_rng([1, k])) for k, i in enumerate(items)]
        oracle = score(items, [l + u for l, u in motion], g)
        show('teacher', oracle)
        coded = [codec.decode(codec.encode(torch.tensor(l)[None], torch.tensor(u)[None], codec_module.frame_mel(i['audio'])[None]))[0].numpy()
                 for (l, u), i in zip(motion, items)]
        show('teacher, coded', score(items, coded, g))
        return
    model = Exported()
    faces = [model.decode(model.codes(y, seed=k)[0]) for k, y in enumerate(audio)]
    s = score(items, faces, g)
    show('exports', s)
    ms = {k: 1000 * float(np.median(v)) for k, v in model.spent.items()}
    print('median ms a call:', {k: round(v, 3) for k, v in ms.items()}, '(encoder: 3 frames)')
    teacher = score(items, [sum(Teacher(g).motion(i, np.random.default_rng([1, k]))) for k, i in enumerate(items)], g)
    s['velocityRatioToTeacher'] = s['lipSpeedMmPerS'] / teacher['lipSpeedMmPerS']
    print('velocity ratio to the teacher', round(s['velocityRatioToTeacher'], 3))
    if not args.noise:
        s = {k: round(v, 4) if isinstance(v, float) else v for k, v in s.items()}
        (WORK / 'scores.json').write_text(json.dumps({'devSet': '20 LJSpeech clips', **s}, indent=1))
        path = EXPORTS / 'manifest.json'
        m = json.loads(path.read_text())
        m['scores'] = {'devSet': '20 LJSpeech clips', **s}
        path.write_text(json.dumps(m, indent=1) + '\n')


if __name__ == '__main__':
    p = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    p.add_argument('--oracle', action='store_true')
    p.add_argument('--noise', type=float, help='signal-to-noise ratio, dB')
    main(p.parse_args())
