"""From what an audio encoder believes to what the lips show, and to its codes. No training here: rules, and the codec's own lip encoder.

An encoder ends in phone probabilities, the controls that it expects, and how likely a closure and a tuck are. `Articulate` decides what to show;
`LipHead` does so frame by frame and has the codec write it in codes. It is part of every exported encoder.
"""
import torch
from torch import nn

from controls import K, LIPS
from phones import PHONES
from teacher import GLIDE_APERTURE, GLIDES, OPEN_MM, TARGETS

SHARPNESS = 1.25  # of the phone probabilities: trained with smoothed labels, they are too even
CLOSED_MM, TUCKED = .75, .4  # a frame counts as closed below this gap of the lips, as tucked above this rollLower
# Where a closure or a tuck is shown.
THRESHOLDS = dict(server=dict(at=.8, tuck_at=.45), small=dict(at=.6, tuck_at=.55))


class Articulate(nn.Module):
    """What to show when one is not sure: the mean of what the lips may be doing, but a closure or a tuck whole or not at all.

    The regression is the mean over everything the sound may mean; averaging over a closure and an open mouth gives lips that nearly meet, which
    looks like neither. Past `at`, the probability of a closure moves the mean onto the closed mouth, below it keeps it open.
    How far the lips open is, by the share `table`, the mean of the phones' apertures under their probabilities: on real speech that follows the true
    phones with r = .80 where the regression has .75; the rest keeps stress and loudness.
    """

    def __init__(self, geometry, at=.7, tuck_at=.7, width=.08, table=.7, silence_at=.75):
        super().__init__()
        self.at, self.tuck_at, self.width, self.table, self.silence_at = at, tuck_at, width, table, silence_at
        self.register_buffer('apertures', torch.tensor([GLIDE_APERTURE[p] if p in GLIDES else TARGETS[p][0] for p in PHONES], dtype=torch.float32))
        self.register_buffer('gap', torch.tensor(geometry.gap[LIPS], dtype=torch.float32))
        self.register_buffer('pairs', torch.tensor(geometry.pairs[LIPS], dtype=torch.float32))
        self.unit = geometry.unit_mm
        self.jaw, self.close = LIPS.index(K['jawOpen']), LIPS.index(K['mouthClose'])
        index = lambda *names: [LIPS.index(K[n]) for n in names]
        self.lowers = index('mouthLowerDownLeft', 'mouthLowerDownRight')
        self.uppers = index('mouthUpperUpLeft', 'mouthUpperUpRight')
        self.roll, self.funnel = LIPS.index(K['mouthRollLower']), LIPS.index(K['mouthFunnel'])
        self.press = index('mouthPressLeft', 'mouthPressRight')

    @torch.no_grad()
    def forward(self, controls, closure, tuck, silence, phones):
        """controls [..., LIPS], probabilities [...], of phones [..., 40] -> controls [..., LIPS]"""
        c = controls.clamp(min=0).clone()
        shut, tucked = (torch.sigmoid((p - a) / self.width) for p, a in ((closure, self.at), (tuck, self.tuck_at)))
        shut = torch.maximum(shut, torch.sigmoid((phones[..., 0] - self.silence_at) / self.width))  # a pause closes the mouth
        tucked = tucked * (1 - shut)
        c[..., self.close] = 0
        opening = (1 - self.table) * (controls @ self.gap).clamp(min=0) + self.table * (phones @ self.apertures) * OPEN_MM / self.unit
        opening = torch.maximum(opening, (1 - phones[..., 0]) * .05 * OPEN_MM / self.unit)  # speech is open wherever it is not closed
        opening = opening * (1 - shut)
        opening = opening * (1 - tucked) + tucked * .13 * OPEN_MM / self.unit
        for i in self.lowers:
            c[..., i] = c[..., i] * (1 - shut) * (1 - tucked)
        for i in self.uppers:
            c[..., i] = torch.maximum(c[..., i] * (1 - shut), .3 * tucked)
        c[..., self.funnel] = c[..., self.funnel] * (1 - .7 * shut) * (1 - .6 * tucked)
        c[..., self.roll] = torch.maximum(c[..., self.roll] * (1 - .8 * shut), .75 * tucked)
        for i in self.press:
            c[..., i] = .12 * shut * (1 - silence)
        c[..., self.jaw] = 0
        c[..., self.jaw] = torch.maximum(opening - c @ self.gap, torch.maximum(.05 * shut * (1 - silence), .025 * tucked))
        need = ((c @ self.pairs) / -self.pairs[self.close]).amax(-1)
        c[..., self.close] = (shut * need).clamp(0, 1)
        return c


class LipHead(nn.Module):
    """What an encoder believes of n frames, and what it showed in the `past` frames before -> code logits."""

    def __init__(self, articulate, lip_encoder):
        super().__init__()
        self.articulate, self.lip_encoder = articulate, lip_encoder
        self.past = lip_encoder.past
        self.state_size = self.past * len(LIPS)

    def show(self, phone, prosody, regress):
        """phone logits [B, n, 40], prosody logits [B, n, 3], controls, closure and tuck logits [B, n, LIPS + 2] -> controls [B, n, LIPS]"""
        closure, tuck = torch.sigmoid(regress[..., -2]), torch.sigmoid(regress[..., -1])
        return self.articulate(regress[..., :-2], closure, tuck, 1 - torch.sigmoid(prosody[..., 0]), torch.softmax(SHARPNESS * phone, -1))

    def forward(self, phone, prosody, regress, seen):
        """As show, and seen [B, past * LIPS], zeros (the resting lips) at the start -> logits [B, n, heads, classes], seen after"""
        shown = torch.cat([seen.reshape(-1, self.past, len(LIPS)), self.show(phone, prosody, regress)], 1)
        return self.lip_encoder(shown), shown[:, shown.shape[1] - self.past:].flatten(1)


def lip_head(kind, geometry, codec):
    """The LipHead of one kind of encoder, with a trained codec."""
    return LipHead(Articulate(geometry, **THRESHOLDS[kind]), codec.lip_encoder).eval()
