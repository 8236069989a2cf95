"""Trains an audio encoder on synthetic speech, end to end through the frozen codec. Resumable; TensorBoard in models/work/tensorboard.

    python models/train.py --kind server --name server-trunk --steps 1500           # phones, prosody, controls: needs no codec
    python models/train.py --kind server --name server --init server-trunk --codes --steps 2500
    python models/train.py --kind small --name small-trunk --distil server-trunk --steps 6000
    python models/train.py --kind small --name small --init small-trunk --distil server --codes --steps 4000

Augmentation: speed, vocal-tract length, room responses, white / pink / babble noise, Opus-like band limits, gain, equaliser, masks.
Whole voices are held out (kokoroheld) and watched; the real development clips are scored by evaluate.py, never trained on.
`server` also follows the tokens of the untouched Whisper encoder, which sees the whole crop (distillation); `small` follows a trained `server`.
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

import audio_encoder as small_model
import codec as codec_module
import server_encoder as server_model
from controls import CLASSES, COUNT, FPS, K, LIP_HEADS, LIPS
from data import read
from geometry import Geometry
from phones import PHONES, SPEECH, VOWELS, WORK
from teacher import GLIDE_APERTURE, GLIDES, OPEN_MM, TARGETS, Teacher, loudness

RATE, FRAME, LOOKAHEAD = 24000, 800, 3
SAMPLES = 72000  # 3 s
FRAMES, LABELS = SAMPLES // FRAME, SAMPLES // 240
VOWEL = np.array([p in VOWELS for p in PHONES])
WARPS = np.linspace(.84, 1.19, 15)
DELAY = 432  # samples: forced alignments of real speech run later than (realigned) engine labels; from the best lag on real speech
CLOSED_MM, TUCKED = .75, .4  # a frame counts as closed below this gap, as tucked above this rollLower
MARGIN = 3.  # weight of closures and tucks


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
        """-> audio [SAMPLES], phone, accent, loud [LABELS] at 100 Hz, lips [FRAMES, LIPS]"""
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
        return audio, phone, accent, loud, lips

    def __call__(self, items):
        """-> damaged audio, clean audio [B, SAMPLES]; phone, accent, loud [B, LABELS]; lips [B, FRAMES, LIPS]"""
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
        kind = torch.tensor(R.choice(4, (B, 1), p=[.25, .2, .4, .15]))
        snr = torch.tensor(R.uniform(2, 28, (B, 1)), dtype=torch.float32)
        snr = torch.where(kind == 3, snr.clamp(min=10), snr)
        noise = white * (kind == 1) + pink * (kind == 2) + unit(babble) * (kind == 3)
        y = y + noise * rms * 10 ** (-snr / 20)
        level = torch.where(rms > .003, .08 / rms, 1.)
        y = y * level * 10 ** (torch.tensor(R.uniform(-22, 10, (B, 1)), dtype=torch.float32) / 20)
        return y, clean, phone.long(), accent.float(), loud.float(), lips.float()


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


def batches(data, weights, size, seed):
    augment, R = Augment(seed), np.random.default_rng(seed + 1)
    names = [n for n in weights if n in data]
    p = np.array([weights[n] for n in names]) / sum(weights[n] for n in names)
    lengths = {n: np.array([len(i['phone']) for i in data[n]], float) for n in names}
    while True:
        picks = R.choice(len(names), size, p=p)
        yield augment([data[n][R.choice(len(data[n]), p=lengths[n] / lengths[n].sum())] for n in (names[k] for k in picks)])


class Lips(nn.Module):
    """The frozen codec's lips: logits -> controls, and the codes it would choose itself."""

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


class Articulate(nn.Module):
    """What to show when one is not sure: the mean of what the lips may be doing, but a closure or a tuck whole or not at all.

    The regression is the mean over everything the sound may mean; averaging over a closure and an open mouth gives lips that nearly meet, which
    looks like neither. Past `at`, the probability of a closure moves the mean onto the closed mouth, below it keeps it open.
    How far the lips open is, by the share `table`, the mean of the phones' apertures under their probabilities: on real speech that follows the true
    phones with r = .80 where the regression has .75; the rest keeps stress and loudness.
    """

    def __init__(self, geometry, at=.5, tuck_at=.5, width=.08, table=.7):
        super().__init__()
        self.at, self.tuck_at, self.width, self.table = at, tuck_at, width, table
        self.register_buffer('apertures', torch.tensor([GLIDE_APERTURE[p] if p in GLIDES else TARGETS[p][0] for p in PHONES], dtype=torch.float32))
        self.register_buffer('gap', torch.tensor(geometry.gap[LIPS], dtype=torch.float32))
        self.register_buffer('pairs', torch.tensor(geometry.pairs[LIPS], dtype=torch.float32))
        self.unit = geometry.unit_mm
        self.jaw, self.close = LIPS.index(K['jawOpen']), LIPS.index(K['mouthClose'])
        index = lambda *names: [LIPS.index(K[n]) for n in names]
        self.lowers = index('mouthLowerDownLeft', 'mouthLowerDownRight')
        self.uppers = index('mouthUpperUpLeft', 'mouthUpperUpRight')
        self.roll, self.funnel = LIPS.index(K['mouthRollLower']), LIPS.index(K['mouthFunnel'])
        self.press = index('mouthPressLeft', 'mouthPressRight')

    @torch.no_grad()
    def forward(self, controls, closure, tuck, silence, phones):
        """controls [..., LIPS], probabilities [...], of phones [..., 40] -> controls [..., LIPS]"""
        c = controls.clamp(min=0).clone()
        shut, tucked = (torch.sigmoid((p - a) / self.width) for p, a in ((closure, self.at), (tuck, self.tuck_at)))
        shut = torch.maximum(shut, torch.sigmoid((phones[..., 0] - .75) / self.width))  # a pause closes the mouth
        tucked = tucked * (1 - shut)
        c[..., self.close] = 0
        opening = (1 - self.table) * (controls @ self.gap).clamp(min=0) + self.table * (phones @ self.apertures) * OPEN_MM / self.unit
        opening = torch.maximum(opening, (1 - phones[..., 0]) * .05 * OPEN_MM / self.unit)  # speech is open wherever it is not closed
        opening = opening * (1 - shut)
        opening = opening * (1 - tucked) + tucked * .13 * OPEN_MM / self.unit
        for i in self.lowers:
            c[..., i] = c[..., i] * (1 - shut) * (1 - tucked)
        for i in self.uppers:
            c[..., i] = torch.maximum(c[..., i] * (1 - shut), .3 * tucked)
        c[..., self.funnel] = c[..., self.funnel] * (1 - .7 * shut) * (1 - .6 * tucked)
        c[..., self.roll] = torch.maximum(c[..., self.roll] * (1 - .8 * shut), .75 * tucked)
        for i in self.press:
            c[..., i] = .12 * shut * (1 - silence)
        c[..., self.jaw] = 0
        c[..., self.jaw] = torch.maximum(opening - c @ self.gap, torch.maximum(.05 * shut * (1 - silence), .025 * tucked))
        need = ((c @ self.pairs) / -self.pairs[self.close]).amax(-1)
        c[..., self.close] = (shut * need).clamp(0, 1)
        return c


def run(kind, net, x, offset=None):
    """-> logits, frame phones [B, n, 40], prosody [B, n, 3], regress [B, n, LIPS + 2], extra (60 Hz phones or (token phones, tokens))"""
    if kind == 'server':
        logits, phone, prosody, regress, token_phones, tokens = net(x, offset)
        return logits, phone, prosody, regress, (token_phones, tokens)
    logits, phones, prosody, regress, _ = net.read(net.trunk(x)[0])
    return logits, phones[:, 1::2], prosody[:, 1::2], regress, phones


def losses(args, net, batch, front, lips_model, criterion, articulate, teachers):
    y, clean, phone, accent, loud, lips = batch
    B, L = len(y), LOOKAHEAD
    offset = torch.randint(0, server_model.POSITIONS, (B,)) if args.kind == 'server' else None
    x = front(y)
    with torch.autocast('cpu', torch.bfloat16):
        logits, phones, prosody, regress, extra = run(args.kind, net, x, offset)
    logits, phones, prosody, regress = logits.float(), phones.float(), prosody.float(), regress.float()
    at = (torch.arange(FRAMES - L) * FRAME) // 240
    target, sound, accents = phone[:, at], loud[:, at], accent[:, at]
    weight = torch.where(target == 0, .5, 1.)
    ce = lambda z, t, w: (F.cross_entropy(z.transpose(1, 2), t, label_smoothing=.05, reduction='none') * w).mean()
    out = dict(phone=ce(phones[:, L:], target, weight))
    if args.kind == 'server':
        token_phones, tokens = extra
        t = phone[:, 1::2]  # token u is for sample 480 (u - 3); its 20 ms begin 10 ms earlier
        n = t.shape[1] - 3
        if args.head_only:
            tokens = tokens.detach()
        out['token'] = ce(token_phones[:, 3:3 + n].float(), t[:, :n], torch.where(t[:, :n] == 0, .5, 1.))
        if not args.head_only:
            with torch.autocast('cpu', torch.bfloat16):
                aim = teachers['whisper'](front.clean(y))
            a, b = tokens[:, :-6].float(), aim[:, :-6].float()
            out['distil'] = (1 - F.cosine_similarity(a, b, -1)).mean()
    else:
        t = phone[:, (torch.arange(2 * (FRAMES - L)) * 400) // 240]
        out['token'] = ce(extra[:, 2 * L:].float(), t, torch.where(t == 0, .5, 1.))
    marked = (accent.amax(1) > 0).float()[:, None]  # flite's labels carry no stress
    out['prosody'] = (F.binary_cross_entropy_with_logits(prosody[:, L:, 0], (target > 0).float())
                      + (F.binary_cross_entropy_with_logits(prosody[:, L:, 1], accents, reduction='none') * marked).mean()
                      + 4 * (torch.sigmoid(prosody[:, L:, 2]) - sound.clamp(max=1)).pow(2).mean())
    true = torch.zeros(B, FRAMES, COUNT)
    true[..., LIPS] = lips
    made = torch.zeros(B, FRAMES - L, COUNT)
    made[..., LIPS] = regress[:, L:, :-2]
    gap = (true @ articulate.full) * articulate.unit
    shut, tucked = (gap < CLOSED_MM).float()[:, :-L], (true[..., K['mouthRollLower']] > TUCKED).float()[:, :-L]
    out['regress'] = criterion(made, true[:, :-L]) + 20 * ((made - true[:, :-L]) @ articulate.full).pow(2).mean()
    events = lambda z, t: F.binary_cross_entropy_with_logits(z, t, pos_weight=torch.tensor(1.5))
    out['closure'], out['tuck'] = events(regress[:, L:, -2], shut), events(regress[:, L:, -1], tucked)
    total = 0. if args.head_only else out['phone'] + .5 * out['prosody'] + .3 * out['regress'] + .5 * out['token'] + MARGIN * (out['closure'] + out['tuck'])
    if args.kind == 'server' and not args.head_only:
        total = total + args.follow * out['distil']
    soft_target = None
    if 'server' in teachers:
        with torch.no_grad(), torch.autocast('cpu', torch.bfloat16):
            t_logits, t_phone, _, t_regress, _ = run('server', teachers['server'], teachers['front'].clean(clean * (.08 / (clean.std(1, keepdim=True) + 1e-3))))
        q = torch.softmax(t_phone[:, L:].float(), -1)
        p_shut, p_tuck = torch.sigmoid(t_regress[:, L:, -2].float()), torch.sigmoid(t_regress[:, L:, -1].float())
        out['follow'] = -(q * F.log_softmax(phones[:, L:], -1)).sum(-1).mean()
        mine = torch.zeros_like(made)
        mine[..., LIPS] = t_regress[:, L:, :-2].float()
        total = total + args.follow * (out['follow'] + .3 * criterion(made, mine) + 6 * ((made - mine) @ articulate.full).pow(2).mean()
                                       + MARGIN * (F.binary_cross_entropy_with_logits(regress[:, L:, -2], p_shut) + F.binary_cross_entropy_with_logits(regress[:, L:, -1], p_tuck)))
    if lips_model is not None:
        W = codec_module.WINDOW
        frame = small_model.running_mean(small_model.whole(clean))[0].reshape(B, FRAMES, 4, small_model.MELS).mean(2)[:, 2:]  # as codec.frame_mel: frame n's own sound
        shown = torch.zeros(B, FRAMES - L, COUNT)
        silence = 1 - torch.sigmoid(prosody[:, L:, 0].detach())
        shown[..., LIPS] = articulate(regress[:, L:, :-2].detach(), torch.sigmoid(regress[:, L:, -2].detach()), torch.sigmoid(regress[:, L:, -1].detach()), silence,
                                    torch.softmax(phones[:, L:].detach(), -1))
        # What the net knows, articulated; closures that it missed but that are there, as they should be.
        aim = lips_model.targets(shown[:, :FRAMES - L], frame[:, :FRAMES - L])
        z = logits[:, L:]
        out['code'] = -(aim * F.log_softmax(z, -1)).sum(-1).mean()
        noise = -torch.log(-torch.log(torch.rand_like(z).clamp(1e-9, 1 - 1e-7)))
        soft = torch.softmax(z + args.gumbel * noise, -1)
        hard = F.one_hot(soft.argmax(-1), CLASSES).float() + soft - soft.detach()
        face = lips_model(hard)
        out['face'] = criterion(face, shown[:, W - 1:]) + (60 if args.head_only else 20) * ((face - shown[:, W - 1:]) @ articulate.full).pow(2).mean()
        total = total + (.1 if args.head_only else .25) * out['code'] + 1.5 * out['face']
    return total, out


@torch.no_grad()
def held_out(kind, net, front, items, geometry):
    """Phone accuracy and lip-gap correlation on voices never trained on."""
    was = net.training
    net.eval()
    right, total, a, b = 0, 0, [], []
    for i in items:
        n = len(i['audio']) // FRAME // 3 * 3
        y = F.pad(torch.tensor(i['audio'][:n * FRAME].astype(np.float32) / 32768), (0, LOOKAHEAD * FRAME))[None]
        with torch.autocast('cpu', torch.bfloat16):
            _, phones, _, controls, _ = run(kind, net, front.clean(y))
        at = np.minimum(np.arange(n) * FRAME // 240, len(i['phone']) - 1)
        p = phones[0, LOOKAHEAD:].float().argmax(-1).numpy()[:n]
        right, total = right + (p == i['phone'][at]).sum(), total + n
        a.append(controls[0, LOOKAHEAD:LOOKAHEAD + n, :-2].float().numpy() @ geometry.gap[LIPS])
        b.append(i['lips'][at].astype(np.float32) @ geometry.gap[LIPS])
    net.train(was)
    return right / total, np.corrcoef(np.concatenate(a), np.concatenate(b))[0, 1]


def from_export(net, path, mel):
    """Puts an exported small encoder's weights back into a net that can be trained on; the checkpoints themselves are in no repository.

    Exports have the batch norms folded into the convolutions. Each gets the statistics of its input on `mel` [B, 4n, MELS] and undoes them.
    """
    import onnx
    graph = onnx.load(path).graph
    value = {i.name: torch.tensor(onnx.numpy_helper.to_array(i)) for i in graph.initializer}
    conv = {n.name.strip('/').removesuffix('/Conv').replace('/', '.'): [value[i] for i in n.input[1:]] for n in graph.node if n.op_type == 'Conv' and n.input[1] in value}
    plain = {k: v for k, v in ((k, value.get('net.' + k)) for k in net.state_dict()) if v is not None and v.shape == net.state_dict()[k].shape}
    net.load_state_dict(plain, strict=False)
    pairs = [('inward', net.inward, net.norm)]
    for k, b in enumerate(net.blocks):
        pairs += [(f'blocks.{k}.wide', b.wide, b.norm), (f'blocks.{k}.point', b.point, b.norm2)]
    net.eval()
    for name, layer, norm in pairs:
        weight, bias = conv[name]
        layer.weight.data.copy_(weight)
        norm.weight.data.fill_(1), norm.bias.data.copy_(bias), norm.running_mean.zero_(), norm.running_var.fill_(1 - norm.eps)
    seen = {}
    hooks = [layer.register_forward_hook(lambda m, i, o, name=name: seen.__setitem__(name, o.detach())) for name, layer, _ in pairs]
    with torch.no_grad():
        net.trunk(mel)
    for h in hooks:
        h.remove()
    for name, _, norm in pairs:
        mean, var = seen[name].mean((0, 2)), seen[name].var((0, 2))
        norm.running_mean.copy_(mean), norm.running_var.copy_(var)
        norm.weight.data.copy_((var + norm.eps).sqrt()), norm.bias.data.add_(mean)
    return net


def build(kind):
    return server_model.ServerEncoder() if kind == 'server' else small_model.AudioEncoder()


def load(name, kind):
    net = build(kind)
    net.load_state_dict(torch.load(WORK / f'encoder-{name}.pt', weights_only=False)['net'])
    return net.eval()


def main(args):
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    geometry, t0 = Geometry(), time.time()
    weights = {k: float(v) for k, v in (w.split(':') for w in args.mix.split(','))}
    data = corpus(weights, args.shards)
    print({k: f'{sum(len(i["phone"]) for i in v) / 6000:.0f} min' for k, v in data.items()}, f'{time.time() - t0:.0f} s', flush=True)
    watch = corpus(['kokoroheld']).get('kokoroheld', [])[:12]
    net, teachers = build(args.kind), {}
    if args.kind == 'server':
        w = server_model.whisper_weights()
        teachers['whisper'] = server_model.Whisper(w).eval()
        if not args.init:
            net.load_whisper(w)
    elif args.distil:
        teachers.update(server=load(args.distil, 'server'), front=Front('server', 0))
    slow = [p for n, p in net.named_parameters() if args.kind == 'server' and n.startswith(('conv', 'layers', 'norm'))]
    slow_ids = {id(p) for p in slow}
    fast = [p for p in net.parameters() if id(p) not in slow_ids]
    if args.head_only:  # the code head alone: all else stays, bit for bit
        net.requires_grad_(False)
        net.code.requires_grad_(True)
        slow, fast = [], list(net.code.parameters())
    optimiser = torch.optim.AdamW([dict(params=fast, rate=args.lr), dict(params=slow, rate=args.slow)] if slow else [dict(params=fast, rate=args.lr)], args.lr, weight_decay=.01)
    path, start = WORK / f'encoder-{args.name}.pt', 0
    if path.exists() and not args.fresh:
        saved = torch.load(path, weights_only=False)
        net.load_state_dict(saved['raw'])
        optimiser.load_state_dict(saved['optimiser'])
        start = saved['step']
    elif args.init:
        known = torch.load(WORK / f'encoder-{args.init}.pt', weights_only=False)['net']
        mine = net.state_dict()
        net.load_state_dict({k: v for k, v in known.items() if k in mine and v.shape == mine[k].shape}, strict=False)
        print('new:', [k for k in mine if k not in known or known[k].shape != mine[k].shape], flush=True)
    elif args.init_export:
        some = next(batches(data, weights, 32, args.seed + 99))
        from_export(net, args.init_export, Front(args.kind, args.seed + 98)(some[0]))
    lips_model = Lips(codec_module.load()) if args.codes else None
    criterion = codec_module.VertexLoss(geometry, ajar=8.)
    articulate = Articulate(geometry, args.close_at, args.tuck_at)
    articulate.full = torch.tensor(geometry.gap, dtype=torch.float32)
    front = Front(args.kind, args.seed + start)
    from torch.utils.tensorboard import SummaryWriter
    log, mean = SummaryWriter(WORK / 'tensorboard' / args.name), {}
    # What is kept and scored is the average over the last hundred steps or so: single steps scatter by .02 on real speech.
    average = {k: v.clone() for k, v in (saved['net'] if start else net.state_dict()).items()}
    twin = build(args.kind)

    def keep(steps):
        twin.load_state_dict(average)
        accuracy, r = held_out(args.kind, twin, front, watch, geometry)
        log.add_scalar('held/phone', accuracy, steps)
        log.add_scalar('held/gap', r, steps)
        torch.save(dict(net=average, raw=net.state_dict(), optimiser=optimiser.state_dict(), step=steps, args=vars(args)), path.with_suffix('.tmp'))
        path.with_suffix('.tmp').rename(path)
        print(steps, ' '.join(f'{k} {v:.3f}' for k, v in mean.items()), f'held phone {accuracy:.3f} gap r {r:.3f}', f'{time.time() - t0:.0f} s', flush=True)

    net.train(not args.head_only)
    began, step = time.time(), start - 1
    for step, batch in zip(range(start, args.steps), batches(data, weights, args.batch, args.seed + start)):
        done = max(step / args.steps, (time.time() - began) / 60 / args.minutes)
        if done >= 1:
            break
        for g in optimiser.param_groups:
            g['lr'] = g['rate'] * min(1., (step - start + 1) / 100) * (.03 + .97 * .5 * (1 + np.cos(np.pi * done)))
        total, parts = losses(args, net, batch, front, lips_model, criterion, articulate, teachers)
        optimiser.zero_grad()
        total.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.)
        optimiser.step()
        fresh = 1 - min(.99, (step - start + 1) / (step - start + 10))
        for k, v in net.state_dict().items():
            average[k] = torch.lerp(average[k], v, fresh) if v.is_floating_point() else v.clone()
        mean = {k: .98 * mean.get(k, v.item()) + .02 * v.item() for k, v in parts.items()}
        if step % 25 == 0:
            for k, v in mean.items():
                log.add_scalar(k, v, step)
        if step % 150 == 149:
            keep(step + 1)
    keep(step + 1)


if __name__ == '__main__':
    p = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    p.add_argument('--kind', choices=['small', 'server'], default='small')
    p.add_argument('--name', default='main')
    p.add_argument('--init', help='start from the weights of another run')
    p.add_argument('--init-export', help='small: go on from an exported encoder-small.onnx')
    p.add_argument('--distil', help='small: the server run that it follows')
    p.add_argument('--follow', type=float, default=1., help='weight of distillation')
    p.add_argument('--codes', action='store_true', help='train the codes through the frozen codec')
    p.add_argument('--mix', default='piper:.25,kokoro:.45,flite:.3', help='engine:share, ...')
    p.add_argument('--shards', type=int)
    p.add_argument('--steps', type=int, default=4000)
    p.add_argument('--minutes', type=float, default=1e9, help='stop, with the learning rate annealed, after so long')
    p.add_argument('--batch', type=int, default=16)
    p.add_argument('--lr', type=float, default=2e-3)
    p.add_argument('--slow', type=float, default=1.5e-4, help='learning rate of what came pretrained')
    p.add_argument('--head-only', action='store_true', help='with --codes: train nothing but the code head')
    p.add_argument('--gumbel', type=float, default=.15)
    p.add_argument('--close-at', type=float, default=.5)
    p.add_argument('--tuck-at', type=float, default=.5)
    p.add_argument('--seed', type=int, default=0)
    p.add_argument('--threads', type=int, default=1)
    p.add_argument('--fresh', action='store_true')
    main(p.parse_args())
