"""Categorical codec of facial motion: 16 heads x 64 classes a frame (12 bytes), after MeshTalk (Richard et al. 2021, arXiv 2104.08223).

    python models/codec.py --steps 3000 --seed 0      # trains on models/work/speech, writes models/work/codec.pt (resumes if it is there)
    python models/codec.py --steady --steps 700 --noise .25 --lr .001

An expression encoder (the controls around a frame) fused with an audio encoder (log-mel around it) gives the logits of the lip heads; each head
of the upper face encodes one process of it (lids, gaze, brows, ...). Straight-through Gumbel-softmax (arXiv 1611.01144) makes them codes.
The decoder sees the codes of WINDOW past frames, nothing else, and returns the 56 controls.
Losses are on the vertices: a control error d costs d' G d with G the Gram matrix of the vertex basis, lips and lids weighted; the lips' gap
once more. Cross-modality: lip codes of one face with upper codes of another must give the lips of the one and the eyes of the other; and
with the expression withheld, the lips must follow the audio alone.
"""
import argparse
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from audio_encoder import MELS, running_mean, whole
from controls import CLASSES, COUNT, HEADS, HIGH, K, LIP_HEADS, LIPS, LOW, SHAPES, UPPER, WINDOW
from data import read
from emotion import draw
from geometry import Geometry
from phones import WORK
from teacher import Teacher, to_frames

MOOD = [i for i in UPPER[-1] if i in LIPS]  # smile and dimples: speech and mood add up


class Decoder(nn.Module):
    """codes as one-hot [B, T, HEADS, CLASSES] or indices [B, W, HEADS] -> controls [B, T, 56] or [B, 56]."""

    def __init__(self, width=64, hidden=128, small=24):
        super().__init__()
        self.width, self.small = width, small
        self.lip_table = nn.Parameter(torch.randn(LIP_HEADS, CLASSES, width) * .3)
        self.upper_table = nn.Parameter(torch.randn(len(UPPER), CLASSES, 16) * .5)
        self.lip_window = nn.Conv1d(width, hidden, WINDOW)
        self.lip_out = nn.Conv1d(hidden, COUNT, 1)
        self.lip_skip = nn.Parameter(torch.zeros(COUNT, width))  # linear, of the newest frame alone: what is exact needs no smoothing
        self.upper_window = nn.Conv1d(len(UPPER) * 16, len(UPPER) * small, WINDOW, groups=len(UPPER))
        self.upper_skip = nn.Conv1d(len(UPPER) * 16, COUNT, WINDOW, bias=False)  # linear: exact drift for the head's rotation
        self.upper_out = nn.Conv1d(len(UPPER) * small, COUNT, 1)
        lips = torch.zeros(COUNT)
        lips[LIPS] = 1
        mask = torch.zeros(COUNT, len(UPPER))
        for h, group in enumerate(UPPER):
            mask[group, h] = 1
        self.register_buffer('lip_mask', lips[None, :, None])
        self.register_buffer('mask', mask)
        self.register_buffer('low', torch.tensor(LOW))
        self.register_buffer('high', torch.tensor(HIGH))

    def embed(self, onehot):
        """[B, T, HEADS, CLASSES] -> lips [B, width, T], upper [B, heads * 16, T]"""
        lips = torch.einsum('bthc,hcd->bdt', onehot[:, :, :LIP_HEADS], self.lip_table)
        upper = torch.einsum('bthc,hcd->bhdt', onehot[:, :, LIP_HEADS:], self.upper_table).flatten(1, 2)
        return lips, upper

    def motion(self, lips, upper):
        """embeddings with WINDOW - 1 frames of past in front -> controls [B, T, 56], unclamped"""
        return (self.rise(upper) + self.speak(lips)).transpose(1, 2)

    def speak(self, lips):
        """lip embeddings [B, width, T] with WINDOW - 1 frames of past in front -> the lip heads' share of the controls [B, 56, T - WINDOW + 1]"""
        return (self.lip_out(F.relu(self.lip_window(lips))) + self.lip_skip @ lips[:, :, WINDOW - 1:]) * self.lip_mask

    def rise(self, upper):
        """upper embeddings -> the upper heads' share of the controls [B, 56, T]"""
        m = self.mask
        skip = self.upper_skip.weight * m.repeat_interleave(16, 1)[:, :, None]
        out = m.repeat_interleave(self.small, 1)[:, :, None] * self.upper_out.weight
        return F.conv1d(upper, skip) + F.conv1d(torch.tanh(self.upper_window(upper)), out, self.upper_out.bias * m.sum(1).clamp(max=1))

    def forward(self, codes):
        """Exported: codes int32 [B, WINDOW, HEADS] -> controls [B, 56] within their ranges."""
        index = codes.long() + torch.arange(HEADS) * CLASSES
        lips = self.lip_table.flatten(0, 1)[index[:, :, :LIP_HEADS]].sum(2).transpose(1, 2)
        upper = self.upper_table.flatten(0, 1)[index[:, :, LIP_HEADS:] - LIP_HEADS * CLASSES].flatten(2).transpose(1, 2)
        return torch.minimum(torch.maximum(self.motion(lips, upper)[:, -1], self.low), self.high)

    def sequence(self, onehot, neutral):
        """onehot [B, T, HEADS, CLASSES], neutral [HEADS] (codes before the start) -> [B, T, 56]"""
        before = F.one_hot(neutral, CLASSES).to(onehot)[None, None].expand(len(onehot), WINDOW - 1, -1, -1)
        return self.motion(*self.embed(torch.cat([before, onehot], 1)))


class Encoder(nn.Module):
    """Expression and audio -> logits [B, T, HEADS, CLASSES]."""

    def __init__(self, scale):
        super().__init__()
        self.register_buffer('scale', scale)  # 1 / spread of each control
        self.expression = nn.Conv1d(len(LIPS), 128, 5, padding=2)
        self.audio = nn.Conv1d(MELS, 64, 7, padding=3)
        self.fuse = nn.Conv1d(192, 192, 3, padding=1)
        self.lips = nn.Conv1d(192, LIP_HEADS * CLASSES, 1)
        self.upper = nn.ModuleList(nn.Sequential(nn.Conv1d(len(g), 48, 3, padding=1), nn.ReLU(), nn.Conv1d(48, 48, 1), nn.ReLU(), nn.Conv1d(48, CLASSES, 1))
                                   for g in UPPER)

    def forward(self, lips, upper, mel, keep):
        """lips, upper [B, T, 56]: the two parts of the face; mel [B, T, MELS]; keep [B]: 0 withholds the expression from the lips"""
        e = F.relu(self.expression((lips * self.scale)[..., LIPS].transpose(1, 2))) * keep[:, None, None]
        h = F.relu(self.fuse(torch.cat([e, F.relu(self.audio(mel.transpose(1, 2)))], 1)))
        logits = [self.lips(h).reshape(len(lips), LIP_HEADS, CLASSES, -1)]
        u = (upper * self.scale).transpose(1, 2)
        logits += [net(u[:, g])[:, None] for net, g in zip(self.upper, UPPER)]
        return torch.cat(logits, 1).permute(0, 3, 1, 2)


class LipEncoder(nn.Module):
    """The lips' expression encoder at run time: what they do in this frame and the `past` ones before -> logits of the lip heads. Causal, no look-ahead.

    The audio is in it already: an audio encoder and articulate.py say what the lips are to do. Trained by codec_lips.py.
    """

    def __init__(self, past=3, hidden=160):
        super().__init__()
        self.past = past
        self.register_buffer('scale', torch.ones(len(LIPS)))  # 1 / spread of each control
        self.inward, self.out = nn.Linear((past + 1) * len(LIPS), hidden), nn.Linear(hidden, LIP_HEADS * CLASSES)

    def forward(self, lips):
        """[B, past + n, LIPS] -> [B, n, LIP_HEADS, CLASSES]"""
        x, n = lips * self.scale, lips.shape[1] - self.past
        x = torch.cat([x[:, k:k + n] for k in range(self.past + 1)], -1)
        return self.out(F.gelu(self.inward(x))).unflatten(-1, (LIP_HEADS, CLASSES))

    def whole(self, lips):
        """[B, T, LIPS] from rest -> [B, T, LIP_HEADS, CLASSES]"""
        return self(F.pad(lips, (0, 0, self.past, 0)))


class Codec(nn.Module):
    def __init__(self, scale=None):
        super().__init__()
        self.encoder, self.lip_encoder, self.decoder = Encoder(torch.ones(COUNT) if scale is None else scale), LipEncoder(), Decoder()
        self.register_buffer('neutral', torch.zeros(HEADS, dtype=torch.long))

    @torch.no_grad()
    def encode(self, lips, upper, mel=None):
        """lips, upper [B, T, 56] -> codes [B, T, HEADS] as the product makes them; with mel [B, T, MELS] the lips' codes are those of the first
        stage's fused encoder, which sees both ways and the sound"""
        sound = torch.zeros(*lips.shape[:2], MELS) if mel is None else mel
        z = self.encoder(lips, upper, sound, torch.ones(len(lips)))
        if mel is None:
            z = torch.cat([self.lip_encoder.whole(lips[..., LIPS]), z[:, :, LIP_HEADS:]], 2)
        return z.argmax(-1)

    @torch.no_grad()
    def decode(self, codes):
        """codes [B, T, HEADS] -> controls [B, T, 56], as the exported decoder gives them"""
        y = self.decoder.sequence(F.one_hot(codes, CLASSES).float(), self.neutral)
        return torch.minimum(torch.maximum(y, self.decoder.low), self.decoder.high)


def frame_mel(audio):
    """audio int16 [N] -> [N // 800, MELS]: normalised log-mel averaged over each face frame (the codec may look around)."""
    n = len(audio) // 800
    y = torch.tensor(audio[:n * 800].astype(np.float32) / 32768)[None]
    y = F.pad(y, (0, 3200))
    return running_mean(whole(y))[0][0].reshape(-1, 4, MELS).mean(1)[2:n + 2]


def faces(engines, seed=0, shards=None):
    """-> [dict(lips, upper [n, 56], mel [n, MELS])] float16 for every utterance."""
    out = []
    teacher = Teacher()
    for e in engines:
        for k, item in enumerate(read(e, shards=shards)):
            random = np.random.default_rng([seed, k, len(e)])
            lips, upper = teacher.motion(item, random, emotion=draw(random))
            out.append(dict(lips=lips.astype(np.float16), upper=upper.astype(np.float16), mel=frame_mel(item['audio']).numpy().astype(np.float16)))
    return out


def idle_faces(count=40, seconds=20, seed=100, moods=True):
    """Silent faces, so that the codec knows idling too."""
    teacher, out = Teacher(), []
    z = np.zeros(seconds * 100, np.uint8)
    for k in range(count):
        random = np.random.default_rng([seed, k])
        c = to_frames(teacher.upper(z, z, np.zeros(len(z)), random, idle=True, emotion=draw(random, .7) if moods else None), seconds * 30)
        out.append(dict(lips=np.zeros_like(c, np.float16), upper=c.astype(np.float16), mel=np.full((len(c), MELS), -3.5, np.float16)))
    return out


def batches(items, random, size, length):
    """Endless random crops as float tensors [size, length, .] of lips, upper, mel."""
    weights = np.array([len(i['lips']) for i in items], float)
    while True:
        rows = []
        for k in random.choice(len(items), size, p=weights / weights.sum()):
            i = items[k]
            a = random.integers(0, max(1, len(i['lips']) - length))
            part = [i[n][a:a + length] for n in ('lips', 'upper', 'mel')]
            rows.append([np.pad(p, ((0, length - len(p)), (0, 0)), mode='edge') for p in part])
        yield [torch.tensor(np.stack(r).astype(np.float32)) for r in zip(*rows)]


class VertexLoss(nn.Module):
    def __init__(self, geometry, ajar=40.):
        super().__init__()
        self.ajar = ajar  # weight of lips that should be closed and are not
        self.register_buffer('factor', torch.tensor(geometry.factor()))
        self.register_buffer('pairs', torch.tensor(geometry.pairs, dtype=torch.float32))

    def forward(self, made, true, rest=0):
        """[B, T, 56] each -> scalar: vertex error, its velocity, and the lips' gap (most where they should meet)."""
        d = (made - true)
        v = d @ self.factor.T
        loss = v.pow(2).sum(-1).mean() + .5 * (v[:, 1:] - v[:, :-1]).pow(2).sum(-1).mean()
        g, t = made @ self.pairs, true @ self.pairs
        near = 1 + 5 * torch.exp(-t.clamp(min=0) / .015)
        ajar = ((t < .004) * F.relu(g + .004)).mean()  # a little overlap costs nothing
        return 100 * loss + 3 * (near * (g - t).abs()).mean() + self.ajar * ajar + .3 * d.abs().mean()


def train(args):
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    random = np.random.default_rng(args.seed)
    t0 = time.time()
    items = faces(args.engines.split(','), shards=args.shards)
    items += idle_faces(max(6, len(items) // 40))
    print(len(items), 'faces', f'{time.time() - t0:.0f} s', flush=True)
    every = np.concatenate([i['lips'].astype(np.float32) + i['upper'] for i in items])
    codec = Codec(torch.tensor(1 / np.maximum(every.std(0), .02), dtype=torch.float32))
    path = WORK / args.out
    start = 0
    optimiser = torch.optim.Adam(codec.parameters(), 2e-3)
    if path.exists() and not args.fresh:
        saved = torch.load(path, weights_only=False)
        codec.load_state_dict(saved['codec'])
        optimiser.load_state_dict(saved['optimiser'])
        start = saved['step']
    criterion = VertexLoss(Geometry())
    from torch.utils.tensorboard import SummaryWriter
    log = SummaryWriter(WORK / 'tensorboard' / 'codec')
    running = {}
    for step, (lips, upper, mel) in zip(range(start, start + args.steps), batches(items, random, args.batch, 64)):
        left = (start + args.steps - step) / args.steps
        for g in optimiser.param_groups:
            g['lr'] = args.lr * min(1., left / .5)
        tau = max(.5, 1. - .5 * (step - start) / args.steps)
        keep = (torch.rand(len(lips)) > .2).float()
        logits = codec.encoder(lips, upper, mel, keep)
        noise = -torch.log(-torch.log(torch.rand_like(logits).clamp(1e-9, 1 - 1e-7)))
        soft = torch.softmax((logits + args.noise * noise) / tau, -1)
        hard = F.one_hot(soft.argmax(-1), CLASSES).float() + soft - soft.detach()
        # Always lips of one face with the upper face of the next.
        made = codec.decoder.sequence(torch.cat([hard[:, :, :LIP_HEADS], hard.roll(1, 0)[:, :, LIP_HEADS:]], 2), codec.neutral)[:, WINDOW:]
        true = (lips + upper.roll(1, 0))[:, WINDOW:]
        weight = (.3 + .7 * keep)[:, None, None]  # lips by audio alone count less
        loss = criterion(weight * made + (1 - weight) * true, true)
        use = soft.mean((0, 1))
        spread = (use * torch.log(use + 1e-9)).sum(-1).mean()  # negative entropy of each head's use
        total = loss + .02 * spread
        optimiser.zero_grad()
        total.backward()
        nn.utils.clip_grad_norm_([p for p in codec.parameters() if p.grad is not None], 1.)
        optimiser.step()
        running = {k: .98 * running.get(k, v) + .02 * v for k, v in dict(loss=loss.item(), entropy=-spread.item()).items()}
        if step % 50 == 0:
            for k, v in running.items():
                log.add_scalar(k, v, step)
        if step % 200 == 0 or step == start + args.steps - 1:
            print(step, ' '.join(f'{k} {v:.3f}' for k, v in running.items()), f'{time.time() - t0:.0f} s', flush=True)
        if step % 500 == 499 or step == start + args.steps - 1:
            still = torch.zeros(1, 40, COUNT)
            codec.neutral = codec.encode(still, still + rest_upper(), torch.full((1, 40, MELS), -3.5))[0, 20]
            torch.save(dict(codec=codec.state_dict(), optimiser=optimiser.state_dict(), step=step + 1, scale=codec.encoder.scale), path)
    report(codec, items[:60])


def steady(args):
    """Second stage, upper heads only (the lips stay as they are, bit for bit): finer classes and no trembling of head and gaze."""
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    random, path, t0 = np.random.default_rng(args.seed), WORK / 'codec.pt', time.time()
    saved, codec = torch.load(path, weights_only=False), load(path)
    teacher, items = Teacher(), []
    for e in args.engines.split(','):
        for k, item in enumerate(read(e, shards=args.shards)):
            random = np.random.default_rng([9, k, len(e)])
            upper = teacher.motion(item, random, lips=False, emotion=draw(random))[1]
            items.append(dict(lips=upper[:, :1].astype(np.float16), upper=upper.astype(np.float16), mel=upper[:, :1].astype(np.float16)))
    items += [dict(i, lips=i['lips'][:, :1], mel=i['mel'][:, :1]) for i in idle_faces(30, seed=500)]
    factor = torch.tensor(Geometry().factor())
    own = sorted({i for g in UPPER for i in g})
    pick = torch.zeros(COUNT)
    pick[own] = 1
    turn = torch.zeros(COUNT)
    turn[SHAPES:] = 1

    def run(upper, noise):
        u = (upper * codec.encoder.scale).transpose(1, 2)
        z = torch.stack([net(u[:, g]) for net, g in zip(codec.encoder.upper, UPPER)], 1).permute(0, 3, 1, 2)
        soft = torch.softmax((z - noise * torch.log(-torch.log(torch.rand_like(z).clamp(1e-9, 1 - 1e-7)))) / .5, -1)
        hard = F.one_hot(soft.argmax(-1), CLASSES).float() + soft - soft.detach()
        return codec.decoder.rise(torch.einsum('bthc,hcd->bhdt', hard, codec.decoder.upper_table).flatten(1, 2)).transpose(1, 2)

    feed = batches(items, random, args.batch, 96)
    with torch.no_grad():  # how lips and upper heads share the constant part of the mood
        share = torch.stack([(run(u, 0.) - u[:, WINDOW - 1:]).mean((0, 1)) for (_, u, _), _ in zip(feed, range(8))]).mean(0)
        share = share * torch.zeros(COUNT).index_fill_(0, torch.tensor(MOOD), 1.)
    d, free = codec.decoder, list(codec.encoder.upper.parameters())
    free += [d.upper_table, d.upper_window.weight, d.upper_window.bias, d.upper_skip.weight, d.upper_out.weight, d.upper_out.bias]
    optimiser = torch.optim.Adam(free, args.lr)
    for step, (_, upper, _) in zip(range(args.steps), feed):
        for g in optimiser.param_groups:
            g['lr'] = args.lr * min(1., 2 * (1 - step / args.steps))
        e = (run(upper, args.noise) - upper[:, WINDOW - 1:] - share) * pick
        v = e @ factor.T
        t = e * turn @ factor.T
        loss = 100 * (v.pow(2).sum(-1).mean() + v.diff(dim=1).pow(2).sum(-1).mean() + 10 * t.diff(dim=1).pow(2).sum(-1).mean()
                      + 30 * t.diff(n=2, dim=1).pow(2).sum(-1).mean()) + .3 * e.abs().mean()
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(free, 1.)
        optimiser.step()
        if step % 100 == 0 or step == args.steps - 1:
            r = e[..., SHAPES:].detach()
            print(step, f'loss {loss.item():.4f} rotation rms {r.pow(2).mean().sqrt():.4f} its jerk {r.diff(n=3, dim=1).abs().mean():.6f}', f'{time.time() - t0:.0f} s', flush=True)
    still = torch.zeros(1, 40, COUNT)
    codec.neutral = torch.cat([codec.neutral[:LIP_HEADS], codec.encode(still, still + rest_upper(), torch.full((1, 40, MELS), -3.5))[0, 20, LIP_HEADS:]])
    torch.save(dict(saved, codec=codec.state_dict()), path)


def rest_upper():
    """The relaxed upper face [56]: a hint of a smile."""
    c = torch.zeros(COUNT)
    for n, v in dict(mouthSmileLeft=.1, mouthSmileRight=.1, cheekSquintLeft=.05, cheekSquintRight=.05, mouthDimpleLeft=.02, mouthDimpleRight=.02,
                     eyeSquintLeft=.1, eyeSquintRight=.1, browInnerUp=.05, browOuterUpLeft=.04, browOuterUpRight=.04, browDownLeft=.03, browDownRight=.03).items():
        c[K[n]] = v
    return c


def load(path=WORK / 'codec.pt'):
    saved = torch.load(path, weights_only=False)
    codec = Codec(saved['scale'])
    missing, unknown = codec.load_state_dict(saved['codec'], strict=False)  # a codec of the first stage has no lip encoder yet
    assert not [k for k in missing if not k.startswith(('lip_encoder.', 'decoder.lip_skip'))] and not [k for k in unknown if k != 'decoder.upper_skip.bias'], (missing, unknown)
    return codec.eval()


def report(codec, items):
    """Reconstruction error by group and how many classes each head uses."""
    g = Geometry()
    errors, gaps, codes = [], [], []
    for i in items:
        lips, upper, mel = (torch.tensor(i[k].astype(np.float32))[None] for k in ('lips', 'upper', 'mel'))
        c = codec.encode(lips, upper, mel)
        d = (codec.decode(c) - lips - upper)[0, WINDOW:].numpy()
        errors.append(d)
        gaps.append((d @ g.gap) * g.unit_mm)
        codes.append(c[0].numpy())
    d, gaps, codes = np.concatenate(errors), np.concatenate(gaps), np.concatenate(codes)
    rms = lambda ids: float(np.sqrt((d[:, ids] ** 2).mean()))
    print('rms lips', rms(LIPS), *[f'upper{h} {rms(u):.4f}' for h, u in enumerate(UPPER)], f'gap {np.sqrt((gaps ** 2).mean()):.2f} mm')
    perplexity = []
    for h in range(HEADS):
        p = np.bincount(codes[:, h], minlength=CLASSES) / len(codes)
        perplexity.append(float(np.exp(-(p[p > 0] * np.log(p[p > 0])).sum())))
    print('perplexity', ' '.join(f'{x:.0f}' for x in perplexity), 'neutral', codec.neutral.tolist())


if __name__ == '__main__':
    p = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    p.add_argument('--steps', type=int, default=3000)
    p.add_argument('--seed', type=int, default=0)
    p.add_argument('--batch', type=int, default=32)
    p.add_argument('--threads', type=int, default=1)
    p.add_argument('--engines', default='piper,kokoro,flite')
    p.add_argument('--shards', type=int, help='at most so many shards of each engine')
    p.add_argument('--noise', type=float, default=.5, help='strength of the Gumbel noise')
    p.add_argument('--lr', type=float, default=2e-3)
    p.add_argument('--out', default='codec.pt')
    p.add_argument('--fresh', action='store_true', help='start anew')
    p.add_argument('--steady', action='store_true', help='second stage: the upper heads alone, on a trained codec')
    a = p.parse_args()
    steady(a) if a.steady else train(a)
