"""The 56 controls of a face, their order, ranges and which latent head drives which.

52 ARKit blendshapes in Apple's order, tongueUp (tip to the alveolar ridge), then the head's rotation in radians
(+pitch looks down, +yaw turns to the head's own left, +roll tilts to the head's own left).
"""
import os

import numpy as np

from heads.controls import SHAPES as SHAPE_NAMES

NAMES = [*SHAPE_NAMES, 'headPitch', 'headYaw', 'headRoll']
K = {n: i for i, n in enumerate(NAMES)}
SHAPES, COUNT = len(SHAPE_NAMES), len(NAMES)  # 53, 56
LOW = np.array([0.] * SHAPES + [-.25, -.35, -.25], np.float32)
HIGH = np.array([1.] * SHAPES + [.25, .35, .25], np.float32)
FPS = 30

_pick = lambda test: [i for i, n in enumerate(NAMES) if test(n)]
LIPS = _pick(lambda n: n.startswith(('jaw', 'mouth', 'tongue')) or n == 'cheekPuff')
# One latent head per independent process of the upper face: sampled apart, each still moves coherently.
UPPER = [
    _pick(lambda n: n.startswith('eyeBlink')),
    _pick(lambda n: n.startswith('eyeLook')),
    _pick(lambda n: n.startswith(('eyeSquint', 'eyeWide'))),
    _pick(lambda n: n.startswith('brow')),
    [K['headPitch']],
    [K['headYaw']],
    [K['headRoll']],
    _pick(lambda n: n.startswith(('mouthSmile', 'mouthFrown', 'mouthDimple', 'cheekSquint', 'noseSneer'))),  # mood
]
# ablate.py tries other sizes through the environment.
LIP_HEADS, CLASSES, WINDOW = (int(os.environ.get(f'PARLEY_{n}', d)) for n, d in (('LIP_HEADS', 8), ('CLASSES', 64), ('WINDOW', 9)))
HEADS = LIP_HEADS + len(UPPER)
