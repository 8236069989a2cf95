"""Trains an audio encoder on synthetic speech: phones, prosody, controls, closures. Resumable; TensorBoard in models/work/tensorboard.

    python models/train.py --kind server --name server --steps 1500
    python models/train.py --kind small --name small --distil server --steps 6000

No codec is needed: articulate.py and the codec's lip encoder turn what is learnt here into codes. Augmentation: augment.py. Whole voices are held out (kokoroheld) and watched; the real development clips are scored by evaluate.py, never trained on.
`server` also follows the tokens of the untouched Whisper encoder, which sees the whole crop (distillation); `small` follows a trained `server`.
"""
import argparse
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import audio_encoder as small_model
import server_encoder as server_model
from articulate import CLOSED_MM, TUCKED
from augment import FRAME, FRAMES, Front, batches, corpus
from codec import VertexLoss
from controls import COUNT, K, LIPS
from geometry import Geometry
from phones import WORK

LOOKAHEAD = small_model.LOOKAHEAD
MARGIN = 3.  # weight of closures and tucks


def run(kind, net, x, offset=None):
    """-> frame phones [B, n, 40], prosody [B, n, 3], regress [B, n, LIPS + 2], extra (60 Hz phones or (token phones, tokens))"""
    if kind == 'server':
        phone, prosody, regress, token_phones, tokens = net(x, offset)
        return phone, prosody, regress, (token_phones, tokens)
    phones, prosody, regress = net.read(net.trunk(x)[0])
    return phones[:, 1::2], prosody[:, 1::2], regress, phones


def losses(args, net, batch, front, criterion, gap, whisper):
    """gap [56]: the lips' opening as a function of the controls -> total, its parts"""
    y, clean, phone, accent, loud, lips, taught, murk = batch
    B, L = len(y), LOOKAHEAD
    offset = torch.randint(0, server_model.POSITIONS, (B,)) if args.kind == 'server' else None
    x = front(y)
    with torch.autocast('cpu', torch.bfloat16):
        phones, prosody, regress, extra = run(args.kind, net, x, offset)
    phones, prosody, regress = phones.float(), prosody.float(), regress.float()
    at = (torch.arange(FRAMES - L) * FRAME) // 240
    target, sound, accents = phone[:, at], loud[:, at], accent[:, at]
    weight = torch.where(target == 0, .5, 1.)
    ce = lambda z, t, w: (F.cross_entropy(z.transpose(1, 2), t, label_smoothing=.05, reduction='none') * w).mean()
    out = dict(phone=ce(phones[:, L:], target, weight))
    if args.kind == 'server':
        token_phones, tokens = extra
        t = phone[:, 1::2]  # token u is for sample 480 (u - 3); its 20 ms begin 10 ms earlier
        n = t.shape[1] - 3
        out['token'] = ce(token_phones[:, 3:3 + n].float(), t[:, :n], torch.where(t[:, :n] == 0, .5, 1.))
        with torch.autocast('cpu', torch.bfloat16):
            aim = whisper(front.clean(clean * (.08 / (clean.std(1, keepdim=True) + 1e-3))))  # what it hears without the damage
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
    shut, tucked = (true @ gap < CLOSED_MM / args.unit_mm).float()[:, :-L], (true[..., K['mouthRollLower']] > TUCKED).float()[:, :-L]
    out['regress'] = criterion(made, true[:, :-L]) + 20 * ((made - true[:, :-L]) @ gap).pow(2).mean()
    # In noise the sound says less, and a closure that is missed looks worse than one too many: there the events count more.
    def events(z, t, more, usual=1.5):
        weight = 1 + t * (usual * torch.exp(more * murk)[:, None] - 1)
        return (F.binary_cross_entropy_with_logits(z, t, reduction='none') * weight).mean()

    out['closure'], out['tuck'] = events(regress[:, L:, -2], shut, args.firm), events(regress[:, L:, -1], tucked, args.firm / 2)
    total = out['phone'] + .5 * out['prosody'] + .3 * out['regress'] + .5 * out['token'] + MARGIN * (out['closure'] + out['tuck'])
    if args.kind == 'server':
        total = total + args.follow * out['distil']
    if taught.shape[-1]:
        q, mine = taught[:, :-L, :phones.shape[-1]], torch.zeros_like(made)
        mine[..., LIPS] = taught[:, :-L, phones.shape[-1]:-2]
        shut, tucked = taught[:, :-L, -2], taught[:, :-L, -1]
        out['follow'] = -(q * F.log_softmax(phones[:, L:], -1)).sum(-1).mean()
        total = total + args.follow * (out['follow'] + .3 * criterion(made, mine) + 6 * ((made - mine) @ gap).pow(2).mean()
                                       + MARGIN * (events(regress[:, L:, -2], shut, args.firm, 1.) + events(regress[:, L:, -1], tucked, args.firm / 2, 1.)))
    return total, out


@torch.no_grad()
def teach(items, net):
    """Adds what a trained server encoder hears of each clean utterance: taught [n, 40 + LIPS + 2], probabilities and controls at 30 fps."""
    front = Front('server', 0)
    for i in items:
        n = -(-len(i['audio']) // 2400) * 3
        y = np.zeros((n + LOOKAHEAD) * FRAME, np.float32)
        y[:len(i['audio'])] = i['audio'] / 32768
        with torch.autocast('cpu', torch.bfloat16):
            phone, _, regress, _ = run('server', net, front.clean(torch.tensor(y * .08 / (y.std() + 1e-3))[None]))
        phone, regress = phone[0, LOOKAHEAD:].float(), regress[0, LOOKAHEAD:].float()
        i['taught'] = torch.cat([torch.softmax(phone, -1), regress[:, :-2], torch.sigmoid(regress[:, -2:])], -1).numpy().astype(np.float16)


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
            phones, _, controls, _ = run(kind, net, front.clean(y))
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
    value.update({k[:-5]: v * value[k[:-5] + '.scale'] for k, v in value.items() if k.endswith('.int8')})  # see export.compress
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


def widen(net, known):
    """Puts a narrower small net's weights into one of twice its width that computes the same: every channel twice, its uses shared unevenly between the
    two, so that they grow apart (Net2WiderNet: Chen et al. 2016, https://arxiv.org/abs/1511.05641)."""
    for name, p in net.state_dict().items():
        v = known[name]
        for axis in range(v.dim()):
            times = p.shape[axis] // v.shape[axis]
            if times == 2 and axis == 0:
                v = v.repeat_interleave(2, 0)
            elif times == 2:
                share = .5 + .25 * (2 * torch.rand(v.shape) - 1)
                v = torch.stack([v * share, v * (1 - share)], axis + 1).flatten(axis, axis + 1)
        p.copy_(v)
    return net


def build(kind, width=small_model.WIDTH):
    return server_model.ServerEncoder() if kind == 'server' else small_model.AudioEncoder(width)


def load(name, kind):
    known = torch.load(WORK / f'encoder-{name}.pt', weights_only=False)['net']
    net = build(kind, len(known['norm.weight']))
    net.load_state_dict(known)
    return net.eval()


def main(args):
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    geometry, t0 = Geometry(), time.time()
    weights = {k: float(v) for k, v in (w.split(':') for w in args.mix.split(','))}
    data = corpus(weights, args.shards)
    print({k: f'{sum(len(i["phone"]) for i in v) / 6000:.0f} min' for k, v in data.items()}, f'{time.time() - t0:.0f} s', flush=True)
    watch = corpus(['kokoroheld']).get('kokoroheld', [])[:12]
    net, whisper = build(args.kind, args.width), None
    if args.kind == 'server':
        w = server_model.whisper_weights()
        whisper = server_model.Whisper(w).eval()
        if not args.init:
            net.load_whisper(w)
    elif args.distil:
        for items in data.values():
            teach(items, load(args.distil, 'server'))
        print('taught', f'{time.time() - t0:.0f} s', flush=True)
    slow = [p for n, p in net.named_parameters() if args.kind == 'server' and n.startswith(('conv', 'layers', 'norm'))]
    slow_ids = {id(p) for p in slow}
    fast = [p for p in net.parameters() if id(p) not in slow_ids]
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
        if args.kind == 'small' and 2 * len(known['norm.weight']) == args.width:
            widen(net, known)
        else:
            net.load_state_dict({k: v for k, v in known.items() if k in mine and v.shape == mine[k].shape}, strict=False)
            print('new:', [k for k in mine if k not in known or known[k].shape != mine[k].shape], flush=True)
    elif args.init_export:
        some = next(batches(data, weights, 32, args.seed + 99))
        from_export(net, args.init_export, Front(args.kind, args.seed + 98)(some[0]))
    criterion, args.unit_mm = VertexLoss(geometry, ajar=8.), geometry.unit_mm
    gap = torch.tensor(geometry.gap, dtype=torch.float32)
    front = Front(args.kind, args.seed + start)
    from torch.utils.tensorboard import SummaryWriter
    log, mean = SummaryWriter(WORK / 'tensorboard' / args.name), {}
    # What is kept and scored is the average over the last hundred steps or so: single steps scatter by .02 on real speech.
    average = {k: v.clone() for k, v in (saved['net'] if start else net.state_dict()).items()}
    twin = build(args.kind, args.width)

    def keep(steps):
        twin.load_state_dict(average)
        accuracy, r = held_out(args.kind, twin, front, watch, geometry)
        log.add_scalar('held/phone', accuracy, steps)
        log.add_scalar('held/gap', r, steps)
        torch.save(dict(net=average, raw=net.state_dict(), optimiser=optimiser.state_dict(), step=steps, args=vars(args)), path.with_suffix('.tmp'))
        path.with_suffix('.tmp').rename(path)
        print(steps, ' '.join(f'{k} {v:.3f}' for k, v in mean.items()), f'held phone {accuracy:.3f} gap r {r:.3f}', f'{time.time() - t0:.0f} s', flush=True)

    net.train()
    began, step = time.time(), start - 1
    for step, batch in zip(range(start, args.steps), batches(data, weights, args.batch, args.seed + start, args.snr)):
        done = max(step / args.steps, (time.time() - began) / 60 / args.minutes)
        if done >= 1:
            break
        for g in optimiser.param_groups:
            g['lr'] = g['rate'] * min(1., (step - start + 1) / 100) * (.03 + .97 * .5 * (1 + np.cos(np.pi * done)))
        total, parts = losses(args, net, batch, front, criterion, gap, whisper)
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
    p.add_argument('--width', type=int, default=small_model.WIDTH, help='small: channels; with --init of half of it, that net is widened')
    p.add_argument('--init', help='start from the weights of another run')
    p.add_argument('--init-export', help='small: go on from an exported encoder-small.onnx')
    p.add_argument('--distil', help='small: the server run that it follows')
    p.add_argument('--follow', type=float, default=1., help='weight of distillation')
    p.add_argument('--mix', default='piper:.25,kokoro:.45,flite:.3', help='engine:share, ...')
    p.add_argument('--shards', type=int)
    p.add_argument('--steps', type=int, default=4000)
    p.add_argument('--minutes', type=float, default=1e9, help='stop, with the learning rate annealed, after so long')
    p.add_argument('--batch', type=int, default=16)
    p.add_argument('--lr', type=float, default=2e-3)
    p.add_argument('--slow', type=float, default=1.5e-4, help='learning rate of what came pretrained')
    p.add_argument('--snr', type=lambda v: tuple(map(float, v.split(','))), default=(2, 28), help='range of the noise, dB, of the three crops in four that get some')
    p.add_argument('--firm', type=float, default=0., help='how much more a missed closure weighs in noise: exp(firm) at 10 dB')
    p.add_argument('--seed', type=int, default=0)
    p.add_argument('--threads', type=int, default=1)
    p.add_argument('--fresh', action='store_true')
    main(p.parse_args())
