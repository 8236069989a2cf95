"""Lips from known phone times: where the text is our own, the speech engine says which phone sounds when, and nothing has to be guessed.

    python models/articulator.py --steps 1600     # writes models/work/articulator.pt; needs codec.pt and the speech

Phones and stress at 60 Hz and the sound's level -> the lips' controls at 30 fps, learnt from the same teacher; the codec's lip encoder writes them in the
same codes as the audio encoders' lips. Not causal: a clause is known before it sounds. Look-around: MARGIN face frames on each side.
"""
import argparse
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from articulate import CLOSED_MM, TUCKED, Articulate
from augment import corpus
from codec import VertexLoss
from controls import COUNT, K, LIPS
from geometry import Geometry
from phones import PHONES, WORK

STEP = 400  # samples of a label
DILATIONS = (1, 2, 4, 6)
AROUND = 16  # labels on each side that loudness is compared with
PAST = 3  # frames that the lip encoder looks back
MARGIN = (sum(2 * d for d in DILATIONS) + 2 + AROUND + 2) // 2 + 1 + PAST  # face frames


def level(audio, phones):
    """audio [B, 800 n], phones [B, 2n] -> loudness of each label against the speech around it, in 20 dB, [B, 2n]. Local, so that a frame does not
    depend on what else is in the run."""
    power = F.avg_pool1d(audio[:, None] ** 2, STEP)[:, 0]
    power = F.avg_pool1d(power[:, None], 3, 1, 1)[:, 0]
    db = torch.log10(power + 1e-8) / 2
    sounds = (phones > 0).to(db.dtype)
    around = lambda v: F.avg_pool1d(v[:, None], 2 * AROUND + 1, 1, AROUND)[:, 0]
    return (db - around(db * sounds) / (around(sounds) + 1e-3)).clamp(-2, 1)


class Block(nn.Module):
    def __init__(self, width, dilation):
        super().__init__()
        self.wide = nn.Conv1d(width, width, 5, padding=2 * dilation, dilation=dilation)
        self.point = nn.Conv1d(width, width, 1)

    def forward(self, x):
        return x + self.point(F.gelu(self.wide(x)))


class Articulator(nn.Module):
    """phones, stress int [B, 2n], audio [B, 800 n] -> controls, closure and tuck logits [B, n, LIPS + 2]"""

    def __init__(self, width=112):
        super().__init__()
        self.phone, self.stress = nn.Embedding(len(PHONES), 32), nn.Embedding(3, 4)
        self.inward = nn.Conv1d(37, width, 3, padding=1)
        self.blocks = nn.ModuleList(Block(width, d) for d in DILATIONS)
        self.squeeze = nn.Conv1d(width, 160, 2, stride=2)
        self.lips = nn.Conv1d(160, len(LIPS) + 2, 1)

    def forward(self, phones, stress, audio):
        x = torch.cat([self.phone(phones.long()), self.stress(stress.long()), level(audio, phones)[..., None]], -1)
        x = F.gelu(self.inward(x.transpose(1, 2)))
        for b in self.blocks:
            x = b(x)
        return self.lips(F.gelu(self.squeeze(x))).transpose(1, 2)


class Coded(nn.Module):
    """The exported form: phones, stress int [B, 2n], audio [B, 800 n] -> logits [B, n, LIP_HEADS, CLASSES]"""

    def __init__(self, net, geometry, lip_encoder):
        super().__init__()
        assert lip_encoder.past == PAST
        self.net, self.articulate, self.lip_encoder = net, Articulate(geometry, at=.5, tuck_at=.5, table=0.), lip_encoder

    def forward(self, phones, stress, audio):
        y = self.net(phones, stress, audio)
        closure, tuck, known = torch.sigmoid(y[..., -2]), torch.sigmoid(y[..., -1]), F.one_hot(phones[:, ::2].long(), len(PHONES)).to(y.dtype)
        # A pause closes the mouth when the net says so: the lips open before the first sound of a clause.
        known = torch.cat([known[..., :1] * .5, known[..., 1:]], -1)
        return self.lip_encoder.whole(self.articulate(y[..., :-2], closure, tuck, known[..., 0] * 2, known))


def crops(data, random, size, frames):
    """-> phones, stress [B, 2 frames], audio [B, 800 frames], lips [B, frames, LIPS]; silence around the utterances"""
    out = []
    for k in random.integers(0, len(data), size):
        i = data[k]
        n = len(i['audio']) // 800
        a = int(random.integers(-8, max(-7, n - frames + 8)))
        at = np.arange(2 * frames) * STEP + a * 800 + STEP // 2
        label = at // 240
        ok, label = (label >= 0) & (label < len(i['phone'])), np.clip(label, 0, len(i['phone']) - 1)
        sample = np.arange(800 * frames) + a * 800
        inside = (sample >= 0) & (sample < len(i['audio']))
        audio = np.where(inside, i['audio'][np.clip(sample, 0, len(i['audio']) - 1)], 0) / 32768
        t = (np.arange(frames) + a) * 800 / 240 - .5
        j = np.clip(np.floor(t).astype(int), 0, len(i['phone']) - 2)
        f = np.clip(t - j, 0, 1)[:, None]
        lips = i['lips'][j] * (1 - f) + i['lips'][j + 1] * f
        stress = i['stress'] if random.random() < .85 else np.zeros_like(i['stress'])
        out.append((np.where(ok, i['phone'][label], 0), np.where(ok, stress[label], 0), audio * 10 ** random.uniform(-.7, .2), lips))
    p, s, y, l = (np.stack(v) for v in zip(*out))
    return torch.tensor(p).long(), torch.tensor(s).long(), torch.tensor(y).float(), torch.tensor(l).float()


def train(args):
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    random, t0 = np.random.default_rng(args.seed), time.time()
    data = [i for items in corpus(args.engines.split(','), args.shards).values() for i in items]
    net, geometry = Articulator(), Geometry()
    if args.init:  # an older one, whatever it ended in
        known = torch.load(WORK / args.init, weights_only=False)['net']
        net.load_state_dict({k: v for k, v in known.items() if k in net.state_dict() and v.shape == net.state_dict()[k].shape}, strict=False)
    criterion, gap = VertexLoss(geometry, ajar=40.), torch.tensor(geometry.gap, dtype=torch.float32)
    optimiser, frames, mean = torch.optim.AdamW(net.parameters(), args.lr, weight_decay=.01), 96, {}
    from torch.utils.tensorboard import SummaryWriter
    log = SummaryWriter(WORK / 'tensorboard' / 'articulator')
    for step in range(args.steps):
        for g in optimiser.param_groups:
            g['lr'] = args.lr * min(1., (step + 1) / 50) * (.03 + .97 * .5 * (1 + np.cos(np.pi * step / args.steps)))
        phones, stress, audio, lips = crops(data, random, args.batch, frames)
        made, true = torch.zeros(len(lips), frames, COUNT), torch.zeros(len(lips), frames, COUNT)
        y = net(phones, stress, audio)
        made[..., LIPS], true[..., LIPS] = y[..., :-2], lips
        face = criterion(made, true) + 60 * ((made - true) @ gap).pow(2).mean()
        event = F.binary_cross_entropy_with_logits(y[..., -2], (true @ gap < CLOSED_MM / geometry.unit_mm).float())
        event = event + F.binary_cross_entropy_with_logits(y[..., -1], (true[..., K['mouthRollLower']] > TUCKED).float())
        optimiser.zero_grad()
        (face + 2 * event).backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.)
        optimiser.step()
        mean = {k: .98 * mean.get(k, v.item()) + .02 * v.item() for k, v in dict(face=face, event=event).items()}
        if step % 25 == 0:
            for k, v in mean.items():
                log.add_scalar(k, v, step)
        if step % 200 == 0 or step == args.steps - 1:
            print(step, ' '.join(f'{k} {v:.3f}' for k, v in mean.items()), f'{time.time() - t0:.0f} s', flush=True)
    torch.save(dict(net=net.state_dict(), args=vars(args)), WORK / 'articulator.pt')


def load():
    net = Articulator()
    net.load_state_dict(torch.load(WORK / 'articulator.pt', weights_only=False)['net'])
    return net.eval()


if __name__ == '__main__':
    p = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    p.add_argument('--steps', type=int, default=1600)
    p.add_argument('--batch', type=int, default=16)
    p.add_argument('--init', help='start from another file of models/work')
    p.add_argument('--lr', type=float, default=3e-3)
    p.add_argument('--engines', default='piper,kokoro,flite')
    p.add_argument('--shards', type=int, default=20)
    p.add_argument('--seed', type=int, default=0)
    p.add_argument('--threads', type=int, default=1)
    train(p.parse_args())
