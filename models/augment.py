"""Speech for training, damaged as life damages it, and what the encoders take of it: train.py's and codec.py's feed.

Speed, vocal-tract length, colour and level of the voice, recorded and made-up rooms, noise of many colours, speech-shaped noise, babble, telephone-like
band limits, gain, equaliser, masks. The voice is coloured before noise is added: a real voice at 10 dB is not 10 dB above the noise in every band, as
engines' bright voices nearly are.
"""
import numpy as np
import soundfile
import torch
from scipy.fft import next_fast_len
from scipy.signal import resample_poly
from torch.nn import functional as F

import audio_encoder as small_model
import server_encoder as server_model
from controls import LIPS
from data import read
from phones import PHONES, SPEECH, VOWELS
from teacher import Teacher, loudness

RATE, FRAME = 24000, 800
SAMPLES = 72000  # 3 s
FRAMES, LABELS = SAMPLES // FRAME, SAMPLES // 240
VOWEL = np.array([p in VOWELS for p in PHONES])
WARPS = np.linspace(.84, 1.19, 15)
DELAY = 432  # samples: forced alignments of real speech run later than (realigned) engine labels; from the best lag on real speech


def corpus(engines, shards=None):
    """data.read items with the teacher's lips [T, LIPS] at 100 Hz and loudness [T]."""
    teacher = Teacher()
    out = {}
    for e in engines:
        items = read(e, shards=shards)
        for i in items:
            i['loud'] = loudness(i['audio'], len(i['phone'])).astype(np.float32)
            i['lips'] = teacher.lips(i['phone'], i['stress'], i['loud'])[:, LIPS].astype(np.float16)
        if items:
            out[e] = items
    return out


class Augment:
    """Turns corpus items into a batch: see __call__."""

    def __init__(self, seed, snr_db=(2, 28)):
        self.random, self.snr_db = np.random.default_rng(seed), snr_db
        n = 1 << 21  # 87 s of each noise, cut at random
        self.white = torch.tensor(self.random.standard_normal(n), dtype=torch.float32)
        self.pink = torch.fft.irfft(torch.fft.rfft(self.white) / torch.arange(n // 2 + 1).clamp(min=n // 3600).sqrt(), n)
        self.pink /= self.pink.std()
        self.rooms = []
        for f in sorted(SPEECH.glob('rir*.wav')):
            r, rate = soundfile.read(f, dtype='float32')
            r = resample_poly(r, RATE // np.gcd(RATE, rate), rate // np.gcd(RATE, rate)).astype(np.float32)[:12000]
            r = r[max(0, np.abs(r).argmax() - 12):]
            self.rooms.append(torch.tensor(r / np.abs(r).max()))

        top = 2595 * np.log10(1 + RATE / 2 / 700)
        self.place = 2595 * np.log10(1 + np.fft.rfftfreq(SAMPLES, 1 / RATE) / 700) / top  # of each bin, 0 .. 1 in mel

    def colour(self, y, db):
        """y [SAMPLES] through a random smooth filter whose gain, dB, scatters by `db`; as loud as before"""
        knots = self.random.standard_normal(9) * db + np.linspace(-1, 1, 9) * self.random.standard_normal() * db
        gain = torch.tensor(10 ** (np.interp(self.place, np.linspace(0, 1, 9), knots) / 20), dtype=torch.float32)
        z = torch.fft.irfft(torch.fft.rfft(y) * gain, SAMPLES)
        return z * (y.norm() / (z.norm() + 1e-6))

    def sway(self, db):
        """[SAMPLES] slowly varying gain that scatters by `db`"""
        n = 10
        return torch.tensor(10 ** (np.interp(np.arange(SAMPLES), np.linspace(0, SAMPLES, n), self.random.standard_normal(n) * db) / 20), dtype=torch.float32)

    def room(self):
        """One of the recorded room responses, or a made-up one: the direct sound, then coloured noise that decays by 60 dB in 0.15 to 0.8 s."""
        R = self.random
        if self.rooms and R.random() < .5:
            return self.rooms[R.integers(len(self.rooms))]
        n = 12000
        tail = torch.tensor(R.standard_normal(n) * 10 ** (-3 * np.arange(n) / RATE / R.uniform(.15, .8)), dtype=torch.float32)
        f = torch.fft.rfftfreq(n, 1 / RATE)
        tail = torch.fft.irfft(torch.fft.rfft(tail) / (1 + (f / R.uniform(1000, 6000)) ** 2).sqrt(), n)
        tail[:int(R.uniform(20, 300))] = 0
        tail *= 10 ** (-R.uniform(-4, 14) / 20) / (tail.norm() + 1e-9)
        tail[0] += 1
        return tail

    def crop(self, item):
        """-> audio [SAMPLES], phone, accent, loud [LABELS] at 100 Hz, lips [FRAMES, LIPS], taught [FRAMES, .] (what a teacher heard; empty without one)"""
        R, y, n = self.random, item['audio'], len(item['phone'])
        speed = R.uniform(.85, 1.2)
        need = int(SAMPLES * speed) + 2
        start = R.integers(-9600, max(-9599, len(y) - need + 9600))
        at = start + np.arange(SAMPLES) * speed
        i = np.floor(at).astype(int)
        f = (at - i).astype(np.float32)
        inside = (i >= 0) & (i < len(y) - 1)
        i = np.clip(i, 0, len(y) - 2)
        audio = np.where(inside, (y[i] * (1 - f) + y[i + 1] * f) / 32768, 0).astype(np.float32)
        k = np.floor((start - DELAY + (np.arange(LABELS) * 240 + 120) * speed) / 240).astype(int)
        ok, k = (k >= 0) & (k < n), np.clip(k, 0, n - 1)
        phone = np.where(ok, item['phone'][k], 0)
        accent = np.where(ok, (item['stress'][k] == 1) & VOWEL[item['phone'][k]], 0)
        loud = np.where(ok, item['loud'][k], 0)
        t = (start - DELAY + np.arange(FRAMES) * FRAME * speed) / 240 - .5
        j = np.floor(t).astype(int)
        f = np.clip(t - j, 0, 1)[:, None]
        lips = item['lips'][np.clip(j, 0, n - 1)] * (1 - f) + item['lips'][np.clip(j + 1, 0, n - 1)] * f
        taught = item.get('taught', np.zeros((2, 0), np.float16))
        t = (start + np.arange(FRAMES) * FRAME * speed) / FRAME
        j = np.floor(t).astype(int)
        f = (t - j)[:, None]
        taught = taught[np.clip(j, 0, len(taught) - 1)] * (1 - f) + taught[np.clip(j + 1, 0, len(taught) - 1)] * f
        return audio, phone, accent, loud, lips, taught

    def breaths(self, phone):
        """phone [LABELS] -> [SAMPLES]: a breath in most of the pauses, 18 to 45 dB under the speech. Engines do not breathe; people do, and must not speak by it."""
        R, out = self.random, torch.zeros(SAMPLES)
        edge = np.flatnonzero(np.diff(np.r_[0, (phone == 0).astype(int), 0])).reshape(-1, 2) * 240
        for a, b in edge:
            n = b - a
            if n < 2880 or R.random() < .25:
                continue
            n = int(n * R.uniform(.5, 1))
            a += R.integers(0, b - a - n + 1)
            k = R.integers(0, len(self.white) - n)
            f = torch.fft.rfftfreq(n, 1 / RATE)
            throat = sum(R.uniform(.2, 1) / (1 + ((f - centre) / R.uniform(150, 600)) ** 2) for centre in R.uniform((300, 1200, 2500), (900, 2200, 5000)))
            noise = torch.fft.irfft(torch.fft.rfft(self.white[k:k + n]) * throat, n)
            swell = torch.sin(torch.pi * torch.linspace(0, 1, n) ** R.uniform(.6, 1.6))
            out[a:a + n] = noise / (noise.std() + 1e-9) * swell * 10 ** (-R.uniform(18, 45) / 20)
        return out

    def __call__(self, items):
        """-> damaged audio, clean audio [B, SAMPLES]; phone, accent, loud [B, LABELS]; lips [B, FRAMES, LIPS]; taught [B, FRAMES, .];
        murk [B], 0 for clear speech, 1 at 10 dB of noise"""
        R, B = self.random, len(items)
        y, phone, accent, loud, lips, taught = (torch.tensor(np.stack(v)) for v in zip(*map(self.crop, items)))
        clean = y.clone()
        murk = torch.zeros(B)
        for b in range(B):
            if R.random() < .7:
                y[b] = self.colour(y[b], R.uniform(2, 7))
            if R.random() < .5:
                y[b] *= self.sway(R.uniform(1, 4))
            if R.random() < .4:
                room = self.room()
                n = next_fast_len(SAMPLES + len(room), real=True)
                wet = torch.fft.irfft(torch.fft.rfft(y[b], n) * torch.fft.rfft(room, n), n)[:SAMPLES]
                dry = R.uniform(0, .7)
                y[b] = dry * y[b] + (1 - dry) * wet * (y[b].norm() / (wet.norm() + 1e-6))
                murk[b] = .8 * (1 - dry)
        rms = (y.pow(2).mean(1, keepdim=True) + 1e-8).sqrt()
        for b in range(B):
            if R.random() < .4:
                y[b] += self.breaths(phone[b].numpy()) * rms[b]
        white, pink = (torch.stack([n[k:k + SAMPLES] for k in R.integers(0, len(n) - SAMPLES, B)]) for n in (self.white, self.pink))
        babble = y.roll(1, 0) + y.roll(2, 0) + y.roll(3, 0)
        unit = lambda v: v / (v.std(1, keepdim=True) + 1e-5)
        # Steady noise with the spectrum of another voice: its crop with random phases.
        spectrum = torch.fft.rfft(y.roll(1, 0))
        speechlike = torch.fft.irfft(torch.polar(spectrum.abs(), 2 * torch.pi * torch.rand(spectrum.shape)), SAMPLES)
        kind = torch.tensor(R.choice(6, (B, 1), p=[.27, .1, .2, .13, .15, .15]))
        snr = torch.tensor(R.uniform(*self.snr_db, (B, 1)), dtype=torch.float32)
        snr = torch.where(kind == 3, snr.clamp(min=5), snr)
        # No recording is free of noise: where there is none to hear, there is a floor 30 to 65 dB down. Engines have none in their pauses.
        snr = torch.where(kind == 0, torch.tensor(R.uniform(30, 65, (B, 1)), dtype=torch.float32), snr)
        noise = white * (kind == 1) + pink * (kind % 2 == 0) * (kind < 4) + unit(babble) * (kind == 3) + unit(speechlike) * (kind == 5)
        for b in range(B):
            if kind[b] == 4:
                noise[b] = self.colour(pink[b], R.uniform(3, 9))
            if kind[b] and R.random() < .3:
                noise[b] *= self.sway(R.uniform(1, 5))
        murk = torch.maximum(murk, ((20 - snr[:, 0]) / 10).clamp(0, 1.3))
        y = y + noise * rms * 10 ** (-snr / 20)
        level = torch.where(rms > .003, .08 / rms, 1.)
        y = y * level * 10 ** (torch.tensor(R.uniform(-22, 10, (B, 1)), dtype=torch.float32) / 20)
        return y, clean, phone.long(), accent.float(), loud.float(), lips.float(), taught.float(), murk


class Front:
    """Damaged audio -> what an encoder takes, with vocal-tract warps, equaliser, band limits and masks in the mel domain."""

    def __init__(self, kind, seed):
        self.kind, self.random = kind, np.random.default_rng(seed)
        bank = small_model.mel_filters if kind == 'small' else server_model.bank
        self.flat = torch.tensor(bank())
        self.banks = torch.tensor(np.stack([bank(w) for w in WARPS]))
        self.floor = -8. if kind == 'small' else -10.

    def raw(self, y, banks):
        if self.kind == 'small':
            return small_model.log_mel(small_model.power_spectrum(F.pad(y, (small_model.TAIL, 0))[:, :-FRAME]), banks)
        return server_model.raw_mel(y, banks)

    def normal(self, x):
        return small_model.running_mean(x)[0] if self.kind == 'small' else server_model.prepare(x)

    def clean(self, y):
        return self.normal(self.raw(y, self.flat))

    def __call__(self, y):
        R, B = self.random, len(y)
        x = self.raw(y, self.banks[torch.tensor(R.integers(len(WARPS), size=B))])
        M = x.shape[-1]
        slope = torch.linspace(-1, 1, M) * torch.randn(B, 1) * .3
        curve = F.interpolate(torch.randn(B, 1, 8) * .25, size=M, mode='linear', align_corners=True)[:, 0]
        x = x + (slope + curve)[:, None]
        for b in range(B):
            if R.random() < .12:
                x[b, :, R.integers(48, 74):] = self.floor + 1.5 * R.random()
            if R.random() < .1:
                x[b, :, :R.integers(2, 8)] = self.floor + 1.5 * R.random()
        x = self.normal(x.clamp(min=self.floor))
        fill = 0. if self.kind == 'small' else .3
        for b in range(B):
            for _ in range(2):
                w = R.integers(0, 10)
                q = R.integers(0, M - w)
                x[b, :, q:q + w] = fill
            if R.random() < .5:
                w = R.integers(0, 7)
                q = R.integers(0, x.shape[1] - w)
                x[b, q:q + w] = fill
        return x


def batches(data, weights, size, seed, snr_db=(2, 28)):
    augment, R = Augment(seed, snr_db), np.random.default_rng(seed + 1)
    names = [n for n in weights if n in data]
    p = np.array([weights[n] for n in names]) / sum(weights[n] for n in names)
    lengths = {n: np.array([len(i['phone']) for i in data[n]], float) for n in names}
    while True:
        picks = R.choice(len(names), size, p=p)
        yield augment([data[n][R.choice(len(data[n]), p=lengths[n] / lengths[n].sum())] for n in (names[k] for k in picks)])
