"""The 22 emotions of the OCC model (Ortony, Clore, Collins 1988, The Cognitive Structure of Emotions) and what they do to a face.

Each is a place on the circumplex (valence, arousal; Russell 1980) plus a style: action units (Ekman & Friesen, FACS) as controls at full
intensity, where the eyes go, how the head is held, and tempo: how fast and how far head, brows and gaze move.
"""
import numpy as np

from controls import COUNT, K

# name: (valence, arousal, style). Styles add up; intensities scale them.
SMILE = dict(mouthSmile=.5, cheekSquint=.45, eyeSquint=.3, mouthDimple=.12)
EMOTIONS = {
    'joy': (.9, .6, dict(SMILE, browInnerUp=.15, browOuterUp=.2)),
    'distress': (-.8, .3, dict(browInnerUp=.75, browDown=.15, mouthFrown=.4, eyeSquint=.25, pitch=.05)),
    'happy-for': (.8, .4, dict(SMILE, mouthSmile=.4, browInnerUp=.25, browOuterUp=.15, roll=.04)),
    'pity': (-.4, -.3, dict(browInnerUp=.7, mouthFrown=.25, eyeSquint=.15, roll=.08, pitch=.03)),
    'resentment': (-.6, .2, dict(browDown=.55, eyeSquint=.45, mouthFrown=.25, noseSneer=.2, yaw=.05)),
    'gloating': (.4, .3, dict(mouthSmile=.4, mouthDimple=.2, eyeSquint=.4, browDown=.2, skew=.35, pitch=-.05)),
    'hope': (.5, .1, dict(mouthSmile=.22, browInnerUp=.5, browOuterUp=.25, eyeWide=.2, pitch=-.03)),
    'fear': (-.7, .8, dict(browInnerUp=.8, browOuterUp=.3, browDown=.15, eyeWide=.7, mouthFrown=.15, pitch=-.04)),
    'satisfaction': (.6, -.1, dict(SMILE, mouthSmile=.35, pitch=-.02)),
    'fears-confirmed': (-.7, .3, dict(browInnerUp=.6, browDown=.25, mouthFrown=.4, eyeWide=.15, pitch=.06)),
    'relief': (.4, -.5, dict(mouthSmile=.28, browInnerUp=.3, eyeSquint=.2, lid=.12, pitch=.03)),
    'disappointment': (-.5, -.3, dict(browInnerUp=.45, mouthFrown=.4, lid=.12, down=.1, pitch=.06)),
    'pride': (.6, .2, dict(mouthSmile=.3, browOuterUp=.25, lid=.1, pitch=-.08)),
    'shame': (-.6, -.2, dict(browInnerUp=.5, mouthFrown=.25, lid=.15, down=.25, pitch=.1, yaw=.05)),
    'admiration': (.6, .3, dict(mouthSmile=.3, browInnerUp=.4, browOuterUp=.4, eyeWide=.3, roll=.03)),
    'reproach': (-.5, .3, dict(browDown=.6, mouthFrown=.3, eyeSquint=.25, pitch=.03, noseSneer=.15)),
    'gratification': (.7, .2, dict(SMILE, mouthSmile=.42, pitch=-.04)),
    'remorse': (-.6, -.3, dict(browInnerUp=.65, browDown=.1, mouthFrown=.35, lid=.12, down=.2, pitch=.08)),
    'gratitude': (.7, .1, dict(SMILE, mouthSmile=.38, browInnerUp=.35, pitch=.04, roll=.04)),
    'anger': (-.8, .9, dict(browDown=.9, eyeSquint=.35, eyeWide=.25, noseSneer=.4, mouthFrown=.25, pitch=.05)),
    'love': (.9, .1, dict(SMILE, mouthSmile=.36, browInnerUp=.35, lid=.08, roll=.07)),
    'hate': (-.9, .6, dict(browDown=.8, noseSneer=.55, eyeSquint=.5, mouthFrown=.35, pitch=.02)),
}
NAMES = list(EMOTIONS)
COUNT_OCC = len(NAMES)
SPECIAL = ('pitch', 'yaw', 'roll', 'lid', 'down', 'skew')
VALENCE = np.array([v for v, _, _ in EMOTIONS.values()], np.float32)
AROUSAL = np.array([a for _, a, _ in EMOTIONS.values()], np.float32)


def _pose(style):
    c = np.zeros(COUNT)
    for name, value in style.items():
        if name not in SPECIAL:
            for control in (name, name + 'Left', name + 'Right'):
                if control in K:
                    c[K[control]] = value
    return c


POSES = np.stack([_pose(s) for _, _, s in EMOTIONS.values()])  # [22, 56]
_special = {k: np.array([s.get(k, 0.) for _, _, s in EMOTIONS.values()]) for k in SPECIAL}


class Mood:
    """What an emotion vector (22 intensities, 0..1) does: `pose` [56], `tempo` (1 = neutral), and the fields of SPECIAL."""

    def __init__(self, emotion=None):
        e = np.zeros(COUNT_OCC) if emotion is None else np.asarray(emotion, float)
        self.amount = float(min(1., e.sum()))
        self.pose = e @ POSES
        self.arousal, self.valence = float(e @ AROUSAL), float(e @ VALENCE)
        self.tempo = 1 + .6 * self.arousal
        for k in SPECIAL:
            setattr(self, k, float(e @ _special[k]))


def draw(random, neutral=.4):
    """A random emotion vector for training: often neutral, else one category, sometimes two."""
    e = np.zeros(COUNT_OCC, np.float32)
    if random.random() > neutral:
        e[random.integers(COUNT_OCC)] = random.uniform(.3, 1.)
        if random.random() < .15:
            k = random.integers(COUNT_OCC)
            e[k] = max(e[k], random.uniform(.2, .5))
    return e / max(1., e.sum())
