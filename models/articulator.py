"""Lips from known phone times: where the text is our own, the speech engine says which phone sounds when, and nothing has to be guessed.

    python models/articulator.py --steps 1600     # writes models/work/articulator.pt; needs codec.pt and the speech

Phones and stress at 60 Hz and the sound's level -> logits of the lip heads at 30 fps: the same codes as the audio encoders give, learnt from the
same teacher through the same frozen decoder. Not causal: a clause is known before it sounds. Look-around: MARGIN face frames on each side.
"""
import argparse
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import codec as codec_module
from audio_encoder import running_mean, whole, MELS
from controls import CLASSES, COUNT, LIP_HEADS, LIPS
from geometry import Geometry
from phones import PHONES, WORK

STEP = 400  # samples of a label
DILATIONS = (1, 2, 4, 6)
AROUND = 16  # labels on each side that loudness is compared with
MARGIN = (sum(2 * d for d in DILATIONS) + 2 + AROUND + 2) // 2 + 1  # face frames


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
    """phones, stress int [B, 2n], audio [B, 800 n] -> logits [B, n, LIP_HEADS, CLASSES]"""

    def __init__(self, width=112):
        super().__init__()
        self.phone, self.stress = nn.Embedding(len(PHONES), 32), nn.Embedding(3, 4)
        self.inward = nn.Conv1d(37, width, 3, padding=1)
        self.blocks = nn.ModuleList(Block(width, d) for d in DILATIONS)
        self.squeeze = nn.Conv1d(width, 160, 2, stride=2)
        self.code = nn.Conv1d(160, LIP_HEADS * CLASSES, 1)

    def forward(self, phones, stress, audio):
        x = torch.cat([self.phone(phones.long()), self.stress(stress.long()), level(audio, phones)[..., None]], -1)
        x = F.gelu(self.inward(x.transpose(1, 2)))
        for b in self.blocks:
            x = b(x)
        return self.code(F.gelu(self.squeeze(x))).transpose(1, 2).unflatten(2, (LIP_HEADS, CLASSES))


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
    import train as train_module
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    random, t0 = np.random.default_rng(args.seed), time.time()
    data = [i for items in train_module.corpus(args.engines.split(','), args.shards).values() for i in items]
    net, geometry = Articulator(), Geometry()
    if args.go_on:
        net.load_state_dict(load().state_dict())
        net.train()
    lips_model, criterion = train_module.Lips(codec_module.load()), codec_module.VertexLoss(geometry, ajar=20.)
    full = torch.tensor(geometry.gap, dtype=torch.float32)
    optimiser, frames, mean = torch.optim.AdamW(net.parameters(), args.lr, weight_decay=.01), 96, {}
    from torch.utils.tensorboard import SummaryWriter
    log = SummaryWriter(WORK / 'tensorboard' / 'articulator')
    for step in range(args.steps):
        for g in optimiser.param_groups:
            g['lr'] = args.lr * min(1., (step + 1) / 50) * (.03 + .97 * .5 * (1 + np.cos(np.pi * step / args.steps)))
        phones, stress, audio, lips = crops(data, random, args.batch, frames)
        z = net(phones, stress, audio)
        true = torch.zeros(len(lips), frames, COUNT)
        true[..., LIPS] = lips
        mel = running_mean(whole(audio))[0].reshape(len(lips), frames, 4, MELS).mean(2)[:, 2:]
        aim = lips_model.targets(true[:, :-2], mel)
        code = -(aim * F.log_softmax(z[:, :-2], -1)).sum(-1).mean()
        noise = -torch.log(-torch.log(torch.rand_like(z).clamp(1e-9, 1 - 1e-7)))
        soft = torch.softmax(z + .1 * noise, -1)
        hard = F.one_hot(soft.argmax(-1), CLASSES).float() + soft - soft.detach()
        W = codec_module.WINDOW
        made = lips_model(hard)
        face = criterion(made, true[:, W - 1:]) + 40 * ((made - true[:, W - 1:]) @ full).pow(2).mean()
        optimiser.zero_grad()
        (.3 * code + 1.5 * face).backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.)
        optimiser.step()
        mean = {k: .98 * mean.get(k, v.item()) + .02 * v.item() for k, v in dict(code=code, face=face).items()}
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
    p.add_argument('--go-on', action='store_true', help='start from articulator.pt, after the codec has changed')
    p.add_argument('--lr', type=float, default=3e-3)
    p.add_argument('--engines', default='piper,kokoro,flite')
    p.add_argument('--shards', type=int, default=20)
    p.add_argument('--seed', type=int, default=0)
    p.add_argument('--threads', type=int, default=1)
    train(p.parse_args())
