"""Phones with durations -> the motion of 56 controls: coarticulated lips (a function of the speech) and a living upper face (seeded).

    python models/teacher.py           # writes models/work/teacher.png: a contact sheet of curves for one development clip

Lips: dominance functions (Cohen & Massaro 1993, https://doi.org/10.1007/978-4-431-66911-1_13) with the closure rules of JALI
(Edwards et al. 2016, https://doi.org/10.1145/2897824.2925984). Motion is computed at 100 Hz and sampled at 30 fps: frame n is sample 800 n.
"""
import numpy as np
from scipy.ndimage import convolve1d

from controls import COUNT, FPS, HIGH, K, LOW
from emotion import Mood
from geometry import Geometry
from phones import PHONES, VOWELS

# Targets of each phone: aperture (1 = OPEN_MM between the lips), pucker, funnel, stretch, smile, lowerDown, upperUp, rollLower, tongueUp, tongueOut.
# The apertures follow the usual viseme tables (Oculus visemes; vowels refined by height): low vowels 1, mid .5, high .3, consonants .1 to .3.
COLUMNS = ['aperture', 'pucker', 'funnel', 'stretch', 'smile', 'lower', 'upper', 'roll', 'tongueUp', 'tongueOut']
TARGETS = {
    'sil': (.00, .00, .00, .00, .00, .00, .00, .00, .0, .0),
    'AA': (1.0, .00, .00, .05, .00, .20, .10, .00, .0, .0), 'AE': (.97, .00, .00, .25, .06, .28, .16, .00, .0, .0),
    'AH': (.54, .00, .02, .06, .00, .14, .07, .00, .0, .0), 'AO': (.66, .22, .20, .00, .00, .14, .07, .00, .0, .0),
    'EH': (.58, .00, .00, .20, .05, .20, .10, .00, .0, .0), 'ER': (.46, .14, .12, .00, .00, .12, .06, .00, .2, .0),
    'IH': (.33, .00, .00, .20, .06, .12, .06, .00, .1, .0), 'IY': (.27, .00, .00, .36, .16, .12, .06, .00, .2, .0),
    'OW': (.56, .45, .18, .00, .00, .10, .05, .00, .0, .0), 'UH': (.31, .34, .10, .00, .00, .06, .03, .00, .0, .0),
    'UW': (.26, .74, .10, .00, .00, .04, .02, .00, .0, .0),
    'P': (.00, .02, .00, .00, .00, .00, .00, .06, .0, .0), 'B': (.00, .02, .00, .00, .00, .00, .00, .05, .0, .0),
    'M': (.00, .02, .00, .00, .00, .00, .00, .03, .0, .0),
    'F': (.13, .00, .00, .04, .00, .00, .30, .78, .0, .0), 'V': (.13, .00, .00, .04, .00, .00, .28, .72, .0, .0),
    'S': (.12, .00, .02, .20, .04, .10, .06, .00, .4, .0), 'Z': (.13, .00, .02, .18, .04, .10, .06, .00, .4, .0),
    'SH': (.15, .32, .16, .00, .00, .08, .06, .00, .4, .0), 'ZH': (.15, .32, .15, .00, .00, .08, .06, .00, .4, .0),
    'CH': (.17, .30, .15, .00, .00, .08, .06, .00, .6, .0), 'JH': (.17, .30, .15, .00, .00, .08, .06, .00, .6, .0),
    'TH': (.20, .00, .00, .08, .00, .10, .05, .00, .2, .30), 'DH': (.20, .00, .00, .08, .00, .10, .05, .00, .2, .22),
    'T': (.21, .00, .00, .08, .00, .08, .04, .00, 1., .0), 'D': (.21, .00, .00, .08, .00, .08, .04, .00, 1., .0),
    'N': (.23, .00, .00, .06, .00, .08, .04, .00, 1., .0), 'L': (.26, .00, .00, .06, .00, .10, .05, .00, 1., .0),
    'K': (.29, .00, .00, .06, .00, .10, .05, .00, .0, .0), 'G': (.29, .00, .00, .06, .00, .10, .05, .00, .0, .0),
    'NG': (.24, .00, .00, .08, .00, .10, .05, .00, .0, .0), 'R': (.24, .24, .14, .00, .00, .08, .04, .00, .2, .0),
    'W': (.18, .78, .10, .00, .00, .02, .02, .00, .0, .0), 'Y': (.22, .00, .00, .26, .08, .10, .05, .00, .3, .0),
    'HH': (.22, .00, .00, .06, .00, .10, .05, .00, .0, .0),
}
OPEN_MM = 13.
# Tuned on the true phones of the development clips: aperture r .79 -> .89, closures as before, lips no faster than in real performances.
GAINS = (.95, .1, .1)  # of an unstressed vowel; what stress adds; what loudness takes away
SHARP, SMOOTH = 4., 7  # decay of the aperture's dominance; its Hann window in 10 ms
VOWEL_PULL = 1.5
PRESS = 1.2  # lips meet with a little pressure
HOLD, RAMP = 6.7, 4.  # least closure (two video frames) and its ramps, in 10 ms
GLIDES = dict(AY=('AA', 'IY'), AW=('AA', 'UW'), EY=('EH', 'IY'), OW=('OW', 'UW'), OY=('AO', 'IY'))
GLIDE_APERTURE = dict(AY=.95, AW=.97, EY=.5, OW=.56, OY=.58)  # the lips' opening glides less than their shape
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
                gain = (GAINS[0] + GAINS[1] * accent + .5 * GAINS[1] * (s == 2)) * (1 - GAINS[2] + GAINS[2] * level)
            for q, u, v in parts:
                target = np.array(TARGETS[q])
                target[0] = GLIDE_APERTURE.get(p, target[0]) * gain
                target[[5, 6]] *= gain
                target[1:5] *= .6 + .4 * gain
                pull = np.array(PULL[q])
                pull[0] *= VOWEL_PULL if q in VOWELS else 1.
                if p == 'sil' and b - a < 12:
                    pull = pull * .25  # too short a pause to close the mouth
                near = slice(max(0, int(u) - 70), int(v) + 71)
                before, after = t[near] - u, v - t[near]
                far = np.maximum(0, np.maximum(-before, -after))
                slow = 9. if q in ROUNDED else 3.2
                tau = np.where(before < 0, slow, .8 * slow)  # reach ahead further than behind
                d = np.exp(-(far / tau)[:, None] * np.array([SHARP * slow / 3.2, 1., 1., 1.2, 1.6, 1.6])) * pull
                den[near] += d
                num[near] += d[:, _GROUP] * target
        x = num / np.maximum(den[:, _GROUP], 1e-6)
        aperture, pucker, funnel, stretch, smile, lower, upper, roll, up, out = smooth(x, 5).T.copy()
        aperture = smooth(x[:, 0], SMOOTH)
        closed, tucked = np.zeros(T), np.zeros(T)
        for p, s, a, b in spans:
            if p in BILABIAL:
                end = b - dict(P=min(2.5, .25 * (b - a)), B=1., M=.5)[p]
                self._hold(closed, t, min(a + .5, end - HOLD), end, RAMP, RAMP)
            elif p in LABIODENTAL:
                self._hold(tucked, t, min(a + .5, b - HOLD), b - .5, RAMP + 1, RAMP + 1)
            elif p == 'sil' and b - a >= 12:
                self._hold(closed, t, a + (9. if a else -9), b - (4. if b < T else -9.), 9., 6.)
        c = np.zeros((T, COUNT))
        free = 1 - closed
        silent = smooth((phone == 0).astype(float), 31)
        aperture = aperture * free * (1 - tucked) + TARGETS['F'][0] * tucked * free
        lower, upper = lower * free * (1 - tucked), upper * free
        funnel, roll = funnel * (1 - .7 * closed) * (1 - .6 * tucked), np.maximum(roll * (1 - .9 * closed), TARGETS['F'][7] * tucked)
        upper = np.maximum(upper, .3 * tucked)
        c[:, K['mouthPucker']], c[:, K['mouthFunnel']] = pucker, funnel
        for side in ('Left', 'Right'):
            c[:, K['mouthStretch' + side]] = stretch * (1 - .3 * closed)
            c[:, K['mouthSmile' + side]] = smile * (1 - .3 * closed)
            c[:, K['mouthLowerDown' + side]], c[:, K['mouthUpperUp' + side]] = lower, upper
            c[:, K['mouthPress' + side]] = .12 * closed * (1 - silent)
        c[:, K['mouthRollLower']] = roll
        c[:, K['tongueUp']], c[:, K['tongueOut']] = up, out
        # The jaw gives what opening the lips' own shape does not; behind closed lips it stays a little open.
        opening = aperture * OPEN_MM / self.g.unit_mm
        c[:, K['jawOpen']] = np.maximum(opening - c @ self.g.gap, np.maximum(.05 * closed * (1 - silent), .025 * tucked * free))
        # Close what is left open, exactly: at full closure no place along the lips is apart.
        need = np.max((c @ self.g.pairs) / -self.g.pairs[K['mouthClose']], axis=1)
        c[:, K['mouthClose']] = np.clip(closed * (PRESS * need + .01), 0, 1)
        return np.clip(c, LOW, HIGH)

    @staticmethod
    def _hold(x, t, start, end, rise, fall):
        """Raises x to 1 on [start, end], with raised-cosine ramps of `rise` before and `fall` after."""
        near = slice(max(0, int(start - rise) - 1), max(0, int(end + fall) + 2))
        ramp = lambda u: .5 - .5 * np.cos(np.pi * np.clip(u, 0, 1))
        x[near] = np.maximum(x[near], np.minimum(ramp((t[near] - start + rise) / rise), ramp((end + fall - t[near]) / fall)))

    def upper(self, phone, stress, loud, random, idle=False, emotion=None):
        """-> controls [T, 56] of eyes, brows, mood and head: a random process that accents, pauses and the emotion [22] modulate."""
        feel = Mood(emotion)
        T = len(phone)
        c = np.zeros((T, COUNT))
        spans = runs(phone, stress)
        pauses = [a for p, _, a, b in spans if p == 'sil' and b - a >= 15 and a > 0]
        strong = stress.max(initial=0) > 0
        accents = [(a, b, loud[a:b].mean()) for p, s, a, b in spans if p in VOWELS and b - a >= 6 and (s == 1 or not strong)]
        accents = [x for x in accents if x[2] > .7]
        self._blinks(c, T, pauses, random, feel)
        self._gaze(c, T, random, idle, feel)
        self._brows(c, T, accents, random, feel)
        self._head(c, T, accents, random, idle, feel)
        # An expression comes and goes in waves, stronger on accents.
        wave = np.clip(.85 + .2 * self._drift(T, 250, random), .5, 1.15)
        beat = np.zeros(T)
        for a, b, level in accents:
            beat += .25 * np.exp(-(((np.arange(T) - (a + b) / 2) / 25.) ** 2)) * level
        wave = wave * (1 + np.minimum(beat, .3))
        mood = (.10 + .05 * random.standard_normal() + .05 * self._drift(T, 400, random)) * max(0., 1 - 1.2 * feel.amount)
        skew = .06 * random.standard_normal()
        for side, sign in (('Left', 1), ('Right', -1)):
            m = np.clip(mood * (1 + sign * skew), 0, .3)
            uneven = 1 + sign * (skew + feel.skew)
            for name in ('mouthSmile', 'mouthFrown', 'mouthDimple', 'noseSneer', 'cheekSquint'):
                c[:, K[name + side]] = wave * feel.pose[K[name + side]] * (uneven if name != 'cheekSquint' else 1)
            c[:, K['mouthSmile' + side]] += m
            c[:, K['cheekSquint' + side]] += .5 * m
            c[:, K['mouthDimple' + side]] += .2 * m
            squint = wave * feel.pose[K['eyeSquint' + side]] + .06 + .5 * m + .05 * self._drift(T, 250, random)
            c[:, K['eyeSquint' + side]] += np.clip(squint, 0, .8)
            c[:, K['eyeWide' + side]] += wave * feel.pose[K['eyeWide' + side]]
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
    def _blinks(c, T, pauses, random, feel):
        """10 to 25 a minute, drawn to the ends of phrases; closing 80 ms, opening 180 ms."""
        times, t = [], random.uniform(20, 300)
        while t < T:
            near = [p for p in pauses if abs(p - t) < 60]
            times.append(near[0] + random.normal(2, 6) if near else t)
            if random.random() < .06:
                times.append(times[-1] + random.uniform(35, 50))  # a double blink
            t = max(t, times[-1]) + (70 + random.gamma(2., 130.)) / np.clip(feel.tempo, .75, 1.35)
        k = np.arange(T)
        for t0 in times:
            down, hold, upward = random.uniform(6, 9), random.uniform(1, 4), random.uniform(14, 22)
            depth = 1. if random.random() < .85 else random.uniform(.5, .8)
            s = np.clip((k - t0) / down, 0, 1) * (k < t0 + down + hold) + (k >= t0 + down + hold) * np.clip(1 - (k - t0 - down - hold) / upward, 0, 1)
            s = depth * np.where(k < t0 + down + hold, s * s * (3 - 2 * s), s ** 1.5)
            for side in ('Left', 'Right'):
                i = K['eyeBlink' + side]
                c[:, i] = np.maximum(c[:, i], s * random.uniform(.96, 1.))
        for side in ('Left', 'Right'):  # heavy lids
            c[:, K['eyeBlink' + side]] = np.maximum(c[:, K['eyeBlink' + side]], feel.lid)

    @staticmethod
    def _gaze(c, T, random, idle, feel):
        """Fixations near the partner's eyes, now and then an aversion; saccades last 30 to 50 ms; the lids follow the eyes down."""
        x, y = np.zeros(T), np.zeros(T)
        t, gx, gy = 0, 0., 0.
        while t < T:
            away = random.random() < (.3 if idle else .14) + 1.2 * feel.down
            nx, ny = (random.normal(0, .28), random.normal(-.05 - 1.4 * feel.down, .18)) if away else (random.normal(0, .07), random.normal(-.01, .05))
            n = int(random.gamma(2., 35.) + 20) if away else int(random.gamma(2., 70.) + 30)
            n = int(n / np.clip(feel.tempo, .7, 1.5))
            s = np.clip((np.arange(n) + 1) / random.uniform(3, 5), 0, 1)
            m = min(n, T - t)
            x[t:t + m], y[t:t + m] = (gx + (nx - gx) * s)[:m], (gy + (ny - gy) * s)[:m]
            t, gx, gy = t + n, nx, ny
        c[:, K['eyeLookOutLeft']] = c[:, K['eyeLookInRight']] = np.maximum(0, x)  # +x: the head's own left
        c[:, K['eyeLookInLeft']] = c[:, K['eyeLookOutRight']] = np.maximum(0, -x)
        for side in ('Left', 'Right'):
            c[:, K['eyeLookUp' + side]], c[:, K['eyeLookDown' + side]] = np.maximum(0, y), np.maximum(0, -y)

    def _brows(self, c, T, accents, random, feel):
        k = np.arange(T)
        raise_, skew = np.zeros(T), .12 * random.standard_normal()
        for a, b, level in accents:
            if random.random() < .22 * np.clip(feel.tempo, .6, 1.6):
                n, up = random.uniform(30, 70) / np.clip(feel.tempo, .7, 1.4), random.uniform(.12, .38) * min(1.1, level)
                raise_ += up * np.maximum(0, np.cos(np.clip((k - (a + b) / 2) / n, -.5, .5) * np.pi)) ** 1.5
        raise_ = raise_ + .05 + .04 * self._drift(T, 300, random)
        frown = np.clip(.03 + .05 * self._drift(T, 350, random), 0, .3)
        wave = np.clip(.9 + .18 * self._drift(T, 220, random), .55, 1.15)
        held = 1 - .7 * feel.pose[K['browDownLeft']]  # a lowered brow is raised less
        c[:, K['browInnerUp']] = np.clip(raise_ * held + wave * feel.pose[K['browInnerUp']], 0, 1)
        for side, sign in (('Left', 1), ('Right', -1)):
            c[:, K['browOuterUp' + side]] = np.clip(.8 * raise_ * held * (1 + sign * skew) + wave * feel.pose[K['browOuterUp' + side]], 0, 1)
            c[:, K['browDown' + side]] = np.clip(frown + wave * feel.pose[K['browDown' + side]], 0, 1)
            c[:, K['eyeWide' + side]] = np.clip(.35 * (raise_ - .1), 0, .4)

    def _head(self, c, T, accents, random, idle, feel):
        """Nods on accents, slow drift, breathing; within about 6 degrees."""
        k = np.arange(T)
        breath = .006 * np.sin(2 * np.pi * (k / 100. / 4. + random.random()))
        life = (.7 if idle else 1.) * np.clip(feel.tempo, .6, 1.5)
        slow = lambda tau: int(tau / np.clip(feel.tempo, .7, 1.4))
        pitch = .018 * life * self._drift(T, slow(120), random) + breath + feel.pitch
        side = random.choice([-1., 1.])
        yaw = .030 * life * self._drift(T, slow(150), random) + side * feel.yaw
        roll = .018 * life * self._drift(T, slow(170), random) + side * feel.roll
        for a, b, level in accents:
            if random.random() < .45 * np.clip(feel.tempo, .5, 1.6):
                n, depth = random.uniform(25, 45) / np.clip(feel.tempo, .7, 1.4), random.uniform(.012, .045) * level * np.clip(feel.tempo, .7, 1.4)
                u = (k - a) / n  # down on the accent, a slower return
                pitch = pitch + depth * np.where(u < 0, np.exp(-(u / .35) ** 2), np.exp(-(u / .8) ** 2))
        c[:, K['headPitch']], c[:, K['headYaw']], c[:, K['headRoll']] = (np.clip(smooth(v, 13), -.2, .2) for v in (pitch, yaw, roll))

    def motion(self, item, random, lips=True, emotion=None):
        """A data.read item, emotion [22] -> (lips or None, upper) at 30 fps, [frames, 56] each; the face is their clipped sum."""
        phone, stress = item['phone'], item['stress']
        loud = loudness(item['audio'], len(phone))
        n = len(item['audio']) // 800
        return to_frames(self.lips(phone, stress, loud), n) if lips else None, to_frames(self.upper(phone, stress, loud, random, emotion=emotion), n)


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
