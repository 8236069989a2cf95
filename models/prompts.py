"""Real voices other than LJSpeech's, in five languages, for scores only: telephone prompts of Debian's asterisk-core-sounds packages, never trained on.

    python models/prompts.py fetch        # packages into models/work/prompts, decoded (needs apt-get and ffmpeg)
    python models/prompts.py align        # prompts.tsv and espeak-ng's pronunciations, aligned -> models/work/speech/prompts_<nnnn>.npz
    python models/prompts.py check        # the same aligner on the development clips, against their forced alignment

The recordings (16 kHz, G.722) are Allison Smith's (English and Mexican Spanish), June Wallack's (Canadian French), Carlo Flora's (Italian, a man) and ivrvoice.ru's
(Russian), CC BY-SA 3.0 and CC BY 3.0, and are not redistributed here. prompts.tsv has what they say: transcribed by Whisper and corrected by hand.

No one has timed their phones. espeak-ng gives each text's phones; a Viterbi search over the probabilities of a trained `server` encoder on the clean sound puts them in time,
with optional pauses between words. Times are as good as that encoder hears; where it hears no closure at all, the closure's time is a guess. `check` tells how good they are.
"""
import argparse
import subprocess
from pathlib import Path

import numpy as np
import soundfile
import torch

import train as train_module
from augment import Front
from data import OUT, RATE, SHARD, pronounce, read, write_shard
from phones import INDEX, PHONES, ROOT, WORK

FOLDER = WORK / 'prompts'
LANGUAGES = dict(en='en-us', es='es-419', fr='fr', it='it', ru='ru')
SPEAKERS = dict(en='English, Allison (woman)', es='Spanish, Allison (woman)', fr='French, June (woman)', it='Italian, Carlo (man)', ru='Russian, ivrvoice (woman)')
LEAST, PAUSE = 3, 5  # labels of 10 ms that a phone, and a pause between words, last at least
# Sounds that English lacks: what the encoder may take them for.
ALSO = {'β': 'BVW', 'ʁ': 'GKR', 'r': 'LRD', 'ɾ': 'DRL', 'x': 'K', 'ʎ': 'LY', 'ɣ': 'GW'}


def sounds(text, language):
    """-> [[(phone, what it may sound like as indices)] of each word]"""
    alike = lambda ipa, phone: sorted({phone, *(INDEX[c] for s in ipa for c in ALSO.get(s, ''))})
    return [[(phone, alike(ipa, phone)) for ipa, phone in word] for word in pronounce(text, LANGUAGES[language])]


def align(log_p, words):
    """log_p [T, 40] at 100 Hz, words as of `sounds` -> label of each step [T]; None where the phones do not fit into the time.

    Viterbi through the phones in order, each at least LEAST steps, with an optional pause before, between and after the words."""
    pause = (0, [0], PAUSE)
    parts = [pause]
    for word in words:
        parts += [(phone, alike, LEAST) for phone, alike in word] + [pause]
    steps = np.array([n for _, _, n in parts])
    first, last = np.cumsum(steps) - steps, np.cumsum(steps) - 1
    T, N = len(log_p), steps.sum()
    score = np.repeat(np.stack([log_p[:, alike].max(1) for _, alike, _ in parts], 1), steps, 1)
    stays = np.isin(np.arange(N), last)
    # A part may also be entered from before the pause in front of it.
    over = np.full(N, -1)
    for k in range(2, len(parts)):
        if parts[k - 1] is pause:
            over[first[k]] = last[k - 2]
    v, moved = np.full(N, -1e18), np.zeros((T, N), int)
    v[first[:2]] = score[0, first[:2]]
    at = np.arange(N)
    for t in range(1, T):
        options = np.stack([np.where(stays, v, -1e18), np.r_[-1e18, v[:-1]], np.where(over >= 0, v[over], -1e18)])
        best = options.argmax(0)
        v = options[best, at] + score[t]
        moved[t] = np.select([best == 0, best == 1], [at, at - 1], over)
    j = max(last[-1], last[-2], key=lambda k: v[k])
    if v[j] < -1e17:
        return None
    part, out = np.repeat(np.arange(len(parts)), steps), np.zeros(T, int)
    for t in range(T - 1, -1, -1):
        out[t] = part[j]
        j = moved[t, j]
    return np.array([p for p, _, _ in parts], np.uint8)[out]


@torch.no_grad()
def beliefs(net, audio):
    """audio [N] at 24 kHz -> log probabilities of the phones at 100 Hz [T, 40], in the time of forced alignments of real speech"""
    n = -(-len(audio) // 2400) * 2400
    y = np.zeros(n + 4800, np.float32)
    y[:len(audio)] = audio * (.08 / (audio.std() + 1e-6))
    with torch.autocast('cpu', torch.bfloat16):
        z = net(Front('server', 0).clean(torch.tensor(y)[None]))[3][0].float()
    p = torch.log_softmax(z, -1).numpy()
    at = (np.arange(-(-len(audio) // 240)) + .5) / 2 + 3 - .5  # token u is for sample 480 (u - 3)
    low = np.clip(np.floor(at).astype(int), 0, len(p) - 2)
    f = np.clip(at - low, 0, 1)[:, None]
    return np.maximum(p[low] * (1 - f) + p[low + 1] * f, -9)


def fetch():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for language in LANGUAGES:
        name = f'asterisk-core-sounds-{language}-g722'
        if not list(FOLDER.glob(name + '_*.deb')):
            subprocess.run(['apt-get', 'download', name], cwd=FOLDER, check=True)
        subprocess.run(['dpkg', '-x', next(FOLDER.glob(name + '_*.deb')), FOLDER], check=True)
    for language, name, _ in texts():
        source = next((FOLDER / 'usr/share/asterisk/sounds').glob(f'{language}_*')) / f'{name}.g722'
        subprocess.run(['ffmpeg', '-y', '-loglevel', 'error', '-f', 'g722', '-i', source, '-ar', str(RATE), '-ac', '1', FOLDER / f'{language}-{name.replace("/", "-")}.wav'], check=True)


def texts():
    """-> [(language, prompt, text)] of prompts.tsv"""
    lines = (ROOT / 'prompts.tsv').read_text().splitlines()
    return [line.split('\t') for line in lines if line and not line.startswith('#')]


def prompts(net):
    items, lost = [], 0
    for language, name, text in texts():
        y, _ = soundfile.read(FOLDER / f'{language}-{name.replace("/", "-")}.wav', dtype='float32')
        phone = align(beliefs(net, y), sounds(text, language))
        if phone is None:
            print('does not fit:', language, name)
            continue
        items.append((y, phone, np.zeros(len(phone), np.uint8), SPEAKERS[language], f'{language}-{name}'))
    for k in range(0, len(items), SHARD):
        write_shard(OUT / f'prompts_{k // SHARD:04d}.npz', items[k:k + SHARD])
    for who in SPEAKERS.values():
        own = [i for i in items if i[3] == who]
        print(f'{who:30s} {len(own)} prompts, {sum(len(i[0]) for i in own) / RATE:.0f} s')


def check(net):
    """How far the aligner is from the forced alignment of the development clips, which it does not see."""
    apart, closures = [], []
    for i in read('dev'):
        cut = np.flatnonzero(np.diff(i['phone'].astype(int))) + 1
        start = np.r_[0, cut]
        words = [[(int(i['phone'][a]), [int(i['phone'][a])])] for a in start if i['phone'][a]]
        mine = align(beliefs(net, i['audio'].astype(np.float32) / 32768), words)
        own = np.r_[0, np.flatnonzero(np.diff(mine.astype(int))) + 1]
        theirs, own = [a for a in start if i['phone'][a]], [a for a in own if mine[a]]
        for a, b in zip(theirs, own):
            apart.append(b - a)
            if PHONES[i['phone'][a]] in ('P', 'B', 'M'):
                closures.append(b - a)
    for name, x in (('all phones', apart), ('P, B, M', closures)):
        x = np.array(x) * 10
        print(f'{name}: {len(x)} starts, {x.mean():+.0f} ms on average (median {np.median(x):+.0f}), half within {np.median(abs(x - np.median(x))):.0f} ms, {100 * (abs(x) > 60).mean():.0f} % more than 60 ms off')


def main(args):
    torch.set_num_threads(1)
    if args.what == 'fetch':
        return fetch()
    net = train_module.load(args.name, 'server')
    return prompts(net) if args.what == 'align' else check(net)


if __name__ == '__main__':
    p = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    p.add_argument('what', choices=['fetch', 'align', 'check'])
    p.add_argument('--name', default='server', help='run of train.py --kind server whose probabilities align')
    main(p.parse_args())
