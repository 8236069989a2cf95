"""What the controls do to the vertices: lip gap, teeth contact and the Gram matrix that turns control errors into vertex errors.

    python models/geometry.py      # prints the gap functionals

Reads exports/template.json, template.obj and basis.bin; until a basis exists, hand-set weights stand in for it.
"""
import json
from pathlib import Path

import numpy as np

from controls import COUNT, K, NAMES, SHAPES

# Small on the surface, large to the onlooker: least weights on the diagonal, jawOpen = 1.
FLOORS = dict(eyeBlink=.6, eyeLook=.3, eyeSquint=.1, eyeWide=.1, brow=.2, tongue=.1, mouthSmile=.15, mouthFrown=.2, mouthRollLower=.1, cheekSquint=.05)
EXPORTS = Path(__file__).resolve().parent / 'exports'


class Geometry:
    """gram [56, 56]: squared vertex error = d' gram d, in units of the mean over emphasised vertices, about 1 for a full jawOpen.

    gap, teeth [56] and gap0, teeth0: the lips' opening and the lower lip's descent as linear functions of the controls, 1 = those of a full
    jawOpen (unit_mm); pairs [56, P]: the same opening at each of P places along the lips.
    """

    def __init__(self, exports=EXPORTS):
        self.real = (exports / 'basis.bin').exists() and (exports / 'template.json').exists()
        if self.real:
            self._measure(exports)
        else:
            self._guess()

    def _guess(self):
        w = np.full(COUNT, .15)
        for n, v in dict(jawOpen=1., mouthClose=.6, mouthPucker=.6, mouthFunnel=.6, eyeBlinkLeft=.4, eyeBlinkRight=.4, headPitch=6., headYaw=6.,
                         headRoll=6., tongueUp=.3, tongueOut=.5).items():
            w[K[n]] = v
        self.gram = np.diag(w)
        self.gap = np.zeros(COUNT)
        for n, v in dict(jawOpen=1., mouthClose=-1., mouthFunnel=.15, mouthLowerDownLeft=.1, mouthLowerDownRight=.1, mouthUpperUpLeft=.07,
                         mouthUpperUpRight=.07, mouthPressLeft=-.03, mouthPressRight=-.03, mouthRollLower=.05, mouthPucker=.03).items():
            self.gap[K[n]] = v
        self.gap0, self.unit_mm = 0., 34.
        self.pairs = self.gap[:, None]
        self.teeth = np.zeros(COUNT)
        for n, v in dict(jawOpen=1., mouthClose=-.6, mouthLowerDownLeft=.15, mouthLowerDownRight=.15, mouthRollLower=-.3).items():
            self.teeth[K[n]] = v
        self.teeth0 = .1

    def _measure(self, exports):
        t = json.loads((exports / 'template.json').read_text())
        assert t['basis']['controls'] == NAMES[:SHAPES], 'the basis lists other controls than controls.py'
        v = np.array([[float(x) for x in line.split()[1:4]] for line in (exports / 'template.obj').read_text().splitlines() if line.startswith('v ')])
        basis = np.fromfile(exports / 'basis.bin', '<i2').reshape(SHAPES, len(v), 3) * np.array(t['basis']['scale'])[:, None, None]
        self.vertices, self.basis, self.template = v, basis, t
        landmarks = t['landmarks']['vertices']
        near = lambda ids, radius: np.exp(-(np.min([np.linalg.norm(v - v[landmarks[i]], axis=1) for i in ids], 0) / radius) ** 2)
        weight = .15 + 3. * near(range(48, 68), .012) + 1.5 * near(range(36, 48), .008)
        weight[t['groups']['skin']['count']:] *= .3  # teeth, tongue, eyes, lashes
        flat = (basis * np.sqrt(weight)[None, :, None]).reshape(SHAPES, -1)
        self.gram = np.zeros((COUNT, COUNT))
        self.gram[:SHAPES, :SHAPES] = flat @ flat.T
        arm = v - v.mean(0)
        for k, (a, b) in zip(range(SHAPES, COUNT), ((1, 2), (0, 2), (0, 1))):
            self.gram[k, k] = .3 * (arm[:, [a, b]] ** 2).sum()
        self.gram /= self.gram[K['jawOpen'], K['jawOpen']]
        self.gram[SHAPES:] *= 4  # a trembling head is seen at once
        floor = np.array([next((f for start, f in FLOORS.items() if n.startswith(start)), .02) for n in NAMES])
        self.gram += np.diag(np.maximum(0., floor - np.diag(self.gram)))
        pairs = np.array(t['lipPairs'])[5:14]  # from corner to corner there are 19; these are the middle of the mouth
        y = basis[:, :, 1]
        per_pair = y[:, pairs[:, 0]] - y[:, pairs[:, 1]]  # [53, pairs]; the neutral lips touch
        middle = per_pair[:, 2:7].mean(1)
        unit = middle[K['jawOpen']]
        self.gap, self.gap0, self.unit_mm = np.r_[middle, 0, 0, 0] / unit, 0., unit * 1e3
        self.pairs = np.concatenate([per_pair, np.zeros((3, len(pairs)))]) / unit
        self.teeth, self.teeth0 = np.r_[-y[:, pairs[2:7, 1]].mean(1), 0, 0, 0] / unit, 0.  # how far the lower lip is below its neutral height

    def factor(self):
        """L [56, 56] with gram = L'L, so that |L d| is the vertex error of a control error d."""
        w, u = np.linalg.eigh(self.gram)
        return (u * np.sqrt(np.maximum(w, 1e-6))).T.astype(np.float32)


if __name__ == '__main__':
    g = Geometry()
    print('basis' if g.real else 'guess', 'gap0', g.gap0)
    for i in np.argsort(-np.abs(g.gap))[:14]:
        print(f'{NAMES[i]:22s} gap {g.gap[i]:+.3f} teeth {g.teeth[i]:+.3f} gram {g.gram[i, i]:.3f}')
