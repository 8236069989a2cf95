"""The 39 ARPABET phones plus silence, their IPA spelling for each speech engine, and LJSpeech's phone sequences.

    python models/phones.py            # prints a few utterances as IPA and as words

A phone sequence carries no word boundaries; a speech engine needs them to sound natural, and flite wants text.
`Words` finds the fewest CMU dictionary words that spell a phone sequence (homophones are as good as the original).
"""
import gzip
import os
import re
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent
WORK = ROOT / 'work'
SPEECH = Path(os.environ.get('PARLEY_SPEECH_DATA', ROOT.parent.parent / 'shared' / 'data' / 'speech'))

PHONES = ['sil', 'AA', 'AE', 'AH', 'AO', 'AW', 'AY', 'B', 'CH', 'D', 'DH', 'EH', 'ER', 'EY', 'F', 'G', 'HH', 'IH', 'IY', 'JH', 'K',
          'L', 'M', 'N', 'NG', 'OW', 'OY', 'P', 'R', 'S', 'SH', 'T', 'TH', 'UH', 'UW', 'V', 'W', 'Y', 'Z', 'ZH']
INDEX = {p: i for i, p in enumerate(PHONES)}
VOWELS = {'AA', 'AE', 'AH', 'AO', 'AW', 'AY', 'EH', 'ER', 'EY', 'IH', 'IY', 'OW', 'OY', 'UH', 'UW'}

ESPEAK = dict(AA='ɑː', AE='æ', AH='ʌ', AO='ɔː', AW='aʊ', AY='aɪ', B='b', CH='tʃ', D='d', DH='ð', EH='ɛ', ER='ɜː', EY='eɪ', F='f', G='ɡ',
              HH='h', IH='ɪ', IY='iː', JH='dʒ', K='k', L='l', M='m', N='n', NG='ŋ', OW='oʊ', OY='ɔɪ', P='p', R='ɹ', S='s', SH='ʃ', T='t',
              TH='θ', UH='ʊ', UW='uː', V='v', W='w', Y='j', Z='z', ZH='ʒ')
ESPEAK_REDUCED = dict(AH='ə', ER='ɚ', IY='i')
MISAKI = dict(ESPEAK, AA='ɑ', AO='ɔ', AW='W', AY='I', CH='ʧ', ER='ɜɹ', EY='A', IY='i', JH='ʤ', OW='O', OY='Y', UW='u')
MISAKI_REDUCED = dict(AH='ə', ER='əɹ', IY='i')


def utterances(dev=False):
    """Yields (id, [(phone, stress 0..2, milliseconds)]) of LJSpeech; 'sil' is a pause. The development clips only with dev=True."""
    held = dev_ids()
    with gzip.open(SPEECH / 'lj_phones.tsv.gz', 'rt') as f:
        next(f)
        for line in f:
            name, seq = line.rstrip('\n').split('\t')
            if (name in held) != dev:
                continue
            out = []
            for token in seq.split(' '):
                p, ms = token.rsplit(':', 1)
                base = re.sub(r'\d', '', p)
                if base in INDEX and base != 'sil':
                    out.append((base, int(p[-1]) if p[-1].isdigit() else 0, int(ms)))
                else:
                    out.append(('sil', 0, int(ms)))  # sp, spn and the empty name
            yield name, out


def dev_ids():
    """The real clips that lie beside the alignments: the development set, never trained on."""
    return {p.stem for p in SPEECH.glob('LJ*.flac')}


class Words:
    """Fewest-words segmentation of phones with the CMU pronouncing dictionary (ISC licence; from npm, see data.py fetch)."""

    def __init__(self, archive=WORK / 'npm' / 'cmu-pronouncing-dictionary-3.0.0.tgz'):
        with tarfile.open(archive) as t:
            name = next(n for n in t.getnames() if n.endswith('index.js'))
            text = t.extractfile(name).read().decode()
        self.words = {}  # phones (stress stripped from consonants only) -> spelling
        for spelling, pron in re.findall(r"""^\s*["']?([a-z']+)(?:\(\d\))?["']?: ["']([A-Z0-2 ]+)["']""", text, re.M):
            key = tuple(pron.split(' '))
            old = self.words.get(key)
            if old is None or (len(spelling), spelling) < (len(old), old):
                self.words[key] = spelling
        self.longest = max(map(len, self.words))

    def segment(self, phones):
        """[(phone, stress, ms)] without pauses -> [(spelling or None, start, end)], a None covers one unspellable phone."""
        keys = [p + str(s) if p in VOWELS else p for p, s, _ in phones]
        best = [(0., None, 0)] + [(1e9, None, 0)] * len(keys)  # cost, spelling, start
        for end in range(1, len(keys) + 1):
            for start in range(max(0, end - self.longest), end):
                w = self.words.get(tuple(keys[start:end]))
                cost = 1. + (.3 if end - start == 1 else 0.) if w else (6. if end - start == 1 else 1e9)
                if best[start][0] + cost < best[end][0]:
                    best[end] = (best[start][0] + cost, w, start)
        out, end = [], len(keys)
        while end:
            _, w, start = best[end]
            out.append((w, start, end))
            end = start
        return out[::-1]


def phrases(phones, pause_ms=100):
    """Splits an utterance at its pauses of pause_ms or more; shorter ones are dropped."""
    out = [[]]
    for p in phones:
        if p[0] != 'sil':
            out[-1].append(p)
        elif p[2] >= pause_ms and out[-1]:
            out.append([])
    return [o for o in out if o]


def spell(phones, words, table, reduced):
    """Utterance -> [(symbol, phone index or -1, stress)] for an IPA engine; -1 marks spaces and punctuation."""
    out = []
    parts = phrases(phones)
    for k, part in enumerate(parts):
        for j, (_, start, end) in enumerate(words.segment(part)):
            if j:
                out.append((' ', -1, 0))
            for p, s, _ in part[start:end]:
                if p in VOWELS and s:
                    out.append(('ˈ' if s == 1 else 'ˌ', INDEX[p], s))
                ipa = reduced.get(p, table[p]) if p in VOWELS and not s else table[p]
                out += [(c, INDEX[p], s) for c in ipa]
        out += [(',', -1, 0), (' ', -1, 0)] if k + 1 < len(parts) else [('.', -1, 0)]
    return out


if __name__ == '__main__':
    w = Words()
    print(len(w.words), 'pronunciations,', len(dev_ids()), 'development clips')
    for i, (name, ph) in zip(range(5), utterances()):
        print(name, ''.join(s for s, _, _ in spell(ph, w, ESPEAK, ESPEAK_REDUCED)))
        print('   ', ', '.join(' '.join(x or '?' for x, _, _ in w.segment(p)) for p in phrases(ph)))
