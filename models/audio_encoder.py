"""The `small` audio encoder: 24 kHz speech -> logits of the lip heads at 30 fps, with exactly 100 ms of look-ahead, the STFT window included.

    python models/audio_encoder.py     # parameters, state size, streaming == whole check on noise

Log-mel frames (window 600, hop 200, DFT as a convolution) less a causal running mean -> causal TCN at 60 Hz -> codes at 30 fps.
Output i depends on samples < 800 i and belongs to face frame i - 3, which is the face at sample 800 (i - 3).
All memory is one flat state vector, zeros at the start of an utterance.
"""
import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from controls import LIPS
from phones import PHONES

RATE, FRAME, HOP, WIN, FFT, MELS = 24000, 800, 200, 600, 768, 80
LOOKAHEAD = 3  # face frames
TAIL = 2 * WIN  # samples kept: 600 of window overlap less one hop, and the 800 that output i must not see yet
MEMORY = 360.  # mel frames (3 s): time constant of the running mean
PRIOR, PRIOR_MEAN = 60., -4.5  # the mean before any speech, worth 60 frames
WIDTH = 160
DILATIONS = (1, 2, 4, 8, 1, 2, 4)
TRACE = 16  # face frames that the slow prosody features average over
PROSODY = 3  # speech, stress, loudness


def mel_filters(warp=1.):
    """[bins, MELS] triangles from 50 to 7600 Hz; warp scales their frequencies (vocal-tract length augmentation)."""
    mel, hz = lambda f: 2595 * np.log10(1 + f / 700), lambda m: 700 * (10 ** (m / 2595) - 1)
    edges = hz(np.linspace(mel(50.), mel(7600.), MELS + 2)) * warp
    f = np.arange(FFT // 2 + 1) * RATE / FFT
    bank = np.zeros((len(f), MELS), np.float32)
    for k in range(MELS):
        a, b, c = edges[k:k + 3]
        bank[:, k] = np.maximum(0, np.minimum((f - a) / (b - a), (c - f) / (c - b)))
        if bank[:, k].sum() < .05:
            bank[min(len(f) - 1, round(b / RATE * FFT)), k] = 1.
    return bank / bank.sum(0, keepdims=True)


def log_mel(power, bank):
    """power [..., bins] -> log10 mel power [..., MELS]"""
    return torch.log10(power @ bank + 1e-8)


def power_spectrum(audio):
    """audio [B, N] -> [B, 1 + (N - WIN) // HOP, FFT/2 + 1]; the training twin of the exported convolution."""
    window = torch.hann_window(WIN, dtype=audio.dtype)
    return torch.fft.rfft(audio.unfold(1, WIN, HOP) * window, FFT).abs().pow(2) / WIN


class Stft(nn.Module):
    """power_spectrum as a convolution, for ONNX; bins above `top` Hz are left out."""

    def __init__(self, top=7700.):
        super().__init__()
        self.bins = math.ceil(top / RATE * FFT) + 1
        n, k = np.arange(WIN), np.arange(self.bins)[:, None]
        window = torch.hann_window(WIN, dtype=torch.float64).numpy()
        basis = np.concatenate([np.cos(2 * np.pi * k * n / FFT), np.sin(2 * np.pi * k * n / FFT)]) * window / np.sqrt(WIN)
        self.register_buffer('kernel', torch.tensor(basis[:, None], dtype=torch.float32))
        self.register_buffer('bank', torch.tensor(mel_filters()[:self.bins]))

    def forward(self, audio):
        x = F.conv1d(audio[:, None], self.kernel, stride=HOP)  # [B, 2 bins, T]
        power = x[:, :self.bins] ** 2 + x[:, self.bins:] ** 2
        return torch.log10(power.transpose(1, 2) @ self.bank + 1e-8)


def running_mean(x, sums=None):
    """Subtracts a causal, speech-weighted, exponentially forgetting mean.

    x [B, T, MELS], sums [B, MELS + 1] from before (None: start) -> normalised x, sums after. T at most a few thousand: the closed form
    sum_k a^(t-k) x_k = a^t cumsum(a^-k x_k) grows with T.
    """
    B, T, _ = x.shape
    w = ((x.mean(-1, keepdim=True) + 6.8) / 1.).clamp(0, 1)  # silence does not move the mean
    y = torch.cat([x * w, w], -1)
    t = torch.arange(T, dtype=torch.float32) / MEMORY
    y = torch.cumsum(y * torch.exp(t)[None, :, None], 1)
    if sums is not None:
        y = y + sums[:, None] * math.exp(-1 / MEMORY)
    y = y * torch.exp(-t)[None, :, None]
    mean = (y[..., :-1] + PRIOR * PRIOR_MEAN) / (y[..., -1:] + PRIOR)
    return x - mean, y[:, -1]


class Block(nn.Module):
    """Causal dilated residual block; its memory is the last 2 * dilation inputs."""

    def __init__(self, width, dilation):
        super().__init__()
        self.reach = 2 * dilation
        self.wide = nn.Conv1d(width, width, 3, dilation=dilation, bias=False)
        self.norm = nn.BatchNorm1d(width)
        self.point = nn.Conv1d(width, width, 1, bias=False)
        self.norm2 = nn.BatchNorm1d(width)

    def forward(self, x, past=None):
        x = F.pad(x, (self.reach, 0)) if past is None else torch.cat([past, x], 2)
        y = self.norm2(self.point(F.relu(self.norm(self.wide(x)))))
        return x[:, :, self.reach:] + y, x[:, :, -self.reach:]


class AudioEncoder(nn.Module):
    """Log-mel -> what is heard: phones, prosody, the lips' controls, closures and tucks. articulate.py makes codes of it."""

    def __init__(self, width=WIDTH):
        super().__init__()
        self.width = width
        self.inward = nn.Conv1d(2 * MELS, width, 1, bias=False)
        self.norm = nn.BatchNorm1d(width)
        self.blocks = nn.ModuleList(Block(width, d) for d in DILATIONS)
        self.drop = nn.Dropout(.1)
        self.phone = nn.Conv1d(width, len(PHONES), 1)
        self.prosody = nn.Conv1d(width, PROSODY, 1)
        self.squeeze = nn.Conv1d(2 * width, 128, 1)
        self.regress = nn.Conv1d(128, len(LIPS) + 2, 1)  # the controls, closure, tuck

    def trunk(self, mel, past=None):
        """mel [B, 4n, MELS] normalised -> [B, width, 2n] at 60 Hz, block memories"""
        B, T, _ = mel.shape
        x = F.relu(self.norm(self.inward(mel.reshape(B, T // 2, 2 * MELS).transpose(1, 2))))
        kept = []
        for k, block in enumerate(self.blocks):
            x, p = block(x, past[k] if past else None)
            kept.append(p)
        return x, kept

    def read(self, x):
        """[B, width, 2n] -> phone logits [B, 2n, 40] and prosody logits [B, 2n, 3] at 60 Hz, controls, closure and tuck logits [B, n, LIPS + 2]"""
        B, _, T = x.shape
        x = self.drop(x)
        pair = x.reshape(B, self.width, T // 2, 2).permute(0, 3, 1, 2).reshape(B, 2 * self.width, T // 2)
        regress = self.regress(F.relu(self.squeeze(pair)))
        return self.phone(x).transpose(1, 2), self.prosody(x).transpose(1, 2), regress.transpose(1, 2)

    def forward(self, mel):
        """Whole sequences, for training: mel [B, 4n, MELS] raw log-mel -> see read."""
        return self.read(self.trunk(running_mean(mel)[0])[0])


class Streaming(nn.Module):
    """The exported form. audio [B, 800 n], state [B, S] -> logits [B, n, heads, classes], features [B, n, 2 * PROSODY], state [B, S]."""

    def __init__(self, net, head):
        super().__init__()
        self.net, self.head, self.stft = net, head, Stft()
        self.features = 2 * PROSODY
        self.pads = [net.width * b.reach for b in net.blocks]
        self.sizes = [TAIL, MELS + 1, *self.pads, head.state_size, (TRACE - 1) * PROSODY]
        self.state_size = sum(self.sizes)

    def forward(self, audio, state):
        net = self.net
        tail, sums, *rest = torch.split(state, self.sizes, 1)
        pads = [p.reshape(-1, net.width, b.reach) for p, b in zip(rest[:-2], net.blocks)]
        buffer = torch.cat([tail, audio], 1)
        mel, sums = running_mean(self.stft(buffer[:, :-FRAME]), sums)  # [B, 4n, MELS]
        x, pads = net.trunk(mel, pads)
        phone, prosody, regress = net.read(x)
        phone, prosody = phone[:, 1::2], prosody[:, 1::2]
        logits, seen = self.head(phone, prosody, regress, rest[-2])
        speech = 1 - torch.softmax(phone, -1)[..., :1]
        fast = torch.cat([speech, torch.sigmoid(prosody[..., 1:])], -1)  # [B, n, 3]
        trace = torch.cat([rest[-1].reshape(-1, TRACE - 1, PROSODY), fast], 1)
        slow = F.avg_pool1d(trace.transpose(1, 2), TRACE, 1).transpose(1, 2)
        state = torch.cat([buffer[:, -TAIL:], sums, *[p.flatten(1) for p in pads], seen, trace[:, 1 - TRACE:].flatten(1)], 1)
        return logits, torch.cat([fast, slow], -1), state


def whole(audio):
    """audio [B, 800 n] -> raw log-mel [B, 4n, MELS] aligned as in Streaming (for training, no augmentation)."""
    return log_mel(power_spectrum(F.pad(audio, (TAIL, 0))[:, :-FRAME]), torch.tensor(mel_filters()))


if __name__ == '__main__':
    from articulate import lip_head
    from codec import Codec
    from geometry import Geometry
    torch.manual_seed(0)
    s = Streaming(AudioEncoder(), lip_head('small', Geometry(), Codec())).eval()
    print('parameters', sum(p.numel() for p in s.net.parameters()), 'state', s.state_size, 'constants', s.stft.kernel.numel() + s.stft.bank.numel())
    with torch.no_grad():
        y = torch.randn(2, 800 * 60) * .05
        a = s(y, torch.zeros(2, s.state_size))[0]
        state, parts = torch.zeros(2, s.state_size), []
        for piece in torch.split(y, 2400, 1):
            o, _, state = s(piece, state)
            parts.append(o)
        print('streaming - whole', float((torch.cat(parts, 1) - a).abs().max()))
