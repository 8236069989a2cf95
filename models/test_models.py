"""python -m pytest models -q

The small checks of the pipeline; those that need the data or the exports skip without them."""
import json
import shutil

import numpy as np
import pytest
import torch

import phones
from articulate import lip_head
from audio_encoder import FRAME, LOOKAHEAD, AudioEncoder, Streaming, whole
from codec import Codec, Decoder
from controls import CLASSES, HEADS, HIGH, K, LOW, NAMES, UPPER, WINDOW
from geometry import EXPORTS, Geometry
from teacher import Teacher, idle, to_frames


def label(*spans):
    """('P', 8), ... in 10 ms steps -> phone labels"""
    return np.concatenate([np.full(n, phones.INDEX[p], np.uint8) for p, n in spans])


@pytest.fixture(scope='module')
def stream():
    torch.manual_seed(0)
    return Streaming(AudioEncoder(), lip_head('small', Geometry(), Codec())).eval()


def test_streaming_equals_whole_for_any_block_size(stream):
    y = torch.randn(1, FRAME * 30) * .05
    with torch.no_grad():
        want = stream(y, torch.zeros(1, stream.state_size))
        for frames in (1, 3, 7):
            state, parts = torch.zeros(1, stream.state_size), []
            for piece in torch.split(y, FRAME * frames, 1):
                logits, _, state = stream(piece, state)
                parts.append(logits)
            assert torch.allclose(torch.cat(parts, 1), want[0], atol=1e-4)
            assert torch.allclose(state, want[2], atol=1e-4)
        phone, prosody, regress = stream.net(whole(y))
        logits = stream.head(phone[:, 1::2], prosody[:, 1::2], regress, torch.zeros(1, stream.head.state_size))[0]
        assert torch.allclose(logits, want[0], atol=1e-4)


def test_look_ahead_is_exactly_100_ms(stream):
    y = torch.randn(1, FRAME * 12) * .05
    zero = torch.zeros(1, stream.state_size)
    with torch.no_grad():
        a = stream(y, zero)[0]
        for face in (2, 5):
            changed = y.clone()
            changed[:, FRAME * face + 2400:] = 0  # all that lies more than 100 ms after the face frame's instant
            assert torch.equal(stream(changed, zero)[0][0, face + LOOKAHEAD], a[0, face + LOOKAHEAD])


def test_decoder_forgets_beyond_its_window():
    torch.manual_seed(0)
    decoder, codes = Decoder().eval(), torch.randint(0, CLASSES, (1, WINDOW, HEADS), dtype=torch.int32)
    onehot = torch.nn.functional.one_hot(codes.long(), CLASSES).float()
    with torch.no_grad():
        long = decoder.sequence(torch.cat([onehot.flip(0).roll(3, 1), onehot], 1), torch.zeros(HEADS, dtype=torch.long))[:, -1]
        clamped = torch.minimum(torch.maximum(long, decoder.low), decoder.high)
        assert torch.allclose(decoder(codes), clamped, atol=1e-5)


def test_lip_and_upper_codes_move_their_own_controls():
    torch.manual_seed(1)
    decoder, a = Decoder().eval(), torch.randint(0, CLASSES, (1, WINDOW, HEADS), dtype=torch.int32)
    b = a.clone()
    b[:, :, :HEADS - len(UPPER)] = (b[:, :, :HEADS - len(UPPER)] + 7) % CLASSES
    with torch.no_grad():
        moved = (decoder(a) != decoder(b))[0].numpy()
    assert not moved[[i for g in UPPER[:-1] for i in g]].any()


def test_bilabials_close_and_hold_two_frames():
    p = label(('sil', 30), ('AA', 15), ('P', 9), ('AA', 15), ('M', 5), ('IY', 12), ('B', 4), ('OW', 15), ('sil', 40))
    t = Teacher()
    c = to_frames(t.lips(p, np.zeros_like(p), np.full(len(p), .8)), len(p) * 3 // 10)
    gap = (c @ t.g.pairs).max(1)
    for start, end in ((45, 54), (69, 74), (86, 90)):
        shut = gap[(np.arange(len(c)) * 10 / 3 >= start - 6) & (np.arange(len(c)) * 10 / 3 <= end + 3)] < .02
        assert shut.sum() >= 2
    assert gap[:6].max() < .02 and gap[-4:].max() < .02, 'closed in silence'


def test_idle_loop_is_seamless_closed_and_blinks():
    c = idle(Teacher(), 60, np.random.default_rng(0))
    step = np.abs(np.diff(np.concatenate([c, c[:1]]), axis=0))
    assert step[-1, -3:].max() < .02 and c[:, K['jawOpen']].max() == 0
    blinks = (np.diff((c[:, 0] > .5).astype(int)) > 0).sum()
    assert 8 <= blinks <= 28
    assert (c >= LOW).all() and (c <= HIGH).all()


def test_server_encoder_streams_and_looks_ahead_100_ms():
    from server_encoder import ServerEncoder, ServerStreaming, bank, prepare, raw_mel
    torch.manual_seed(0)
    net = ServerEncoder().eval()
    head, y = lip_head('server', Geometry(), Codec()), torch.randn(1, FRAME * 30) * .05
    stream = ServerStreaming(net, head).eval()
    whole_of = lambda v: head(*net(prepare(raw_mel(v, torch.tensor(bank()))))[:3], torch.zeros(1, head.state_size))[0]
    with torch.no_grad():
        state, parts, want = torch.zeros(1, stream.state_size), [], whole_of(y)
        for piece in torch.split(y, 2400, 1):
            logits, _, state = stream(piece, state)
            parts.append(logits)
        assert torch.allclose(torch.cat(parts, 1), want, atol=1e-4)
        for face in (6, 7, 8):
            changed = y.clone()
            changed[:, FRAME * face + 2400:] = 0
            assert torch.equal(whole_of(changed)[:, face + LOOKAHEAD], want[:, face + LOOKAHEAD])


def test_the_exported_decoder_is_the_trained_one():
    from export import FlatDecoder
    torch.manual_seed(2)
    decoder, codes = Decoder().eval(), torch.randint(0, CLASSES, (5, WINDOW, HEADS), dtype=torch.int32)
    with torch.no_grad():
        decoder.lip_skip.normal_()
        assert torch.allclose(FlatDecoder(decoder)(codes), decoder(codes), atol=1e-5)


def test_a_widened_encoder_hears_the_same():
    from train import widen
    torch.manual_seed(4)
    narrow, wide, mel = AudioEncoder(20).train(), AudioEncoder(40).eval(), torch.randn(3, 60, 80)
    with torch.no_grad():
        narrow.trunk(mel)  # batch norms with statistics of their own
        for a, b in zip(narrow.eval().read(narrow.trunk(mel)[0]), widen(wide, narrow.state_dict()).read(wide.trunk(mel)[0])):
            assert torch.allclose(a, b, atol=1e-5)


def test_emotions_move_the_face_and_leave_the_lips_alone():
    from emotion import EMOTIONS, POSES
    from emotion import NAMES as OCC
    assert len(OCC) == 22 and len({p.tobytes() for p in POSES}) == 22
    own = {i for g in UPPER for i in g}
    assert not [NAMES[i] for i in np.flatnonzero(POSES.any(0)) if i not in own]
    t, z = Teacher(), np.zeros(600, np.uint8)
    faces = {e: t.upper(z, z, np.zeros(600), np.random.default_rng(0), emotion=np.eye(22)[OCC.index(e)]) for e in ('joy', 'anger', 'fear')}
    mean = lambda e, n: faces[e][:, K[n]].mean()
    assert mean('joy', 'mouthSmileLeft') > .3 > mean('anger', 'mouthSmileLeft') and mean('anger', 'browDownLeft') > .5 > mean('joy', 'browDownLeft')
    assert mean('fear', 'eyeWideLeft') > .3 and EMOTIONS['fear'][1] > EMOTIONS['pity'][1]


def test_prompts_are_aligned_with_and_without_pauses():
    from prompts import align
    true = label(('sil', 20), ('M', 8), ('AA', 15), ('sil', 12), ('P', 6), ('IY', 14), ('P', 4), ('AA', 11), ('sil', 9))
    random = np.random.default_rng(0)
    log_p = np.log(.02 + .6 * np.eye(40)[true] + .1 * random.random((len(true), 40)))
    word = lambda *names: [(phones.INDEX[n], [phones.INDEX[n]]) for n in names]
    assert np.array_equal(align(log_p, [word('M', 'AA'), word('P', 'IY'), word('P', 'AA')]), true)
    assert align(log_p[:20], [word('M', 'AA', 'P', 'IY', 'P', 'AA', 'M')]) is None, 'seven phones do not fit into 200 ms'


@pytest.mark.skipif(not shutil.which('espeak-ng'), reason='no espeak-ng')
def test_foreign_words_get_the_phones_with_the_nearest_lips():
    from data import pronounce
    names = lambda text, language: [[phones.PHONES[p] for _, p in word] for word in pronounce(text, language)]
    assert names('conferencia', 'es-419')[0][:4] == ['K', 'AO', 'V', 'F'], 'an M before F touches the teeth'
    assert names('la bomba', 'es-419')[1] == ['W', 'AO', 'M', 'B', 'AA'], 'a B between vowels does not close'
    assert names('ciao', 'it')[0][0] == 'CH'


def test_damage_keeps_shapes_and_says_how_bad_it_is():
    from augment import SAMPLES, Augment
    n, random = 400, np.random.default_rng(0)
    item = dict(audio=(random.standard_normal(n * 240) * 3000).astype(np.int16), phone=label(('AA', n)), stress=np.zeros(n, np.uint8), loud=np.ones(n, np.float32),
                lips=np.zeros((n, 2), np.float16))
    murk = {}
    for snr in (5, 40):
        y, clean, *_, murk[snr] = Augment(1, (snr, snr))([item] * 12)
        assert y.shape == clean.shape == (12, SAMPLES) and torch.isfinite(y).all()
        assert (murk[snr] >= 0).all() and (murk[snr] <= 1.3).all()
    assert murk[5].median() > 1 > .6 > murk[40].median()


@pytest.mark.skipif(not (phones.SPEECH / 'lj_phones.tsv.gz').exists(), reason='no speech data')
def test_development_clips_are_never_used_for_training():
    dev = phones.dev_ids()
    assert len(dev) == 20
    assert not dev & {name for name, _ in phones.utterances()}
    from prompts import SPEAKERS
    from data import read
    assert not {i['voice'] for e in ('piper', 'kokoro', 'abroad', 'flite', 'espeak', 'heard') for i in read(e, shards=1)} & {*SPEAKERS.values(), 'lj'}
    used = phones.WORK / 'used_ids.txt'
    if used.exists():
        assert not dev & set(used.read_text().split())


@pytest.mark.skipif(not (EXPORTS / 'manifest.json').exists(), reason='no exports')
def test_exports_agree_with_manifest_and_fixtures():
    import hashlib

    import onnxruntime
    m = json.loads((EXPORTS / 'manifest.json').read_text())
    assert [c['name'] for c in m['controls']] == NAMES and m['codec']['heads'] == HEADS
    for f in m['files'].values():
        assert hashlib.sha256((EXPORTS / f['path']).read_bytes()).hexdigest() == f['sha256'], f['path']
    array = lambda d, t: np.array(d['data'], t).reshape(d['shape'])
    run = lambda n, **x: onnxruntime.InferenceSession(str(EXPORTS / f'{n}.onnx'), providers=['CPUExecutionProvider']).run(None, x)
    f = json.loads((EXPORTS / 'fixtures' / 'decoder.json').read_text())
    assert np.allclose(run('decoder', codes=array(f['codes'], np.int32))[0], array(f['controls'], np.float32), atol=1e-4)
    for name, e in m['encoders'].items():
        f = json.loads((EXPORTS / 'fixtures' / f'encoder-{name}.json').read_text())
        audio, state, parts = array(f['audio'], np.float32), np.zeros((1, e['stateSize']), np.float32), []
        for k in range(0, audio.shape[1], 2400):
            logits, _, state = run(f'encoder-{name}', audio=audio[:, k:k + 2400], state=state)
            parts.append(logits)
        assert np.allclose(np.concatenate(parts, 1)[:, array(f['frames'], int)], array(f['logits'], np.float32), atol=2e-3), name
    f = json.loads((EXPORTS / 'fixtures' / 'articulator.json').read_text())
    logits = run('articulator', phones=array(f['phones'], np.int32), stress=array(f['stress'], np.int32), audio=array(f['audio'], np.float32))[0]
    assert np.allclose(logits[:, array(f['frames'], int)], array(f['logits'], np.float32), atol=1e-3)
    f = json.loads((EXPORTS / 'fixtures' / 'context.json').read_text())
    got = run('context', past=array(f['past'], np.int32), features=array(f['features'], np.float32), emotion=array(f['emotion'], np.float32))[0]
    assert np.allclose(got, array(f['logits'], np.float32), atol=1e-3)
    assert (EXPORTS / 'idle.bin').stat().st_size == m['idle']['frames'] * HEADS


def test_questions_are_read_with_their_sentences_and_paragraphs(tmp_path):
    import answers
    import question_texts
    file = tmp_path / 'a.txt'
    file.write_text('== Inn\n# Rooms\n1 It has ten rooms.\n2 They are small.\n\n3 Dogs sleep for free.\n? 1 ~2 how many rooms\n? 3 >> do you take pets >> and what do they pay\n- is there a bath\n')
    text, = question_texts.read_texts(file)
    assert [(s.text, s.before) for s in text.sentences] == [('It has ten rooms.', ''), ('They are small.', 'It has ten rooms.'), ('Dogs sleep for free.', '')]
    assert text.sentences[0].headings == ('Inn', 'Rooms')
    rooms, dogs, bath = text.questions
    assert rooms.answers == {0} and rooms.partly == {1} and not bath.answers
    assert answers.asked(dogs) == 'do you take pets, and what do they pay'
    assert not list(question_texts.problems(text))
    rooms.answers = frozenset({9})
    assert list(question_texts.problems(text))
    for path in question_texts.QUESTIONS.glob('*.txt'):
        assert not [p for t in question_texts.read_texts(path) for p in question_texts.problems(t)], path


def test_a_question_that_nothing_answers_is_best_left_unanswered():
    import answers
    sure = lambda *logits: answers.loss_of(torch.tensor(logits), torch.zeros(len(logits)), [(0, len(logits))])
    assert sure(-4., -4.) < sure(-4., 2.)
    right = answers.loss_of(torch.tensor([3., -3.]), torch.tensor([1., 0.]), [(0, 2)])
    assert right < answers.loss_of(torch.tensor([-3., 3.]), torch.tensor([1., 0.]), [(0, 2)])
