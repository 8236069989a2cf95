"""Real speech that nobody labelled, labelled by a trained `server` encoder on the clean sound, so that training can put noise on a real voice.

    python models/listen.py --name server-b     # writes models/work/speech/heard_<nnnn>.npz: train with the mix ..., heard:.1

The recordings: FACEGOOD's performance (11 minutes of Mandarin, one voice, MIT), FLAC files in PARLEY_FACEGOOD_DATA. The labels are English phones as the encoder hears
them, wrong where it is; what is learnt from them is to hear the same under noise.
"""
import argparse
import os
from pathlib import Path

import numpy as np
import soundfile
import torch
from scipy.signal import resample_poly

import train as train_module
from augment import DELAY
from data import OUT, RATE, SHARD, write_shard
from phones import ROOT
from prompts import beliefs

FOLDER = Path(os.environ.get('PARLEY_FACEGOOD_DATA', ROOT.parent.parent / 'shared' / 'data' / 'facegood'))
PIECE, LEAST = 9 * RATE, 3  # samples of a piece; labels of 10 ms that a phone lasts at least


def main(args):
    torch.set_num_threads(1)
    net, items = train_module.load(args.name, 'server'), []
    late = DELAY // 240  # labels here are in the engines' time: augment.py moves them all
    for path in sorted(FOLDER.glob('*.flac')):
        y, rate = soundfile.read(path, dtype='float32')
        y = resample_poly(y, RATE // np.gcd(RATE, rate), rate // np.gcd(RATE, rate)).astype(np.float32)
        y = np.clip(y * (.08 / y.std()), -1, 1)
        for k in range(0, len(y) - 2 * RATE, PIECE):
            piece = y[k:k + PIECE]
            p = np.exp(beliefs(net, piece))
            phone = (p[2:] + 2 * p[1:-1] + p[:-2]).argmax(1)
            phone = np.r_[phone[0], phone, phone[-1]]
            phone = np.r_[phone[late:], np.zeros(late, int)].astype(np.uint8)
            edges = np.r_[0, np.flatnonzero(np.diff(phone.astype(int))) + 1, len(phone)]
            for a, b in zip(edges[1:], edges[2:]):
                if b - a < LEAST:
                    phone[a:b] = phone[a - 1]
            items.append((piece, phone, np.zeros(len(phone), np.uint8), 'facegood', path.stem))
    for k in range(0, len(items), SHARD):
        write_shard(OUT / f'heard_{k // SHARD:04d}.npz', items[k:k + SHARD])
    print(len(items), f'pieces, {sum(len(i[0]) for i in items) / RATE / 60:.1f} min, {100 * np.mean(np.concatenate([i[1] for i in items]) == 0):.0f} % silence')


if __name__ == '__main__':
    p = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    p.add_argument('--name', default='server', help='run of train.py --kind server')
    main(p.parse_args())
