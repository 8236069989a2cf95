"""The texts of models/questions and what is asked about them; questions/README.md describes their format."""
import re
from dataclasses import dataclass, field
from pathlib import Path

QUESTIONS = Path(__file__).parent / 'questions'
HELD_OUT = 8  # every so many texts one is never trained on

@dataclass
class Sentence:
    text: str
    headings: tuple
    before: str  # the sentence before it in its paragraph, or nothing


@dataclass
class Question:
    text: str
    before: str = ''  # what was asked just before, or nothing
    answers: frozenset = frozenset()
    partly: frozenset = frozenset()


@dataclass
class Text:
    title: str
    round: int = 1  # of writing
    sentences: list = field(default_factory=list)
    questions: list = field(default_factory=list)


ROUNDS = {'questions': 1, 'second': 2}  # by folder


def read_texts(path):
    """One file of models/questions; its README describes the format."""
    written = ROUNDS.get(Path(path).parent.name, 1)
    texts, heading, before = [], '', ''
    for line in Path(path).read_text('utf8').splitlines():
        line = line.strip()
        if line == '':
            before = ''
        elif line.startswith('== '):
            texts.append(Text(line[3:], written))
            heading = before = ''
        elif line.startswith('# '):
            heading, before = line[2:], ''
        elif m := re.match(r'\d+ (.+)', line):
            texts[-1].sentences.append(Sentence(m[1], (texts[-1].title, heading), before))
            before = m[1]
        elif m := re.match(r'(?:\? ((?:~?\d+ )+)|- )(?:>> (.+) >> )?(.+)', line):
            ids = (m[1] or '').split()
            texts[-1].questions.append(Question(
                m[3], m[2] or '', frozenset(int(i) - 1 for i in ids if i[0] != '~'),
                frozenset(int(i[1:]) - 1 for i in ids if i[0] == '~')))
        else:
            raise ValueError(f'{path}: not understood: {line}')
    return texts


def problems(text):
    """What is wrong with a text's labels."""
    known = range(len(text.sentences))
    for q in text.questions:
        if any(i not in known for i in q.answers | q.partly):
            yield f'{text.title}: no such sentence: {q.text}'
        if q.partly and not q.answers:
            yield f'{text.title}: only half answered: {q.text}'
        if '>>' in q.text:
            yield f'{text.title}: one ">>" too few or too many: {q.text}'


def all_texts(folder=QUESTIONS):
    """All texts, those to train on and those held out. Later rounds lie in folders of their own, so that the same stay held out."""
    files = sorted(Path(folder).glob('*.txt')) + sorted(Path(folder).glob('*/*.txt'))
    texts = [t for p in files for t in read_texts(p)]
    return [t for i, t in enumerate(texts) if i % HELD_OUT], [t for i, t in enumerate(texts) if i % HELD_OUT == 0]
