"""Scores the exported face model on the geometry of the decoded template head: its 68 iBUG keypoints, head motion removed.

    python models/evaluate.py                      # all encoders on the 20 real clips; updates manifest.json's scores and plots
    python models/evaluate.py --all                # and under noise, in rooms, after Opus, other pitches, on held-out voices and in other languages
    python models/evaluate.py --oracle             # the ceilings: the teacher on the true phones, and the teacher through the codec
    python models/evaluate.py --voices             # other real voices, in five languages (prompts.py fetch and align come first)
    python models/evaluate.py --encoder server --noise 10

The protocol. g: mean distance of the three pairs of inner lip points, less its neutral value, 1 = the 99th percentile over the run's clips.
d: distance of the lower lip's middle to the edge of the upper teeth, 1 = neutral, 0 = lip on teeth. w: width, p: protrusion of the lips.
1. Bilabial: recall = share of P/B/M of 30 ms or more with min g < 5 % within [start - 30, end + 30] ms; precision = share of closures that meet a P/B/M
   or a pause, and the same away from pauses. 2. Labiodental: d < .5 and g > 0. 3. Sibilants: mean g over the median g of vowels.
4. Aperture: correlation of g with the phone-derived target at zero and best lag; openness, rounding: Spearman per vowel. 5. Lag. 6. Velocity against the
   teacher's, jerk. 7. Upper face: blinks a minute, entropy of brow and gaze, longest frozen span, spread over seeds; lips must not depend on the seed.
8. All of it under noise, room responses, Opus, shifted pitch, held-out voices, other languages.
"""
import argparse
import json
import subprocess
import tempfile
import time

import numpy as np
import onnxruntime
import soundfile
import torch
from scipy.signal import fftconvolve, resample_poly
from scipy.stats import spearmanr

from controls import FPS, K, UPPER, WINDOW
from data import read
from emotion import COUNT_OCC
from geometry import EXPORTS, Geometry
from phones import PHONES, SPEECH, VOWELS, WORK
from teacher import BILABIAL, LABIODENTAL, Teacher, runs

RATE, FRAME = 24000, 800
RATE_HZ = 120  # scores interpolate the 30 fps curves
APERTURE = dict(sil=0, P=0, B=0, M=0, F=.08, V=.08, TH=.2, DH=.2, T=.22, D=.22, K=.3, G=.3, N=.22, NG=.22, CH=.18, JH=.18, S=.12, Z=.12, SH=.12,
                ZH=.12, HH=.12, R=.25, L=.25, W=.25, Y=.25, AA=1, AY=1, AW=1, AE=1, AH=.55, EH=.55, EY=.55, ER=.55, IY=.3, IH=.3, AO=.6, OW=.6,
                OY=.6, UW=.3, UH=.3)
OPEN = dict(AA=1, AE=.9, AY=.85, AW=.9, AO=.75, AH=.55, EH=.6, EY=.45, ER=.35, IH=.35, IY=.25, OW=.5, OY=.55, UH=.3, UW=.2)
ROUND = dict(UW=1, OW=.9, UH=.7, AO=.6, OY=.6, W=1, R=.4, SH=.5, CH=.5, JH=.5, ZH=.5, AW=.4)
SIBILANTS = {'S', 'Z', 'SH', 'ZH', 'CH', 'JH'}
PAIRS = ((61, 67), (62, 66), (63, 65))
ON_TEETH_MM = 9.15  # distance of point 66 to the teeth's edge when the lower lip is tucked


class Exported:
    """The product's path in ONNX Runtime on one core: encoder in 100 ms blocks, argmax lips, sampled upper face, decoder."""

    def __init__(self, folder=EXPORTS, encoder='small'):
        self.m = json.loads((folder / 'manifest.json').read_text())
        o = onnxruntime.SessionOptions()
        o.intra_op_num_threads = 1
        o.add_session_config_entry('session.intra_op.allow_spinning', '0')
        load = lambda key: onnxruntime.InferenceSession(str(folder / self.m['files'][key]['path']), o, providers=['CPUExecutionProvider'])
        self.phones = encoder == 'phones'
        self.e = self.m['encoders']['small' if self.phones else encoder]
        self.encoder, self.decoder, self.context = load(self.e['file']), load('decoder'), load('context')
        self.articulator = load('articulator') if self.phones else None
        self.spent = {}

    def _run(self, name, session, feed):
        t = time.perf_counter()
        out = session.run(None, feed)
        self.spent.setdefault(name, []).append(time.perf_counter() - t)
        return out

    def heard(self, audio):
        """audio float [N] at 24 kHz -> lip codes [frames, lip heads], features"""
        hop, late, block = self.e['hopSamples'], self.e['lookaheadFrames'], self.e['blockFrames']
        n = len(audio) // hop
        total = -(-(n + late) // block) * block
        y = np.zeros(total * hop, np.float32)
        y[:n * hop] = audio[:n * hop]
        state, lips, features = np.zeros((1, self.e['stateSize']), np.float32), [], []
        for k in range(0, total, block):
            l, f, state = self._run('encoder', self.encoder, dict(audio=y[None, k * hop:(k + block) * hop], state=state))
            lips.append(l[0].argmax(-1))
            features.append(f[0])
        return tuple(np.concatenate(x)[late:][:n] for x in (lips, features))

    def upper(self, features, seed=0, emotion=None):
        """features [n, F] -> upper codes [n, heads]"""
        c, random, out = self.m['codec'], np.random.default_rng(seed), []
        e = np.zeros((1, COUNT_OCC), np.float32) if emotion is None else np.asarray(emotion, np.float32)[None]
        past = np.array(c['neutral'], np.int32)[c['upperHeads']][None].repeat(self.m['context']['window'], 0)
        for f in features:
            z = self._run('context', self.context, dict(past=past[None], features=f[None], emotion=e))[0][0]
            code = (z - np.log(-np.log(random.random(z.shape)))).argmax(-1)
            out.append(code)
            past = np.concatenate([past[1:], code[None].astype(np.int32)])
        return np.array(out)

    def codes(self, item, audio, seed=0, emotion=None):
        """-> codes [frames, heads]"""
        lips, features = self.heard(audio)
        if self.phones:
            n = len(lips)
            at = np.minimum((np.arange(2 * n) * 400 + 200) // 240, len(item['phone']) - 1)
            feed = dict(phones=item['phone'][at][None].astype(np.int32), stress=item['stress'][at][None].astype(np.int32), audio=audio[None, :n * FRAME].astype(np.float32))
            lips = self._run('articulator', self.articulator, feed)[0][0].argmax(-1)
        return np.concatenate([lips, self.upper(features, seed, emotion)], 1).astype(np.int32)

    def decode(self, codes):
        padded = np.concatenate([np.array(self.m['codec']['neutral'], np.int32)[None].repeat(WINDOW - 1, 0), codes])
        windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW, 0).transpose(0, 2, 1)
        return self.decoder.run(None, dict(codes=np.ascontiguousarray(windows)))[0]


class Points:
    """controls [n, 56] -> keypoints [n, 68, 3] in mm, head motion removed (the rotations move no point here)."""

    def __init__(self, g):
        at = g.template['landmarks']['vertices']
        self.rest, self.moves = g.vertices[at] * 1e3, g.basis[:, at] * 1e3
        teeth = g.template['groups']['upperTeeth']
        edge = g.vertices[teeth['first']:teeth['first'] + teeth['count']]
        edge = edge[np.abs(edge[:, 0]) < .012]
        edge = edge[edge[:, 1] < edge[:, 1].min() + .0015]
        self.edge = edge[np.abs(edge[:, 0]).argmin()] * 1e3
        k = self.rest[None]
        self.neutral = dict(gap=self._gap(k)[0], teeth=np.linalg.norm(k[0, 66] - self.edge), width=self._width(k)[0], out=self._out(k)[0])

    _gap = staticmethod(lambda k: np.mean([np.linalg.norm(k[:, a] - k[:, b], axis=-1) for a, b in PAIRS], 0))
    _width = staticmethod(lambda k: np.linalg.norm(k[:, 48] - k[:, 54], axis=-1))
    _out = staticmethod(lambda k: k[:, [51, 57], 2].mean(1))

    def __call__(self, controls):
        return self.rest + np.tensordot(controls[:, :len(self.moves)], self.moves, 1)

    def curves(self, controls):
        """-> dict of gap (mm over neutral), teeth (1 neutral, 0 on the teeth), width and out (mm against neutral), [n] at 30 fps"""
        k, z = self(controls), self.neutral
        teeth = np.linalg.norm(k[:, 66] - self.edge, axis=-1)
        return dict(gap=np.maximum(0, self._gap(k) - z['gap']), teeth=(teeth - ON_TEETH_MM) / (z['teeth'] - ON_TEETH_MM), width=self._width(k) - z['width'], out=self._out(k) - z['out'])


def up(x):
    n = len(x)
    return np.interp(np.arange(int(n * RATE_HZ / FPS)) * FPS / RATE_HZ, np.arange(n), x)


def entropy(x, low, high, bins=24):
    p = np.histogram(x, bins, (low, high))[0] / len(x)
    return float(-(p[p > 0] * np.log2(p[p > 0])).sum())


def frozen_s(controls):
    """The longest time, s, for which nothing above the mouth and no rotation moves by more than a hair."""
    own = sorted({i for g in UPPER[:-1] for i in g})
    still = (np.abs(np.diff(controls[:, own], axis=0)) < 2e-3).all(1)
    edge = np.flatnonzero(np.diff(np.r_[0, still.astype(int), 0])).reshape(-1, 2)
    return float((edge[:, 1] - edge[:, 0]).max(initial=0) / FPS)


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


def score(items, faces, points):
    """items with labels, faces [n, 56] each -> dict of scores"""
    curves = [{k: up(v) for k, v in points.curves(f).items()} for f in faces]
    span = np.percentile(np.concatenate([c['gap'] for c in curves]), 99)
    gaps = [c['gap'] / span for c in curves]
    label = lambda i, n: i['phone'][np.minimum((np.arange(n) * 100 / RATE_HZ).astype(int), len(i['phone']) - 1)]
    ref = [np.array([APERTURE[p] for p in PHONES])[label(i, len(c))] for i, c in zip(items, gaps)]
    known = [~_pauses(i, len(c), spoken=True) for i, c in zip(items, gaps)]
    everything = [np.ones(len(k), bool) for k in known]

    def correlation(lag, known):
        a = np.concatenate([x[lag:] if lag >= 0 else x[:lag] for x in gaps])
        b = np.concatenate([r[:len(r) - lag] if lag >= 0 else r[-lag:] for r in ref])
        sure = np.concatenate([k[:len(k) - lag] if lag >= 0 else k[-lag:] for k in known])
        return np.corrcoef(a[sure], b[sure])[0, 1]

    corr = {lag: correlation(lag, known) for lag in range(-24, 37)}
    best = max(corr, key=corr.get)
    closed = events(items, [g < .05 for g in gaps], BILABIAL)
    tucked = events(items, [(c['teeth'] < .5) & (g > 0) for c, g in zip(curves, gaps)], LABIODENTAL)
    opened, meant, rounded, meant_round, hiss, vowels = [], [], [], [], [], []
    for i, c, g in zip(items, curves, gaps):
        for p, _, a, b in runs(i['phone'], i['stress'] * 0):
            s = slice(int(a / 100 * RATE_HZ), int(b / 100 * RATE_HZ) + 1)
            if p in SIBILANTS and len(g[s]):
                hiss.append(g[s].mean())
            if p in VOWELS and len(g[s]):
                vowels.append(g[s].mean())
            if p in OPEN and b - a >= 4 and len(g[s]):
                opened.append(g[s].mean())
                meant.append(OPEN[p])
                rounded.append((c['out'] - .25 * c['width'])[s].mean())
                meant_round.append(ROUND.get(p, 0))
    controls = np.concatenate(faces)
    speed = np.concatenate([np.abs(np.diff(points.curves(f)['gap'])) * FPS for f in faces])
    jerk = np.concatenate([np.abs(np.diff(points.curves(f)['gap'], 3)) for f in faces])
    silent = np.concatenate([c['gap'][:len(r)][_pauses(i, len(r), spoken=False)] for c, r, i in zip(curves, ref, items)])
    blink = np.concatenate([[0], (controls[:, 0] > .5).astype(int)])
    minutes = len(controls) / FPS / 60
    rotation = np.abs(np.diff(controls[:, -3:], axis=0)).mean(0) * FPS * 180 / np.pi
    gaze = controls[:, K['eyeLookOutLeft']] - controls[:, K['eyeLookInLeft']]
    return dict(apertureR=corr[0], apertureRAll=correlation(0, everything), apertureRBest=corr[best], lagMs=best * 1000 / RATE_HZ, bilabialRecall=closed[0], bilabialPrecision=closed[1],
                bilabialPrecisionInSpeech=closed[2], labiodentalRecall=tucked[0], labiodentalPrecision=tucked[1], sibilantToVowel=float(np.mean(hiss) / np.median(vowels)),
                opennessRho=spearmanr(opened, meant)[0], roundingRho=spearmanr(rounded, meant_round)[0], spanMm=float(span), gapMeanMm=float(np.mean(np.concatenate(gaps)) * span),
                gapInPausesMm=float(silent.mean()) if len(silent) else 0., lipSpeedMmPerS=float(speed.mean()), lipJerkMm=float(jerk.mean()), blinksPerMinute=float((np.diff(blink) > 0).sum() / minutes),
                browEntropyBits=entropy(controls[:, K['browInnerUp']], 0, 1), gazeEntropyBits=entropy(gaze, -1, 1), frozenS=max(frozen_s(f) for f in faces),
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
    print(f"{name:26s} aperture r {s['apertureR']:.3f} (all {s['apertureRAll']:.3f}, best {s['apertureRBest']:.3f} at {s['lagMs']:.0f} ms) | bilabial {s['bilabialRecall']:.2f} / {s['bilabialPrecision']:.2f} "
          f"(in speech {s['bilabialPrecisionInSpeech']:.2f}) of {s['bilabials']} | labiodental {s['labiodentalRecall']:.2f} / {s['labiodentalPrecision']:.2f} | sibilants {s['sibilantToVowel']:.2f} | openness {s['opennessRho']:.2f} rounding {s['roundingRho']:.2f} "
          f"| span {s['spanMm']:.1f} pauses {s['gapInPausesMm']:.2f} mm | speed {s['lipSpeedMmPerS']:.0f} mm/s jerk {s['lipJerkMm']:.2f} "
          f"| blinks {s['blinksPerMinute']:.0f}/min frozen {s['frozenS']:.1f} s brow {s['browEntropyBits']:.1f} gaze {s['gazeEntropyBits']:.1f} bits head {s['headDegPerS']} deg/s", flush=True)


def pink(y, snr_db, random):
    n = len(y)
    p = np.fft.irfft(np.fft.rfft(random.standard_normal(n)) / np.sqrt(np.maximum(20, np.arange(n // 2 + 1))), n)
    return (y + p / p.std() * y.std() * 10 ** (-snr_db / 20)).astype(np.float32)


def room(y, k):
    """Through one of the recorded room responses, the direct sound kept where it was."""
    files = sorted(SPEECH.glob('rir*.wav'))
    r, rate = soundfile.read(files[k % len(files)], dtype='float32')
    r = resample_poly(r, RATE // np.gcd(RATE, rate), rate // np.gcd(RATE, rate))
    r = r[max(0, np.abs(r).argmax() - 12):]
    wet = fftconvolve(y, r)[:len(y)]
    return (wet * y.std() / (wet.std() + 1e-9)).astype(np.float32)


def through(y, *command, out='wav'):
    """Through an ffmpeg or sox command with IN and OUT in its arguments."""
    with tempfile.TemporaryDirectory() as folder:
        names = dict(IN=f'{folder}/in.wav', MID=f'{folder}/mid.opus', OUT=f'{folder}/out.wav')
        soundfile.write(names['IN'], y, RATE)
        for one in ' '.join(command).split(' ; '):
            subprocess.run([names.get(a, a) for a in one.split()], check=True, capture_output=True)
        z, _ = soundfile.read(names['OUT'], dtype='float32')
    return np.pad(z, (0, max(0, len(y) - len(z))))[:len(y)]


CONDITIONS = {
    'clean': lambda y, k: y,
    '20 dB': lambda y, k: pink(y, 20, np.random.default_rng(k)), '10 dB': lambda y, k: pink(y, 10, np.random.default_rng(k)), '5 dB': lambda y, k: pink(y, 5, np.random.default_rng(k)),
    'rooms': room,
    'Opus 24 kbit/s': lambda y, k: through(y, 'ffmpeg -y -i IN -c:a libopus -b:a 24k MID ; ffmpeg -y -i MID -ar 24000 OUT'),
    '+4 semitones': lambda y, k: through(y, 'sox IN OUT pitch 400'), '-4 semitones': lambda y, k: through(y, 'sox IN OUT pitch -400'),
}


def audio_of(items):
    return [i['audio'].astype(np.float32) / 32768 for i in items]


def seeds(model, item, audio, count=10):
    """-> (are the lips the same for all seeds, mean distance of upper controls between two seeds, in units of their spread)"""
    faces = [model.decode(model.codes(item, audio, seed=s)) for s in range(count)]
    own = [i for g in UPPER[:-1] for i in g]
    lips = [i for i in range(len(faces[0][0])) if i not in {j for g in UPPER for j in g}]
    same = all(np.array_equal(f[:, lips], faces[0][:, lips]) for f in faces)
    x = np.stack([f[:, own] for f in faces])
    return same, float(np.abs(x[1:] - x[:-1]).mean() / (x.std() + 1e-9))


def measure(encoder, items, points, condition='clean', seed=0):
    model = Exported(encoder=encoder)
    audio = [CONDITIONS[condition](y, k) for k, y in enumerate(audio_of(items))]
    faces = [model.decode(model.codes(i, y, seed=seed + k)) for k, (i, y) in enumerate(zip(items, audio))]
    s = score(items, faces, points)
    s['msPerFrame'] = float(1000 * np.median(model.spent['encoder'])) / model.e['blockFrames']
    return s, faces


def voices(names, points):
    """Other real voices and languages: prompts.py's, in quiet and under noise -> scores by row name. Few closures each: a tenth is three or four of them."""
    items, table = read('prompts'), {}
    for name in names:
        for condition in ('clean', '10 dB'):
            for who in dict.fromkeys(i['voice'] for i in items):
                own = [i for i in items if i['voice'] == who]
                s = table[f'{name}, {who}{"" if condition == "clean" else ", " + condition}'] = measure(name, own, points, condition)[0]
                show(f'{name}, {who}, {condition}', s)
    return table


def plot(path, table):
    """Bars of the main scores, one group for each row."""
    from PIL import Image, ImageDraw
    keys = ['apertureR', 'bilabialRecall', 'bilabialPrecision', 'labiodentalRecall', 'opennessRho']
    colours = ['#3b5b92', '#c0504d', '#e39a5b', '#5f9e6e', '#8d6cab']
    row, left, width = 92, 190, 560
    im = Image.new('RGB', (left + width + 60, row * len(table) + 30), 'white')
    d = ImageDraw.Draw(im)
    for r, (name, s) in enumerate(table.items()):
        d.text((6, r * row + 36), name, fill='black')
        for k, key in enumerate(keys):
            y = r * row + 8 + k * 16
            d.rectangle([left, y, left + width * max(0, s[key]), y + 13], fill=colours[k])
            d.text((left + width * max(0, s[key]) + 4, y + 1), f'{s[key]:.2f}', fill='black')
    for k, key in enumerate(keys):
        d.text((6 + k * 150, row * len(table) + 10), key, fill=colours[k])
    im.save(path)


def markdown(table):
    """scores by row name -> the table of MODEL_CARD.md and docs/benchmarks.md"""
    short = lambda x: f'{x:.3f}'.lstrip('0')
    two = lambda x: f'{x:.2f}'.lstrip('0') if x < .995 else '1.00'
    print('| | aperture r (best lag) | bilabial recall / precision (away from pauses) | labiodental | sibilants to vowels | openness rho | rounding rho | lip speed, of the teacher\'s |')
    print('|' + ' --- |' * 8)
    for name, s in table.items():
        ratio = f"{s['velocityRatioToTeacher']:.2f}" if 'velocityRatioToTeacher' in s else '–'
        print(f"| {name} | {short(s['apertureR'])} ({s['lagMs']:.0f} ms) | {two(s['bilabialRecall'])} / {two(s['bilabialPrecision'])} ({two(s['bilabialPrecisionInSpeech'])}) | "
              f"{two(s['labiodentalRecall'])} / {two(s['labiodentalPrecision'])} | {two(s['sibilantToVowel'])} | {two(s['opennessRho'])} | {two(s['roundingRho'])} | {ratio} |")


def main(args):
    if args.table:
        return markdown(json.loads((WORK / ('scores-voices.json' if args.voices else 'scores-all.json')).read_text()))
    g = Geometry()
    points, items = Points(g), read('dev')
    if args.oracle:
        import codec as codec_module
        teacher, codec = Teacher(g), codec_module.load()
        motion = [teacher.motion(i, np.random.default_rng([1, k])) for k, i in enumerate(items)]
        show('teacher', score(items, [l + u for l, u in motion], points))
        coded = [codec.decode(codec.encode(torch.tensor(l)[None], torch.tensor(u)[None]))[0].numpy() for l, u in motion]
        show('teacher, coded', score(items, coded, points))
        return
    available = ['small', 'server', 'phones']
    m = json.loads((EXPORTS / 'manifest.json').read_text())
    names = [args.encoder] if args.encoder else [n for n in available if n == 'phones' or n in m['encoders']]
    if args.voices:
        return (WORK / 'scores-voices.json').write_text(json.dumps(voices([n for n in names if n != 'phones'], points), indent=1, default=float))
    conditions = [f'{args.noise:.0f} dB'] if args.noise else list(CONDITIONS) if args.all else ['clean']
    teacher = score(items, [sum(Teacher(g).motion(i, np.random.default_rng([1, k]))) for k, i in enumerate(items)], points)
    table = {}
    for name in names:
        for condition in conditions if name != 'phones' else ['clean']:
            s, faces = measure(name, items, points, condition)
            s['velocityRatioToTeacher'] = s['lipSpeedMmPerS'] / teacher['lipSpeedMmPerS']
            table[f'{name}, {condition}'] = s
            show(f'{name}, {condition}', s)
            print(f"   encoder {s['msPerFrame']:.2f} ms a frame; velocity ratio to the teacher {s['velocityRatioToTeacher']:.2f}", flush=True)
        if args.all:
            model = Exported(encoder=name)
            same, apart = seeds(model, items[0], audio_of(items)[0])
            print(f'   10 seeds: lips {"equal" if same else "NOT equal"}, upper faces {apart:.2f} spreads apart')
            if name != 'phones':
                held = read('kokoroheld')[:24]
                for voice in sorted({i['voice'] for i in held}):
                    s, _ = measure(name, [i for i in held if i['voice'] == voice], points)
                    table[f'{name}, {voice}'] = s
                    show(f'{name}, {voice}', s)
    if not args.noise and not args.encoder:
        clean = {n: {k: round(v, 4) if isinstance(v, float) else v for k, v in table[f'{n}, clean'].items()} for n in names}
        path = EXPORTS / 'manifest.json'
        m['scores'] = {'devSet': '20 LJSpeech clips', **clean}
        path.write_text(json.dumps(m, indent=1) + '\n')
        (WORK / 'scores.json').write_text(json.dumps(m['scores'], indent=1))
        plot(WORK / 'scores.png', table)
        (WORK / 'scores-all.json').write_text(json.dumps(table, indent=1, default=float))


if __name__ == '__main__':
    p = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    p.add_argument('--oracle', action='store_true')
    p.add_argument('--table', action='store_true', help='the last run as Markdown')
    p.add_argument('--voices', action='store_true', help='other real voices, in five languages')
    p.add_argument('--all', action='store_true', help='all conditions and voices')
    p.add_argument('--encoder', choices=['small', 'server', 'phones'])
    p.add_argument('--noise', type=float, help='signal-to-noise ratio, dB: 20, 10 or 5')
    main(p.parse_args())
