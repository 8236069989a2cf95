"""Trains the audio encoder on synthetic speech, end to end through the frozen decoder. Resumable; TensorBoard in models/work/tensorboard.

    python models/train.py --name trunk --steps 2000                      # phones, prosody and controls: needs no codec
    python models/train.py --name main --init trunk --codes --steps 4000  # adds the codes: needs models/work/codec.pt

Augmentation: speed, vocal-tract length, room responses, white / pink / babble noise, gain, equaliser, band limits, masks.
Whole voices are held out (kokoroheld) and watched; the real development clips are scored by evaluate.py, never trained on.
"""
import argparse
import time

import numpy as np
import soundfile
import torch
from scipy.fft import next_fast_len
from scipy.signal import resample_poly
from torch import nn
from torch.nn import functional as F

import codec as codec_module
from audio_encoder import FRAME, LOOKAHEAD, MELS, RATE, TAIL, AudioEncoder, log_mel, mel_filters, power_spectrum, running_mean, whole
from controls import CLASSES, COUNT, LIP_HEADS, LIPS
from data import read
from geometry import Geometry
from phones import PHONES, SPEECH, VOWELS, WORK
from teacher import Teacher, loudness

SAMPLES = 72000  # 3 s
FRAMES = SAMPLES // FRAME
VOWEL = np.array([p in VOWELS for p in PHONES])
WARPS = np.linspace(.84, 1.19, 15)
DELAY = 288  # samples: on real speech the net led the labels by 17 to 25 ms, on synthetic voices by 0 to 8; this halves it


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

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.banks = torch.tensor(np.stack([mel_filters(w) for w in WARPS]))
        self.flat = torch.tensor(mel_filters())
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

    def crop(self, item):
        """-> audio [SAMPLES], phone and accent labels [2 FRAMES] at 60 Hz, loud [2 FRAMES], lips [FRAMES, LIPS]"""
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
        k = np.floor((start - DELAY + np.arange(2 * FRAMES) * 400 * speed) / 240).astype(int)
        ok, k = (k >= 0) & (k < n), np.clip(k, 0, n - 1)
        phone = np.where(ok, item['phone'][k], 0)
        accent = np.where(ok, (item['stress'][k] == 1) & VOWEL[item['phone'][k]], 0)
        loud = np.where(ok, item['loud'][k], 0)
        t = (start - DELAY + np.arange(FRAMES) * FRAME * speed) / 240 - .5
        j = np.floor(t).astype(int)
        f = np.clip(t - j, 0, 1)[:, None]
        lips = item['lips'][np.clip(j, 0, n - 1)] * (1 - f) + item['lips'][np.clip(j + 1, 0, n - 1)] * f
        return audio, phone, accent, loud, lips

    def __call__(self, items):
        """-> raw log-mel [B, 4 FRAMES, MELS] of the damaged and of the clean audio, labels as tensors"""
        R, B = self.random, len(items)
        y, phone, accent, loud, lips = (torch.tensor(np.stack(v)) for v in zip(*map(self.crop, items)))
        clean = y.clone()
        for b in range(B):
            if self.rooms and R.random() < .35:
                room = self.rooms[R.integers(len(self.rooms))]
                n = next_fast_len(SAMPLES + len(room), real=True)
                wet = torch.fft.irfft(torch.fft.rfft(y[b], n) * torch.fft.rfft(room, n), n)[:SAMPLES]
                dry = R.uniform(0, .7)
                y[b] = dry * y[b] + (1 - dry) * wet * (y[b].norm() / (wet.norm() + 1e-6))
        rms = (y.pow(2).mean(1, keepdim=True) + 1e-8).sqrt()
        white, pink = (torch.stack([n[k:k + SAMPLES] for k in R.integers(0, len(n) - SAMPLES, B)]) for n in (self.white, self.pink))
        babble = y.roll(1, 0) + y.roll(2, 0) + y.roll(3, 0)
        unit = lambda v: v / (v.std(1, keepdim=True) + 1e-5)
        kind = torch.tensor(R.choice(4, (B, 1), p=[.35, .2, .3, .15]))
        snr = torch.tensor(R.uniform(5, 35, (B, 1)), dtype=torch.float32)
        snr = torch.where(kind == 3, snr.clamp(min=12), snr)
        noise = white * (kind == 1) + pink * (kind == 2) + unit(babble) * (kind == 3)
        y = y + noise * rms * 10 ** (-snr / 20)
        level = torch.where(rms > .003, .08 / rms, 1.)
        y = y * level * 10 ** (torch.tensor(R.uniform(-22, 10, (B, 1)), dtype=torch.float32) / 20)
        front = lambda v: power_spectrum(F.pad(v, (TAIL, 0))[:, :-FRAME])
        x = log_mel(front(y), self.banks[torch.tensor(R.integers(len(WARPS), size=B))])
        slope = torch.linspace(-1, 1, MELS) * torch.randn(B, 1) * .3
        curve = F.interpolate(torch.randn(B, 1, 8) * .25, size=MELS, mode='linear', align_corners=True)[:, 0]
        x = x + (slope + curve)[:, None]
        for b in range(B):
            if R.random() < .12:
                x[b, :, R.integers(48, 74):] = -8 + 1.5 * R.random()
            if R.random() < .1:
                x[b, :, :R.integers(2, 8)] = -8 + 1.5 * R.random()
        mask = torch.ones_like(x)
        for b in range(B):
            for _ in range(2):
                w = R.integers(0, 10)
                q = R.integers(0, MELS - w)
                mask[b, :, q:q + w] = 0
            if R.random() < .5:
                w = R.integers(0, 7)
                q = R.integers(0, x.shape[1] - w)
                mask[b, q:q + w] = 0
        return x.clamp(min=-8), mask, log_mel(front(clean), self.flat), phone.long(), accent.float(), loud.float(), lips.float()


def batches(data, weights, size, seed):
    augment, R = Augment(seed), np.random.default_rng(seed + 1)
    names = [n for n in weights if n in data]
    p = np.array([weights[n] for n in names]) / sum(weights[n] for n in names)
    lengths = {n: np.array([len(i['phone']) for i in data[n]], float) for n in names}
    while True:
        picks = R.choice(len(names), size, p=p)
        yield augment([data[n][R.choice(len(data[n]), p=lengths[n] / lengths[n].sum())] for n in (names[k] for k in picks)])


class Lips(nn.Module):
    """The frozen codec's lips: audio-driven logits -> controls, and the codes it would choose itself."""

    def __init__(self, codec):
        super().__init__()
        self.codec = codec.eval().requires_grad_(False)
        neutral = F.one_hot(codec.neutral, CLASSES).float()
        self.register_buffer('upper', neutral[LIP_HEADS:])
        with torch.no_grad():  # what the upper heads add at rest
            still = codec.decoder.sequence(neutral[None, None].expand(1, 12, -1, -1), codec.neutral)[0, -1]
            lips = codec.decoder.lip_out(F.relu(codec.decoder.lip_window(codec.decoder.embed(neutral[None, None].expand(1, 9, -1, -1))[0])))[0, :, 0]
            self.register_buffer('rest', still - lips * codec.decoder.lip_mask[0, :, 0] - codec_module.rest_upper())

    def forward(self, onehot):
        """[B, T, LIP_HEADS, CLASSES] with WINDOW - 1 frames of past included -> [B, T - WINDOW + 1, 56]"""
        d = self.codec.decoder
        e = torch.einsum('bthc,hcd->bdt', onehot, d.lip_table)
        return (d.lip_out(F.relu(d.lip_window(e))) * d.lip_mask).transpose(1, 2) + self.rest

    @torch.no_grad()
    def targets(self, lips, mel):
        """lips [B, T, 56], mel [B, T, MELS] -> softmax of the lip heads [B, T, LIP_HEADS, CLASSES]"""
        logits = self.codec.encoder(lips, torch.zeros_like(lips), mel, torch.ones(len(lips)))[:, :, :LIP_HEADS]
        return torch.softmax(logits, -1)


def losses(net, batch, lips_model, criterion, gumbel=.15):
    mel, mask, clean, phone, accent, loud, lips = batch
    logits, phones, prosody, controls = net(mel, mask)
    L2, L = 2 * LOOKAHEAD, LOOKAHEAD
    phones, prosody, target = phones[:, L2:], prosody[:, L2:], phone[:, :-L2]
    weight = torch.where(target == 0, .5, 1.)
    out = dict(phone=(F.cross_entropy(phones.transpose(1, 2), target, label_smoothing=.05, reduction='none') * weight).mean())
    marked = (accent.amax(1) > 0).float()[:, None]  # flite's labels carry no stress
    out['prosody'] = (F.binary_cross_entropy_with_logits(prosody[..., 0], (target > 0).float())
                      + (F.binary_cross_entropy_with_logits(prosody[..., 1], accent[:, :-L2], reduction='none') * marked).mean()
                      + 4 * (torch.sigmoid(prosody[..., 2]) - loud[:, :-L2].clamp(max=1)).pow(2).mean())
    true = torch.zeros(*lips.shape[:2], COUNT)
    true[..., LIPS] = lips
    made = torch.zeros(len(lips), FRAMES - L, COUNT)
    made[..., LIPS] = controls[:, L:]
    out['regress'] = criterion(made, true[:, :-L])
    total = out['phone'] + .5 * out['prosody'] + .3 * out['regress']
    if lips_model is not None:
        W = codec_module.WINDOW
        frame = running_mean(clean)[0].reshape(len(lips), FRAMES, 4, MELS).mean(2)[:, 2:]  # as codec.frame_mel: frame n's own sound
        aim = lips_model.targets(true[:, :FRAMES - 2], frame)[:, :FRAMES - L]
        z = logits[:, L:]
        out['code'] = -(aim * F.log_softmax(z, -1)).sum(-1).mean()
        noise = -torch.log(-torch.log(torch.rand_like(z).clamp(1e-9, 1 - 1e-7)))
        soft = torch.softmax(z + gumbel * noise, -1)
        hard = F.one_hot(soft.argmax(-1), CLASSES).float() + soft - soft.detach()
        out['face'] = criterion(lips_model(hard), true[:, W - 1:FRAMES - L])
        total = total + .25 * out['code'] + 1.5 * out['face']
    return total, out


class Masked(nn.Module):
    """AudioEncoder on masked, normalised mel."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, mel, mask):
        return self.net.read(self.net.trunk(running_mean(mel)[0] * mask)[0])


@torch.no_grad()
def held_out(net, items, geometry):
    """Phone accuracy and lip-gap correlation on voices never trained on."""
    net.eval()
    right, total, a, b = 0, 0, [], []
    for i in items:
        n = len(i['audio']) // FRAME
        y = F.pad(torch.tensor(i['audio'][:n * FRAME].astype(np.float32) / 32768), (0, LOOKAHEAD * FRAME))[None]
        _, phones, _, controls = net(whole(y))
        p = phones[0, 2 * LOOKAHEAD:].argmax(-1).numpy()
        t = i['phone'][np.minimum((np.arange(2 * n) * 400) // 240, len(i['phone']) - 1)]
        right, total = right + (p == t).sum(), total + len(t)
        a.append(controls[0, LOOKAHEAD:].numpy() @ geometry.gap[LIPS])
        k = np.minimum((np.arange(n) * 800) // 240, len(i['lips']) - 1)
        b.append(i['lips'][k].astype(np.float32) @ geometry.gap[LIPS])
    net.train()
    return right / total, np.corrcoef(np.concatenate(a), np.concatenate(b))[0, 1]


def load(name):
    net = AudioEncoder()
    net.load_state_dict(torch.load(WORK / f'encoder-{name}.pt', weights_only=False)['net'])
    return net.eval()


def main(args):
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    geometry, t0 = Geometry(), time.time()
    weights = dict(w.split(':') for w in args.mix.split(','))
    data = corpus(weights, args.shards)
    print({k: f'{sum(len(i["phone"]) for i in v) / 6000:.0f} min' for k, v in data.items()}, f'{time.time() - t0:.0f} s', flush=True)
    watch = corpus(['kokoroheld']).get('kokoroheld', [])[:10]
    net = AudioEncoder()
    optimiser = torch.optim.AdamW(net.parameters(), args.lr, weight_decay=.01)
    path, start = WORK / f'encoder-{args.name}.pt', 0
    if path.exists() and not args.fresh:
        saved = torch.load(path, weights_only=False)
        net.load_state_dict(saved['net'])
        optimiser.load_state_dict(saved['optimiser'])
        start = saved['step']
    elif args.init:
        net.load_state_dict(load(args.init).state_dict())
    lips_model = Lips(codec_module.load()) if args.codes else None
    criterion = codec_module.VertexLoss(geometry)
    from torch.utils.tensorboard import SummaryWriter
    log, masked, mean = SummaryWriter(WORK / 'tensorboard' / args.name), Masked(net), {}
    def keep(steps):
        accuracy, r = held_out(net, watch, geometry)
        log.add_scalar('held/phone', accuracy, steps)
        log.add_scalar('held/gap', r, steps)
        torch.save(dict(net=net.state_dict(), optimiser=optimiser.state_dict(), step=steps, args=vars(args)), path.with_suffix('.tmp'))
        path.with_suffix('.tmp').rename(path)
        print(steps, ' '.join(f'{k} {v:.3f}' for k, v in mean.items()), f'held phone {accuracy:.3f} gap r {r:.3f}', f'{time.time() - t0:.0f} s', flush=True)

    net.train()
    began, step = time.time(), start - 1
    for step, batch in zip(range(start, args.steps), batches(data, {k: float(v) for k, v in weights.items()}, args.batch, args.seed + start)):
        done = max(step / args.steps, (time.time() - began) / 60 / args.minutes)
        if done >= 1:
            break
        for g in optimiser.param_groups:
            g['lr'] = args.lr * min(1., (step + 1) / 100) * (.03 + .97 * .5 * (1 + np.cos(np.pi * done)))
        total, parts = losses(masked, batch, lips_model, criterion)
        optimiser.zero_grad()
        total.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.)
        optimiser.step()
        mean = {k: .98 * mean.get(k, v.item()) + .02 * v.item() for k, v in parts.items()}
        if step % 25 == 0:
            for k, v in mean.items():
                log.add_scalar(k, v, step)
        if step % 150 == 149:
            keep(step + 1)
    keep(step + 1)


if __name__ == '__main__':
    p = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    p.add_argument('--name', default='main')
    p.add_argument('--init', help='start from the weights of another run')
    p.add_argument('--codes', action='store_true', help='train the codes through the frozen decoder')
    p.add_argument('--mix', default='piper:.3,kokoro:.45,flite:.25', help='engine:share, ...')
    p.add_argument('--shards', type=int)
    p.add_argument('--steps', type=int, default=4000)
    p.add_argument('--minutes', type=float, default=1e9, help='stop, with the learning rate annealed, after so long')
    p.add_argument('--batch', type=int, default=20)
    p.add_argument('--lr', type=float, default=2e-3)
    p.add_argument('--seed', type=int, default=0)
    p.add_argument('--threads', type=int, default=1)
    p.add_argument('--fresh', action='store_true')
    main(p.parse_args())
