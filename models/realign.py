"""Moves the phone boundaries that the speech engines report to where a trained encoder hears them (Viterbi in a band about the reported times).

    python models/realign.py kokoro piper --name server-trunk     # writes models/work/speech/<engine>R_<nnnn>.npz: train with the mix kokoroR:.5, ...

An engine's durations are those of its alignment model, blurred by its frame (11.6 ms Piper, 25 ms Kokoro) and by how far phones overlap. Prints the shifts.
"""
import argparse

import numpy as np
import torch

import train as train_module
from augment import DELAY, Front
from data import OUT, SHARD, read, write_shard

BAND = 7  # labels of 10 ms on each side


def best_path(log_p, start, end):
    """log_p [T, N] of the N phones in order, their reported spans [start, end) -> index of the phone at each label, or None"""
    T, N = log_p.shape
    t = np.arange(T)[:, None]
    e = np.where((t >= start - BAND) & (t < end + BAND), log_p, -1e9)
    v = np.full(N, -1e18)
    v[0] = e[0, 0]
    advanced = np.zeros((T, N), bool)
    for k in range(1, T):
        m = np.r_[-1e18, v[:-1]]
        advanced[k] = m > v
        v = np.maximum(m, v) + e[k]
    if v[-1] < -1e8:
        return None
    path, s = np.zeros(T, int), N - 1
    for k in range(T - 1, -1, -1):
        path[k] = s
        s -= advanced[k, s]
    return path if s == 0 else None


@torch.no_grad()
def main(args):
    torch.set_num_threads(args.threads)
    net, front = train_module.load(args.name, 'server'), Front('server', 0)
    for engine in args.engines:
        out, shifts = [], []
        for i in read(engine):
            n = -(-len(i['audio']) // 2400) * 2400
            y = np.zeros(n + 4800, np.float32)
            y[:len(i['audio'])] = i['audio'] / 32768
            with torch.autocast('cpu', torch.bfloat16):
                z = net(front.clean(torch.tensor(y)[None]))[3][0].float()
            p = torch.log_softmax(z, -1).numpy()
            T = len(i['phone'])
            at = (np.arange(T) + .5) / 2 + 3 - .5 + DELAY / 480  # token u is for sample 480 (u - 3), and was trained DELAY late
            low = np.clip(np.floor(at).astype(int), 0, len(p) - 2)
            f = np.clip(at - low, 0, 1)[:, None]
            log_p = np.maximum(p[low] * (1 - f) + p[low + 1] * f, -9)
            label = i['phone'].astype(int) * 4 + i['stress']
            cut = np.flatnonzero(np.diff(label)) + 1
            start, end = np.r_[0, cut], np.r_[cut, T]
            path = best_path(log_p[:, i['phone'][start]], start, end)
            if path is not None:
                new = np.array([np.argmax(path == k) for k in range(len(start))])
                shifts.append(new[1:] - start[1:])
                i = dict(i, phone=i['phone'][start][path], stress=i['stress'][start][path])
            out.append((i['audio'].astype(np.float32) / 32768, i['phone'], i['stress'], i['voice'], i['id']))
        for k in range(0, len(out), SHARD):
            write_shard(OUT / f'{engine}R_{k // SHARD:04d}.npz', out[k:k + SHARD])
        s = np.concatenate(shifts) * 10
        print(f'{engine}: {len(shifts)} of {len(out)} utterances, boundaries moved by {s.mean():+.1f} ms on average (median {np.median(s):.0f}, spread {s.std():.1f}), {100 * (abs(s) > 30).mean():.0f} % by more than 30', flush=True)


if __name__ == '__main__':
    p = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    p.add_argument('engines', nargs='+')
    p.add_argument('--name', default='server-trunk')
    p.add_argument('--threads', type=int, default=1)
    main(p.parse_args())
