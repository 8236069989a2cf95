"""Causal autoregressive model of the upper face's codes, conditioned on prosody; sampled with a seed at run time. Makes the idle loop too.

    python models/context.py --steps 2000 --encoder server     # writes models/work/context.pt

logits of frame t = f(upper codes of the WINDOW frames before t, prosody features of frame t, emotion). The heads are independent processes
(lids, gaze, brows, head pitch, ...), so they are sampled apart. Each head's logits leave the export already divided by its temperature.
"""
import argparse
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import codec as codec_module
from articulate import lip_head
from audio_encoder import FRAME, LOOKAHEAD, PROSODY, Streaming
from server_encoder import ServerStreaming
from controls import CLASSES, COUNT, FPS, LIP_HEADS, UPPER
from data import read
from emotion import COUNT_OCC, draw
from geometry import Geometry
from phones import WORK
from teacher import Teacher, idle

WINDOW = 24  # frames of past codes
FEATURES = 2 * PROSODY
# Lower ones freeze the head: at .6 it turned with .3 instead of 1.8 degrees a second.
TEMPERATURE = dict(zip(range(len(UPPER)), (1., 1., .85, .9, .95, .95, .95, .9)))


class Context(nn.Module):
    def __init__(self, width=16, own=32, hidden=128):
        super().__init__()
        n = len(UPPER)
        self.table = nn.Parameter(torch.randn(n, CLASSES, width) * .3)
        self.window = nn.Conv1d(n * width, n * own, WINDOW, groups=n)  # each head remembers its own past
        self.prosody = nn.Linear(FEATURES, n * own)
        self.emotion = nn.Linear(COUNT_OCC, n * own, bias=False)
        self.feeling = nn.Linear(COUNT_OCC, hidden, bias=False)
        self.drawn = nn.Linear(COUNT_OCC, n * CLASSES, bias=False)  # which classes an emotion prefers
        self.mix = nn.Linear(n * own, hidden)
        self.out = nn.Linear(hidden, n * CLASSES)
        self.stay = nn.Parameter(torch.zeros(n, CLASSES, CLASSES))  # bigram of each head
        self.register_buffer('temperature', torch.tensor([TEMPERATURE[h] for h in range(n)])[None, :, None])

    def score(self, embedded, last, features, emotion):
        """embedded [B, heads * width, T], last [B, T - WINDOW + 1, heads] codes, features [B, T - WINDOW + 1, F], emotion [B, 22] -> logits [B, ., heads, CLASSES]"""
        h = torch.tanh(self.window(embedded).transpose(1, 2) + self.prosody(features) + self.emotion(emotion)[:, None])
        h = torch.tanh(self.mix(h) + self.feeling(emotion)[:, None])
        offset = torch.arange(len(UPPER)) * CLASSES
        return (self.out(h) + self.drawn(emotion)[:, None]).unflatten(2, (len(UPPER), CLASSES)) + self.stay.flatten(0, 1)[last + offset]

    def embed(self, codes):
        """codes [B, T, heads] -> [B, heads * width, T]"""
        index = codes + torch.arange(len(UPPER)) * CLASSES
        return self.table.flatten(0, 1)[index].flatten(2).transpose(1, 2)

    def forward(self, past, features, emotion):
        """Exported: past int32 [B, WINDOW, heads] oldest first, features [B, F], emotion [B, 22] -> logits [B, heads, CLASSES], temperature applied."""
        past = past.long()
        # As score, with the window's one position as a batched matrix product: a convolution with one output is slow in ONNX Runtime.
        n = len(UPPER)
        rows = self.table.flatten(0, 1)[past + torch.arange(n) * CLASSES].permute(2, 0, 1, 3).flatten(2)  # [heads, B, WINDOW * width]
        weight = self.window.weight.unflatten(0, (n, -1)).permute(0, 3, 2, 1).flatten(1, 2)  # [heads, WINDOW * width, own]
        own = (rows @ weight).transpose(0, 1).flatten(1) + self.window.bias
        h = torch.tanh(own + self.prosody(features) + self.emotion(emotion))
        h = torch.tanh(self.mix(h) + self.feeling(emotion))
        stay = self.stay.flatten(0, 1)[past[:, -1] + torch.arange(n) * CLASSES]
        return ((self.out(h) + self.drawn(emotion)).unflatten(1, (n, CLASSES)) + stay) / self.temperature


def sample(context, features, neutral, seed, emotion=None, past=None):
    """features [T, F], emotion [22] -> upper codes [T, heads] drawn with a seeded generator"""
    emotion = torch.zeros(COUNT_OCC) if emotion is None else emotion
    random = torch.Generator().manual_seed(seed)
    past = neutral[LIP_HEADS:].repeat(WINDOW, 1) if past is None else past
    out = []
    with torch.no_grad():
        for f in features:
            p = torch.softmax(context(past[None], f[None], emotion[None])[0], -1)
            code = torch.multinomial(p, 1, generator=random)[:, 0]
            out.append(code)
            past = torch.cat([past[1:], code[None]])
    return torch.stack(out)


@torch.no_grad()
def pairs(codec, engines, encoder, shards):
    """-> [(upper codes [T, heads], features [T, F], emotion [22])]: the teacher's upper face and the prosody that the trained encoder hears."""
    server = hasattr(encoder, 'layers')
    stream = (ServerStreaming if server else Streaming)(encoder, lip_head('server' if server else 'small', Geometry(), codec)).eval()

    def hear(y):
        """[1, 800 n] -> features [n, F]; the server encoder takes blocks"""
        state, out = torch.zeros(1, stream.state_size), []
        y = torch.nn.functional.pad(y, (0, -y.shape[1] % 2400))
        for piece in torch.split(y, 2400, 1) if server else [y]:
            _, f, state = stream(piece, state)
            out.append(f[0])
        return torch.cat(out)

    teacher, out = Teacher(), []
    for e in engines:
        for k, item in enumerate(read(e, shards=shards)):
            for version in range(3):  # the same sentence, another performance
                random = np.random.default_rng([7 + version, k, len(e)])
                emotion = draw(random, .3)
                upper = teacher.motion(item, random, lips=False, emotion=emotion)[1]
                n = len(upper)
                if emotion.any():  # an expression comes over a resting face, within a second of the first word
                    calm = teacher.motion(item, np.random.default_rng([7 + version, k, len(e)]), lips=False)[1]
                    r = np.clip((np.arange(n) / FPS - .1) / np.random.default_rng(k).uniform(.4, .9), 0, 1)[:, None]
                    r = r * r * (3 - 2 * r)
                    upper = ((1 - r) * calm + r * upper).astype(np.float32)
                # An utterance starts from rest: head, gaze and brows drift away from there, they do not jump.
                r = np.clip(np.arange(n) / FPS / 1.2, 0, 1)[:, None]
                r = r * r * (3 - 2 * r)
                upper = ((1 - r) * codec_module.rest_upper().numpy() + r * upper).astype(np.float32)
                if version == 0:
                    y = np.zeros((n + LOOKAHEAD) * FRAME, np.float32)
                    y[:n * FRAME] = item['audio'][:n * FRAME] / 32768.
                    features = hear(torch.tensor(y)[None])[LOOKAHEAD:LOOKAHEAD + n]
                still = torch.zeros(1, n, COUNT)
                codes = codec.encode(still, torch.tensor(upper)[None], torch.zeros(1, n, codec_module.MELS))[0, :, LIP_HEADS:]
                before = codec.neutral[None, LIP_HEADS:].expand(WINDOW, -1)  # what an utterance starts from
                out.append((torch.cat([before, codes]), torch.cat([features[:1].expand(WINDOW, -1), features]), torch.tensor(emotion)))
    silent = hear(torch.randn(1, FRAME * 90) * 1e-4)[-1]
    for i in codec_module.idle_faces(count=30, seconds=20, seed=300, moods=False):
        codes = codec.encode(*(torch.tensor(i[k].astype(np.float32))[None] for k in ('lips', 'upper', 'mel')))[0, :, LIP_HEADS:]
        out.append((codes, silent.expand(len(codes), -1), torch.zeros(COUNT_OCC)))
    return out


def train(args):
    import train as train_module
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    codec, t0 = codec_module.load(), time.time()
    data = pairs(codec, args.engines.split(','), train_module.load(args.encoder, args.kind), args.shards)
    print(len(data), 'sequences', f'{time.time() - t0:.0f} s', flush=True)
    random, L = np.random.default_rng(args.seed), 72
    data = [d for d in data if len(d[0]) > L + 1]
    net = Context()
    optimiser, mean = torch.optim.AdamW(net.parameters(), 2e-3, weight_decay=.02), 0.
    for step in range(args.steps):
        for g in optimiser.param_groups:
            g['lr'] = 2e-3 * .5 * (1 + np.cos(np.pi * step / args.steps))
        rows = []
        for k in random.integers(0, len(data), args.batch):
            codes, features, emotion = data[k]
            a = 0 if random.random() < .35 else random.integers(0, len(codes) - L)
            rows.append((codes[a:a + L], features[a:a + L], emotion))
        codes, features, emotion = (torch.stack(r) for r in zip(*rows))  # [B, L, heads], [B, L, F]
        seen = codes.clone()
        wrong = torch.rand(seen.shape) < .03  # survive its own mistakes
        seen[wrong] = codes.flip(0)[wrong]
        z = net.score(F.dropout(net.embed(seen)[:, :, :-1], .1), seen[:, WINDOW - 1:-1], features[:, WINDOW:], emotion)
        loss = F.cross_entropy(z.permute(0, 3, 1, 2), codes[:, WINDOW:])
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.)
        optimiser.step()
        mean = loss.item() if not step else .98 * mean + .02 * loss.item()
        if step % 200 == 0 or step == args.steps - 1:
            print(step, f'nats a code {mean:.3f}', f'{time.time() - t0:.0f} s', flush=True)
    torch.save(dict(context=net.state_dict(), args=vars(args)), WORK / 'context.pt')


def load():
    net = Context()
    net.load_state_dict(torch.load(WORK / 'context.pt', weights_only=False)['context'])
    return net.eval()


@torch.no_grad()
def idle_codes(codec, seconds=80, seed=5):
    """A seamless loop of codes [frames, HEADS]: the teacher's idle face, encoded as if it had no beginning."""
    c = torch.tensor(idle(Teacher(), seconds, np.random.default_rng(seed)))
    three = c.repeat(3, 1)[None]
    codes = codec.encode(torch.zeros_like(three), three, torch.full((1, three.shape[1], codec_module.MELS), -3.5))[0, len(c):2 * len(c)]
    codes[:, :LIP_HEADS] = codec.neutral[:LIP_HEADS]
    return codes.numpy().astype(np.uint8)


if __name__ == '__main__':
    p = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    p.add_argument('--steps', type=int, default=2000)
    p.add_argument('--batch', type=int, default=32)
    p.add_argument('--encoder', default='server', help='run of train.py whose prosody features it hears; both kinds give the same six')
    p.add_argument('--kind', choices=['small', 'server'], default='server')
    p.add_argument('--engines', default='piper,kokoro')
    p.add_argument('--shards', type=int, default=20)
    p.add_argument('--seed', type=int, default=0)
    p.add_argument('--threads', type=int, default=1)
    train(p.parse_args())
