"""Learns English letter-to-sound rules from CMUdict, for words that are not in it.

    python models/letter_to_sound.py node_modules/cmu-pronouncing-dictionary/index.js models/exports/letter-to-sound/en-us.json

1. Each letter is aligned with 0, 1 or 2 phones: expectation by Viterbi over pair probabilities, as in Black, Lenzo and Pagel
   1998, "Issues in Building General Letter to Sound Rules".
2. An IGTree (Daelemans and van den Bosch 1997, "Language-Independent Data-Oriented Grapheme-to-Phoneme Conversion") stores for
   each letter the shortest context that decides its phones: the letter, then its neighbours in the order of ORDER.

The file: {"phones": ["", "K", "EH1", ...], "tree": {letter: node}} where a node is an index into `phones` or [index, {neighbour: node}].
`#` stands beyond the word's ends. The words of every 20th line are held out and scored first; the printed scores are theirs.
"""

import json
import math
import re
import sys
from collections import Counter, defaultdict

ORDER = (1, -1, 2, -2, 3, -3, 4)
DIGRAPHS = {"th", "sh", "ch", "ph", "gh", "wh", "ck", "ng", "kn", "wr", "qu", *(2 * c for c in "bcdfgklmnprstz"), *(a + b for a in "aeiou" for b in "aeiouwy")}
LEAST_COUNT = 4
ITERATIONS = 5


def read_dictionary(path):
    pairs = re.findall(r'^  "?([a-z\']+)"?: "([A-Z0-9 ]+)"', open(path, encoding="utf8").read(), re.M)
    return [(word, phones.split()) for word, phones in pairs if re.fullmatch(r"[a-z]{2,}", word)]


def align(word, phones, cost):
    """Phones of each letter, by dynamic programming over (letters read, phones said); None if there is no way."""
    best = [{0: (0.0, None)}]
    for letter in word:
        row = {}
        for at, (total, _) in best[-1].items():
            for take in (0, 1, 2):
                if at + take > len(phones):
                    break
                value = total + cost(letter, " ".join(phones[at : at + take]))
                if at + take not in row or value < row[at + take][0]:
                    row[at + take] = (value, at)
        best.append(row)
    if len(phones) not in best[-1]:
        return None
    out, at = [], len(phones)
    for row in reversed(best[1:]):
        previous = row[at][1]
        out.append(" ".join(phones[previous:at]))
        at = previous
    return out[::-1]


def learn_alignment(entries):
    # To begin with: one phone a letter is likelier than none, none likelier than two; vowels go with vowels.
    vowel = lambda chunk: any(p[-1].isdigit() for p in chunk.split())
    first = lambda letter, chunk: (0, 1, 3)[len(chunk.split())] + (2 if chunk and vowel(chunk) != (letter in "aeiouy") else 0) + (1 if not chunk else 0)
    cost = first
    for _ in range(ITERATIONS):
        counts, totals, aligned = defaultdict(Counter), Counter(), []
        for word, phones in entries:
            chunks = align(word, phones, cost)
            if chunks:
                aligned.append((word, chunks))
                for letter, chunk in zip(word, chunks):
                    counts[letter][chunk] += 1
                    totals[letter] += 1
        table = {letter: {c: -math.log(n / totals[letter]) for c, n in chunks.items()} for letter, chunks in counts.items()}
        cost = lambda letter, chunk, table=table: table[letter].get(chunk, 12.0 + 4 * len(chunk.split()))
    return aligned


def settle(word, chunks):
    """The first letter of a digraph says the phone: letters are decided one by one, so they must agree who speaks."""
    chunks = list(chunks)
    for at in range(len(word) - 1):
        if word[at : at + 2] in DIGRAPHS and not chunks[at]:
            chunks[at], chunks[at + 1] = chunks[at + 1], ""
    return chunks


def neighbour(word, at, offset):
    place = at + offset
    return word[place] if 0 <= place < len(word) else "#"


def grow(instances, depth, index_of):
    """instances: (word, place, chunk). A child is kept only where it changes an answer."""
    counts = Counter(chunk for _, _, chunk in instances)
    default = index_of[counts.most_common(1)[0][0]]
    if depth == len(ORDER) or len(counts) == 1:
        return default
    groups = defaultdict(list)
    for instance in instances:
        groups[neighbour(instance[0], instance[1], ORDER[depth])].append(instance)
    children = {}
    for letter, group in sorted(groups.items()):
        if len(group) >= LEAST_COUNT:
            child = grow(group, depth + 1, index_of)
            if child != default:
                children[letter] = child
    return [default, children] if children else default


def train(entries):
    aligned = learn_alignment(entries)
    by_letter, chunks = defaultdict(list), Counter()
    for word, answer in aligned:
        answer = settle(word, answer)
        for at, chunk in enumerate(answer):
            by_letter[word[at]].append((word, at, chunk))
            chunks[chunk] += 1
    phones = [chunk for chunk, _ in chunks.most_common()]
    index_of = {chunk: i for i, chunk in enumerate(phones)}
    return {"phones": phones, "tree": {letter: grow(group, 0, index_of) for letter, group in sorted(by_letter.items())}}


def apply(model, word):
    out = []
    for at, letter in enumerate(word):
        node, depth = model["tree"][letter], 0
        while isinstance(node, list):
            child = node[1].get(neighbour(word, at, ORDER[depth]))
            if child is None:
                node = node[0]
            else:
                node, depth = child, depth + 1
        out += model["phones"][node].split()
    return out


def distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (x != y))
    return row[-1]


if __name__ == "__main__":
    source, target = sys.argv[1:3]
    entries = read_dictionary(source)
    held_out, rest = entries[::20], [e for i, e in enumerate(entries) if i % 20]
    model = train(rest)
    strip = lambda phones: [p.rstrip("012") for p in phones]
    errors = [(distance(strip(p), strip(apply(model, w))), len(p)) for w, p in held_out]
    print(f"held out {len(held_out)} words: phone errors {sum(e for e, _ in errors) / sum(n for _, n in errors):.3f}, words right {sum(e == 0 for e, _ in errors) / len(errors):.3f}")
    model = train(entries)
    text = json.dumps(model, separators=(",", ":"))
    open(target, "w").write(text + "\n")
    print(len(text), "bytes")
