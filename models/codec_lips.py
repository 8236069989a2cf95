"""The codec's last stage, lips alone: the lip encoder of run time and the decoder's lips, on the teacher's lips and on those that trained audio encoders
want to show. The upper heads stay, bit for bit.

    python models/codec_lips.py --steps 5000 --shards 12 --shown server:server,small:small     # changes models/work/codec.pt
"""
import argparse
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import train as train_module
from articulate import lip_head
from augment import Front, corpus
from codec import Codec, VertexLoss, load, rest_upper
from controls import CLASSES, COUNT, LIP_HEADS, LIPS, WINDOW
from geometry import Geometry
from phones import WORK
from teacher import to_frames


@torch.no_grad()
def shown_lips(name, kind, items):
    """-> [controls [n, LIPS]]: the lips that a trained audio encoder wants to show. More abrupt than the teacher's: it cannot know what comes."""
    net, front, head, out = train_module.load(name, kind), Front(kind, 0), lip_head(kind, Geometry(), Codec()), []
    for item in items:
        n = len(item['audio']) // 2400 * 3
        y = F.pad(torch.tensor(item['audio'][:n * 800].astype(np.float32) / 32768), (0, 2400))[None]
        with torch.autocast('cpu', torch.bfloat16):
            heard = train_module.run(kind, net, front.clean(y))[:3]
        out.append(head.show(*(v.float() for v in heard))[0, 3:3 + n])
    return out


class Lips(nn.Module):
    """A codec's lips alone: lip codes -> controls, with what the lip heads do at rest taken out of the rest."""

    def __init__(self, codec):
        super().__init__()
        self.decoder = codec.decoder
        with torch.no_grad():  # what the upper heads add at rest
            neutral = F.one_hot(codec.neutral, CLASSES).float()
            embedded = codec.decoder.embed(neutral[None, None].expand(1, WINDOW, -1, -1))
            self.register_buffer('rest', codec.decoder.rise(embedded[1])[0, :, 0] - rest_upper())

    def forward(self, onehot):
        """[B, T, LIP_HEADS, CLASSES] with WINDOW - 1 frames of past in front -> [B, T - WINDOW + 1, 56]"""
        e = torch.einsum('bthc,hcd->bdt', onehot, self.decoder.lip_table)
        return self.decoder.speak(e).transpose(1, 2) + self.rest


def main(args):
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    random, t0, path, geometry = np.random.default_rng(args.seed), time.time(), WORK / 'codec.pt', Geometry()
    items = [i for rows in corpus(args.engines.split(','), args.shards).values() for i in rows]
    motion = [torch.tensor(to_frames(i['lips'].astype(np.float32), len(i['audio']) // 800)) for i in items]
    shown = [pair.split(':') for pair in args.shown.split(',')] if args.shown else []
    for k, (kind, name) in enumerate(shown):
        motion += shown_lips(name, kind, items[k::len(shown)])
        print(kind, name, f'{time.time() - t0:.0f} s', flush=True)
    motion = [m for m in motion if len(m)]
    lengths = np.array([len(m) for m in motion], float)
    saved, codec = torch.load(path, weights_only=False), load(path)
    decoder, encoder = codec.decoder, codec.lip_encoder
    if not args.go_on:
        encoder.scale.copy_(1 / torch.cat(motion).std(0).clamp(min=.02))
    codec.requires_grad_(False)
    free = [*encoder.parameters(), decoder.lip_table, decoder.lip_skip, *decoder.lip_window.parameters(), *decoder.lip_out.parameters()]
    for p in free:
        p.requires_grad_(True)
    frozen = Lips(codec)
    criterion, own = VertexLoss(geometry, ajar=20.), torch.tensor(geometry.gap, dtype=torch.float32)
    optimiser, length, mean = torch.optim.Adam(free, args.lr), 48, {}

    def crop():
        m = motion[random.choice(len(motion), p=lengths / lengths.sum())]
        a = random.integers(-4, max(-3, len(m) - length))
        m = F.pad(m[max(0, a):a + length], (0, 0, max(0, -a), 0))
        return F.pad(m, (0, 0, 0, length - len(m))) * (random.uniform(.7, 1.15) if random.random() < .3 else 1.)

    from torch.utils.tensorboard import SummaryWriter
    log = SummaryWriter(WORK / 'tensorboard' / 'codec-lips')
    for step in range(args.steps):
        done = step / args.steps
        for g in optimiser.param_groups:
            g['lr'] = args.lr * min(1, (step + 1) / 50) * (.02 + .98 * .5 * (1 + np.cos(np.pi * done)))
        part = torch.stack([crop() for _ in range(args.batch)])
        z = encoder.whole(F.pad(part, (0, 0, WINDOW - 1, 0)))  # an utterance starts from rest
        noise = -torch.log(-torch.log(torch.rand_like(z).clamp(1e-9, 1 - 1e-7)))
        soft = torch.softmax((z + args.noise * (1 - done) * noise) / max(.5, 1 - .75 * done), -1)
        hard = F.one_hot(soft.argmax(-1), CLASSES).float() + soft - soft.detach()
        true = torch.zeros(args.batch, length, COUNT)
        true[..., LIPS] = part
        made = frozen(hard)
        use = soft.mean((0, 1))
        loss = criterion(made, true) + 60 * ((made - true) @ own).pow(2).mean()
        total = loss + .02 * (use * torch.log(use + 1e-9)).sum(-1).mean()
        optimiser.zero_grad()
        total.backward()
        nn.utils.clip_grad_norm_(free, 1.)
        optimiser.step()
        mean['loss'] = .98 * mean.get('loss', loss.item()) + .02 * loss.item()
        if step % 50 == 0:
            log.add_scalar('loss', mean['loss'], step)
        if step % 500 == 499 or step == args.steps - 1:
            print(step + 1, f"loss {mean['loss']:.3f} {time.time() - t0:.0f} s", flush=True)
    # What an utterance starts from is what the resting lips are written as; nothing else may be drawn by it.
    codec.neutral[:LIP_HEADS] = encoder.whole(torch.zeros(1, 12, len(LIPS)))[0, -1].argmax(-1)
    torch.save(dict(saved, codec=codec.state_dict()), path)


if __name__ == '__main__':
    p = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    p.add_argument('--steps', type=int, default=5000)
    p.add_argument('--batch', type=int, default=48)
    p.add_argument('--lr', type=float, default=2e-3)
    p.add_argument('--noise', type=float, default=.1, help='strength of the Gumbel noise at the start; it fades out')
    p.add_argument('--engines', default='piperR,kokoroR,fliteR')
    p.add_argument('--shards', type=int, help='at most so many shards of each engine')
    p.add_argument('--shown', help='also the lips that these trained encoders show, kind:name,...')
    p.add_argument('--go-on', action='store_true', help='go on with the lip encoder of codec.pt')
    p.add_argument('--seed', type=int, default=0)
    p.add_argument('--threads', type=int, default=1)
    main(p.parse_args())
