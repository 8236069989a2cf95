"""Phones with durations -> the motion of 56 controls: coarticulated lips (a function of the speech) and a living upper face (seeded).

    python models/teacher.py           # writes models/work/teacher.png: a contact sheet of curves for one development clip

Lips: dominance functions (Cohen & Massaro 1993, https://doi.org/10.1007/978-4-431-66911-1_13) with the closure rules of JALI
(Edwards et al. 2016, https://doi.org/10.1145/2897824.2925984). Motion is computed at 100 Hz and sampled at 30 fps: frame n is sample 800 n.
"""
import numpy as np
from scipy.ndimage import convolve1d

from controls import COUNT, FPS, HIGH, K, LOW
from geometry import Geometry
from phones import PHONES, VOWELS

# Targets of each phone: jaw, pucker, funnel, stretch, smile, lowerDown, upperUp, rollLower, tongueUp, tongueOut
COLUMNS = ['jaw', 'pucker', 'funnel', 'stretch', 'smile', 'lower', 'upper', 'roll', 'tongueUp', 'tongueOut']
TARGETS = {
    'sil': (.00, .00, .00, .00, .00, .00, .00, .00, .0, .0),
    'AA': (.50, .00, .00, .05, .00, .20, .10, .00, .0, .0), 'AE': (.47, .00, .00, .25, .06, .28, .16, .00, .0, .0),
    'AH': (.33, .00, .02, .06, .00, .14, .07, .00, .0, .0), 'AO': (.32, .18, .30, .00, .00, .14, .07, .00, .0, .0),
    'EH': (.33, .00, .00, .20, .05, .22, .11, .00, .0, .0), 'ER': (.22, .14, .16, .00, .00, .14, .07, .00, .2, .0),
    'IH': (.15, .00, .00, .20, .06, .16, .08, .00, .1, .0), 'IY': (.11, .00, .00, .36, .16, .18, .08, .00, .2, .0),
    'OW': (.34, .45, .24, .00, .00, .10, .05, .00, .0, .0), 'UH': (.16, .34, .14, .00, .00, .08, .04, .00, .0, .0),
    'UW': (.10, .74, .14, .00, .00, .05, .03, .00, .0, .0),
    'P': (.06, .02, .00, .00, .00, .00, .00, .06, .0, .0), 'B': (.06, .02, .00, .00, .00, .00, .00, .05, .0, .0),
    'M': (.06, .02, .00, .00, .00, .00, .00, .03, .0, .0),
    'F': (.08, .00, .00, .04, .00, .00, .32, .55, .0, .0), 'V': (.08, .00, .00, .04, .00, .00, .30, .50, .0, .0),
    'S': (.02, .00, .03, .20, .04, .16, .08, .00, .4, .0), 'Z': (.02, .00, .03, .18, .04, .15, .08, .00, .4, .0),
    'SH': (.02, .30, .32, .00, .00, .12, .10, .00, .4, .0), 'ZH': (.02, .30, .30, .00, .00, .12, .10, .00, .4, .0),
    'CH': (.03, .28, .30, .00, .00, .12, .10, .00, .6, .0), 'JH': (.03, .28, .30, .00, .00, .12, .10, .00, .6, .0),
    'TH': (.08, .00, .00, .08, .00, .12, .06, .00, .2, .30), 'DH': (.08, .00, .00, .08, .00, .12, .06, .00, .2, .22),
    'T': (.07, .00, .00, .08, .00, .10, .05, .00, 1., .0), 'D': (.07, .00, .00, .08, .00, .10, .05, .00, 1., .0),
    'N': (.08, .00, .00, .06, .00, .10, .05, .00, 1., .0), 'L': (.10, .00, .00, .06, .00, .12, .06, .00, 1., .0),
    'K': (.11, .00, .00, .06, .00, .12, .06, .00, .0, .0), 'G': (.11, .00, .00, .06, .00, .12, .06, .00, .0, .0),
    'NG': (.10, .00, .00, .08, .00, .12, .06, .00, .0, .0), 'R': (.08, .22, .20, .00, .00, .08, .05, .00, .2, .0),
    'W': (.05, .78, .12, .00, .00, .02, .02, .00, .0, .0), 'Y': (.08, .00, .00, .26, .08, .12, .06, .00, .3, .0),
    'HH': (.14, .00, .00, .06, .00, .12, .06, .00, .0, .0),
}
GLIDES = dict(AY=('AA', 'IY'), AW=('AA', 'UW'), EY=('EH', 'IY'), OW=('OW', 'UW'), OY=('AO', 'IY'))
TONGUE_ONLY = {'T', 'D', 'N', 'L', 'K', 'G', 'NG', 'HH'}
ROUNDED = {'UW', 'OW', 'UH', 'AO', 'W', 'SH', 'ZH', 'CH', 'JH'}
BILABIAL, LABIODENTAL = {'P', 'B', 'M'}, {'F', 'V'}
# Strength of each phone's pull on (jaw, rounding, spread, lip raise, roll, tongue)
PULL = {p: (1., 1., .8, .8, 1., .3) for p in PHONES}
PULL |= {p: (1., .12, .12, .25, .5, 2.) for p in TONGUE_ONLY} | {'HH': (.1, .05, .05, .1, .5, .1)}
PULL |= {p: (1.6, .6, .6, 1., 1., 1.) for p in ('S', 'Z')} | {p: (1.6, 1.6, 1., 1., 1., 1.) for p in ('SH', 'ZH', 'CH', 'JH')}
PULL |= {p: (.9, 2., .6, .8, 1., .3) for p in ('UW', 'OW', 'W')} | {'sil': (.8, .8, .8, .8, .8, .8)}
PULL |= {p: (.8, .25, .25, .5, 1., .2) for p in BILABIAL} | {p: (1.2, .4, .4, 1., 2., .2) for p in LABIODENTAL}
PULL |= {p: (.8, .2, .3, .6, 1., 2.) for p in ('TH', 'DH')}
_GROUP = [0, 1, 1, 2, 2, 3, 3, 4, 5, 5]  # column of TARGETS -> column of PULL


def smooth(x, width):
    """x [T, ...] with a Hann window of `width` samples."""
    h = np.hanning(width + 2)[1:-1]
    return convolve1d(x, h / h.sum(), axis=0, mode='nearest')


def loudness(audio, n):
    """Audio int16 24 kHz -> n values at 100 Hz in 0..1, relative to the utterance's own loud parts."""
    y = audio.astype(np.float32) / 32768
    total = np.r_[0., np.cumsum(np.pad(y, (360, max(0, n * 240 + 480 - len(y)))).astype(np.float64) ** 2)]
    at = np.arange(n) * 240
    power = (total[at + 720] - total[at]) / 720  # 30 ms about each step
    db = 10 * np.log10(power + 1e-9)
    return np.clip(1 + (db - np.percentile(db, 92)) / 30, 0, 1.2)


def runs(phone, stress):
    """Labels at 100 Hz -> [(phone name, stress, start, end)] in label steps."""
    edges = np.r_[0, np.flatnonzero(np.diff(phone.astype(int) * 4 + stress)) + 1, len(phone)]
    return [(PHONES[phone[a]], int(stress[a]), a, b) for a, b in zip(edges[:-1], edges[1:])]


class Teacher:
    def __init__(self, geometry=None):
        self.g = geometry or Geometry()

    def lips(self, phone, stress, loud):
        """phone, stress, loud [T] at 100 Hz -> controls [T, 56] of jaw, mouth and tongue."""
        T = len(phone)
        spans = runs(phone, stress)
        strong = stress.max(initial=0) > 0
        loud = smooth(loud, 15)
        mid = np.median(loud[phone > 0]) if (phone > 0).any() else 0.
        t = np.arange(T) + .5
        num, den = np.zeros((T, len(COLUMNS))), np.zeros((T, 6))
        for i, (p, s, a, b) in enumerate(spans):
            parts = [(p, a, b)]
            if p in GLIDES:
                cut = a + .65 * (b - a)
                parts = [(GLIDES[p][0], a, cut), (GLIDES[p][1], cut, b)]
            level = loud[a:b].mean()
            gain = 1.
            if p in VOWELS:
                accent = s == 1 if strong else level > mid
                gain = (.8 + .15 * accent + .08 * (s == 2)) * (.8 + .24 * level)
                gain *= min(1., .75 + (b - a) / 32)  # short vowels undershoot
            for q, u, v in parts:
                target = np.array(TARGETS[q])
                target[[0, 5, 6]] *= gain
                target[1:5] *= .6 + .4 * gain
                pull = np.array(PULL[q])
                if p == 'sil' and b - a < 12:
                    pull = pull * .25  # too short a pause to close the mouth
                near = slice(max(0, int(u) - 70), int(v) + 71)
                before, after = t[near] - u, v - t[near]
                far = np.maximum(0, np.maximum(-before, -after))
                slow = 9. if q in ROUNDED else 3.2
                tau = np.where(before < 0, slow, .8 * slow)  # reach ahead further than behind
                d = np.exp(-(far / tau)[:, None] * np.array([1.6, 1., 1., 1.2, 1.6, 1.6])) * pull
                den[near] += d
                num[near] += d[:, _GROUP] * target
        x = smooth(num / np.maximum(den[:, _GROUP], 1e-6), 5)
        jaw, pucker, funnel, stretch, smile, lower, upper, roll, up, out = x.T.copy()
        closed, tucked = np.zeros(T), np.zeros(T)
        for p, s, a, b in spans:
            if p in BILABIAL:
                end = b - dict(P=min(2.5, .25 * (b - a)), B=1., M=.5)[p]
                self._hold(closed, t, min(a + .5, end - 7.5), end, 6., 6.)
            elif p in LABIODENTAL:
                self._hold(tucked, t, min(a, b - 7.), b - .5, 6., 6.)
            elif p == 'sil' and b - a >= 12:
                self._hold(closed, t, a + (14. if a else -9), b - (5. if b < T else -9.), 12., 7.)
        c = np.zeros((T, COUNT))
        free = 1 - closed
        jaw = jaw * (1 - .55 * closed) * (1 - .45 * tucked)
        lower, upper = lower * free * (1 - tucked), upper * free
        funnel, roll = funnel * (1 - .7 * closed) * (1 - .6 * tucked), np.maximum(roll, .5 * tucked)
        upper = np.maximum(upper, .28 * tucked)
        silent = smooth((phone == 0).astype(float), 31)
        jaw = jaw * (1 - closed * silent)
        c[:, K['jawOpen']], c[:, K['mouthPucker']], c[:, K['mouthFunnel']] = jaw, pucker, funnel
        for side in ('Left', 'Right'):
            c[:, K['mouthStretch' + side]] = stretch * (1 - .3 * closed)
            c[:, K['mouthSmile' + side]] = smile * (1 - .3 * closed)
            c[:, K['mouthLowerDown' + side]], c[:, K['mouthUpperUp' + side]] = lower, upper
            c[:, K['mouthPress' + side]] = .12 * closed * (1 - silent)
        c[:, K['mouthRollLower']] = roll
        c[:, K['mouthShrugUpper']] = .05 * closed * (1 - silent)
        c[:, K['tongueUp']], c[:, K['tongueOut']] = up, out
        # Close what is left open, exactly: at full closure no place along the lips is apart.
        need = np.max((c @ self.g.pairs) / -self.g.pairs[K['mouthClose']], axis=1)
        c[:, K['mouthClose']] = np.clip(closed * need, 0, 1)
        return np.clip(c, LOW, HIGH)

    @staticmethod
    def _hold(x, t, start, end, rise, fall):
        """Raises x to 1 on [start, end], with raised-cosine ramps of `rise` before and `fall` after."""
        near = slice(max(0, int(start - rise) - 1), max(0, int(end + fall) + 2))
        ramp = lambda u: .5 - .5 * np.cos(np.pi * np.clip(u, 0, 1))
        x[near] = np.maximum(x[near], np.minimum(ramp((t[near] - start + rise) / rise), ramp((end + fall - t[near]) / fall)))

    def upper(self, phone, stress, loud, random, idle=False):
        """-> controls [T, 56] of eyes, brows, mood and head: a random process that accents and pauses modulate."""
        T = len(phone)
        c = np.zeros((T, COUNT))
        spans = runs(phone, stress)
        pauses = [a for p, _, a, b in spans if p == 'sil' and b - a >= 15 and a > 0]
        strong = stress.max(initial=0) > 0
        accents = [(a, b, loud[a:b].mean()) for p, s, a, b in spans if p in VOWELS and b - a >= 6 and (s == 1 or not strong)]
        accents = [x for x in accents if x[2] > .7]
        self._blinks(c, T, pauses, random)
        self._gaze(c, T, random, idle)
        self._brows(c, T, accents, random)
        self._head(c, T, accents, random, idle)
        mood = .10 + .05 * random.standard_normal() + .05 * self._drift(T, 400, random)
        skew = .06 * random.standard_normal()
        for side, sign in (('Left', 1), ('Right', -1)):
            m = np.clip(mood * (1 + sign * skew), 0, .3)
            c[:, K['mouthSmile' + side]] = m
            c[:, K['cheekSquint' + side]] = .5 * m
            c[:, K['mouthDimple' + side]] = .2 * m
            c[:, K['eyeSquint' + side]] += np.clip(.06 + .5 * m + .05 * self._drift(T, 250, random), 0, .5)
        return np.clip(c, LOW, HIGH)

    @staticmethod
    def _drift(T, tau, random):
        """Smooth Ornstein-Uhlenbeck noise of unit variance with time constant tau (steps)."""
        n = T + 6 * tau
        e = random.standard_normal(n // 10 + 2)
        a = np.exp(-10 / tau)
        x, y = np.zeros(len(e)), np.zeros(len(e))
        x[0] = y[0] = e[0]
        for i in range(1, len(e)):
            x[i] = a * x[i - 1] + np.sqrt(1 - a * a) * e[i]
            y[i] = a * y[i - 1] + (1 - a) * x[i]  # twice filtered: no kinks
        y = np.interp(np.arange(n) / 10, np.arange(len(e)), y)[6 * tau:6 * tau + T]
        return smooth(y, 25) * np.sqrt(2.)

    @staticmethod
    def _blinks(c, T, pauses, random):
        """10 to 25 a minute, drawn to the ends of phrases; closing 80 ms, opening 180 ms."""
        times, t = [], random.uniform(20, 300)
        while t < T:
            near = [p for p in pauses if abs(p - t) < 60]
            times.append(near[0] + random.normal(2, 6) if near else t)
            if random.random() < .06:
                times.append(times[-1] + random.uniform(35, 50))  # a double blink
            t = max(t, times[-1]) + 70 + random.gamma(2., 130.)
        k = np.arange(T)
        for t0 in times:
            down, hold, upward = random.uniform(6, 9), random.uniform(1, 4), random.uniform(14, 22)
            depth = 1. if random.random() < .85 else random.uniform(.5, .8)
            s = np.clip((k - t0) / down, 0, 1) * (k < t0 + down + hold) + (k >= t0 + down + hold) * np.clip(1 - (k - t0 - down - hold) / upward, 0, 1)
            s = depth * np.where(k < t0 + down + hold, s * s * (3 - 2 * s), s ** 1.5)
            for side in ('Left', 'Right'):
                i = K['eyeBlink' + side]
                c[:, i] = np.maximum(c[:, i], s * random.uniform(.96, 1.))

    @staticmethod
    def _gaze(c, T, random, idle):
        """Fixations near the partner's eyes, now and then an aversion; saccades last 30 to 50 ms; the lids follow the eyes down."""
        x, y = np.zeros(T), np.zeros(T)
        t, gx, gy = 0, 0., 0.
        while t < T:
            away = random.random() < (.3 if idle else .14)
            nx, ny = (random.normal(0, .28), random.normal(-.05, .18)) if away else (random.normal(0, .07), random.normal(-.01, .05))
            n = int(random.gamma(2., 35.) + 20) if away else int(random.gamma(2., 70.) + 30)
            s = np.clip((np.arange(n) + 1) / random.uniform(3, 5), 0, 1)
            m = min(n, T - t)
            x[t:t + m], y[t:t + m] = (gx + (nx - gx) * s)[:m], (gy + (ny - gy) * s)[:m]
            t, gx, gy = t + n, nx, ny
        c[:, K['eyeLookOutLeft']] = c[:, K['eyeLookInRight']] = np.maximum(0, x)  # +x: the head's own left
        c[:, K['eyeLookInLeft']] = c[:, K['eyeLookOutRight']] = np.maximum(0, -x)
        for side in ('Left', 'Right'):
            c[:, K['eyeLookUp' + side]], c[:, K['eyeLookDown' + side]] = np.maximum(0, y), np.maximum(0, -y)

    def _brows(self, c, T, accents, random):
        k = np.arange(T)
        raise_, skew = np.zeros(T), .12 * random.standard_normal()
        for a, b, level in accents:
            if random.random() < .22:
                n, up = random.uniform(30, 70), random.uniform(.12, .38) * min(1.1, level)
                raise_ += up * np.maximum(0, np.cos(np.clip((k - (a + b) / 2) / n, -.5, .5) * np.pi)) ** 1.5
        raise_ = raise_ + .05 + .04 * self._drift(T, 300, random)
        frown = np.clip(.03 + .05 * self._drift(T, 350, random), 0, .3)
        c[:, K['browInnerUp']] = np.clip(raise_, 0, .8)
        for side, sign in (('Left', 1), ('Right', -1)):
            c[:, K['browOuterUp' + side]] = np.clip(.8 * raise_ * (1 + sign * skew), 0, .8)
            c[:, K['browDown' + side]] = frown
            c[:, K['eyeWide' + side]] = np.clip(.35 * (raise_ - .1), 0, .4)

    def _head(self, c, T, accents, random, idle):
        """Nods on accents, slow drift, breathing; within about 6 degrees."""
        k = np.arange(T)
        breath = .006 * np.sin(2 * np.pi * (k / 100. / 4. + random.random()))
        life = .7 if idle else 1.
        pitch = .018 * life * self._drift(T, 120, random) + breath
        yaw, roll = .030 * life * self._drift(T, 150, random), .018 * life * self._drift(T, 170, random)
        for a, b, level in accents:
            if random.random() < .45:
                n, depth = random.uniform(25, 45), random.uniform(.012, .045) * level
                u = (k - a) / n  # down on the accent, a slower return
                pitch = pitch + depth * np.where(u < 0, np.exp(-(u / .35) ** 2), np.exp(-(u / .8) ** 2))
        c[:, K['headPitch']], c[:, K['headYaw']], c[:, K['headRoll']] = (np.clip(smooth(v, 13), -.1, .1) for v in (pitch, yaw, roll))

    def motion(self, item, random, lips=True):
        """A data.read item -> (lips or None, upper) at 30 fps, [frames, 56] each; the face is their clipped sum."""
        phone, stress = item['phone'], item['stress']
        loud = loudness(item['audio'], len(phone))
        n = len(item['audio']) // 800
        return to_frames(self.lips(phone, stress, loud), n) if lips else None, to_frames(self.upper(phone, stress, loud, random), n)


def to_frames(x, n):
    """[T, C] at 100 Hz (value k at 10 k + 5 ms) -> [n, C] at 30 fps (frame j at 1000 j / 30 ms)."""
    at = np.arange(n) * 100 / FPS - .5
    i = np.clip(np.floor(at).astype(int), 0, len(x) - 2)
    f = np.clip(at - i, 0, 1)[:, None]
    return (x[i] * (1 - f) + x[i + 1] * f).astype(np.float32)


def idle(teacher, seconds, random):
    """A seamless idle loop: [frames, 56], mouth closed."""
    n, blend = int(seconds * 100), 150
    zeros = np.zeros(n + blend, np.uint8)
    c = teacher.upper(zeros, zeros, np.zeros(n + blend), random, idle=True)
    w = (.5 - .5 * np.cos(np.pi * np.arange(blend) / blend))[:, None]
    c[:blend] = (1 - w) * c[n:] + w * c[:blend]
    return to_frames(c[:n], int(seconds * FPS))


def plot(path, item, curves):
    """A contact sheet: waveform with phones, then one row per (name, [frames] or [frames, k])."""
    from PIL import Image, ImageDraw
    width, row = 1800, 110
    im = Image.new('RGB', (width, row * (len(curves) + 1)), 'white')
    d = ImageDraw.Draw(im)
    seconds = len(item['audio']) / 24000
    X = lambda t: t / seconds * width
    y = item['audio'].astype(float) / 32768
    for p, _, a, b in runs(item['phone'], item['stress']):
        colour = '#ffd0d0' if p in BILABIAL else '#d0e0ff' if p in LABIODENTAL else '#eeeeee' if p == 'sil' else 'white'
        d.rectangle([X(a / 100), 0, X(b / 100), row * (len(curves) + 1)], fill=colour)
        d.text((X(a / 100), 2), p, fill='black')
    for px in range(width):
        s = y[int(px / width * len(y)):int((px + 1) / width * len(y)) + 1]
        d.line([px, row / 2 - 45 * s.max(), px, row / 2 - 45 * s.min()], fill='#888888')
    for r, (name, v) in enumerate(curves, 1):
        v = np.atleast_2d(np.asarray(v).T)
        low, high = min(0, v.min()), max(v.max(), .05)
        for k, line in enumerate(v):
            pts = [(X(j / FPS), row * (r + 1) - 6 - (q - low) / (high - low) * (row - 20)) for j, q in enumerate(line)]
            d.line(pts, fill=['black', 'red', 'blue', 'green', 'orange', 'purple'][k % 6], width=2)
        d.text((4, row * r + 2), f'{name} [{low:.2f}, {high:.2f}]', fill='black')
    im.save(path)


if __name__ == '__main__':
    from data import read
    from phones import WORK
    item = read('dev')[3]
    t = Teacher()
    lips, up = t.motion(item, np.random.default_rng(0))
    c = lips + up
    pick = lambda *n: c[:, [K[x] for x in n]]
    plot(WORK / 'teacher.png', item, [('gap', c @ t.g.gap + t.g.gap0), ('jaw close', pick('jawOpen', 'mouthClose')),
                                      ('pucker funnel', pick('mouthPucker', 'mouthFunnel')), ('stretch smile roll', pick('mouthStretchLeft', 'mouthSmileLeft', 'mouthRollLower')),
                                      ('lower upper', pick('mouthLowerDownLeft', 'mouthUpperUpLeft')), ('tongue', pick('tongueUp', 'tongueOut')),
                                      ('blink', pick('eyeBlinkLeft', 'eyeSquintLeft')), ('gaze', pick('eyeLookOutLeft', 'eyeLookInLeft', 'eyeLookUpLeft')),
                                      ('brow', pick('browInnerUp', 'browOuterUpLeft', 'browDownLeft')), ('head', pick('headPitch', 'headYaw', 'headRoll'))])
