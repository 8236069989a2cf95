"""Averages the weights of two runs of train.py: what fine-tuning gained, with less of what it lost (Wortsman et al. 2022, https://arxiv.org/abs/2109.01903).

    python models/average.py server-c server-d --name server
"""
import argparse

import torch

from phones import WORK


def main(args):
    one, other = (torch.load(WORK / f'encoder-{n}.pt', weights_only=False)['net'] for n in (args.one, args.other))
    net = {k: torch.lerp(v, other[k], args.share) if v.is_floating_point() else other[k] for k, v in one.items()}
    torch.save(dict(net=net, step=0, args=vars(args)), WORK / f'encoder-{args.name}.pt')


if __name__ == '__main__':
    p = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    p.add_argument('one')
    p.add_argument('other')
    p.add_argument('--share', type=float, default=.5, help="the other's")
    p.add_argument('--name', required=True)
    main(p.parse_args())
