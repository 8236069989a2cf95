"""The people of our heads."""

# the neutral adult of the template
TEMPLATE = {
    "gender": 0.35,
    "age": 0.52,
    "ancestry": {"caucasian": 0.5, "asian": 0.25, "african": 0.25},
    "details": {
        "eyes/l-eye-scale-incr": 0.15,
        "eyes/l-eye-trans-in": 0.2,
        "ears/l-ear-wing-decr": 0.7,
        "ears/l-ear-scale-decr": 0.25,
        "head/head-oval": 0.35,
        "head/head-scale-vert-decr": 0.1,
        "mouth/mouth-angles-up": 0.15,
        "nose/nose-scale-horiz-decr": 0.25,
    },
    "worn": {"eyeWideLeft": 0.35, "eyeWideRight": 0.35},
}

# an older man, for the bust
BUST = {
    "gender": 0.95,
    "age": 0.76,
    "muscle": 0.6,
    "ancestry": {"caucasian": 0.7, "asian": 0.15, "african": 0.15},
    "details": {
        "ears/l-ear-wing-decr": 0.6,
        "nose/nose-hump-incr": 0.2,
        "mouth/mouth-angles-up": 0.35,
        "eyes/l-eye-trans-in": 0.2,
        "head/head-square": 0.2,
    },
    "worn": {"eyeWideLeft": 0.25, "eyeWideRight": 0.25},
}

# a woman of about thirty, for the guide
GUIDE = {
    "gender": 0.06,
    "age": 0.54,
    "muscle": 0.55,
    "weight": 0.4,
    "height": 0.565,
    "ideal": 0.95,
    "ancestry": {"caucasian": 0.65, "asian": 0.3, "african": 0.05},
    "details": {
        "ears/l-ear-wing-decr": 0.7,
        "ears/l-ear-scale-decr": 0.4,
        "head/head-oval": 0.4,
        "nose/nose-scale-horiz-decr": 0.4,
        "nose/nose-scale-depth-decr": 0.2,
        "eyes/l-eye-scale-incr": 0.2,
        "mouth/mouth-angles-up": 0.4,
        "cheek/l-cheek-volume-incr": 0.15,
    },
    "worn": {
        "eyeWideLeft": 0.1,
        "eyeWideRight": 0.1,
        "mouthSmileLeft": 0.26,
        "mouthSmileRight": 0.26,
        "cheekSquintLeft": 0.12,
        "cheekSquintRight": 0.12,
    },
}

# sRGB
GUIDE_PALETTE = {
    "skin": (0.87, 0.69, 0.59),
    "blush": (0.86, 0.56, 0.47),
    "lid": (0.70, 0.50, 0.43),
    "lips": (0.74, 0.42, 0.40),
    "brows": (0.25, 0.16, 0.115),
    "hair": (0.27, 0.175, 0.12),
    "lashes": (0.07, 0.05, 0.045),
    "irisInner": (0.42, 0.33, 0.17),
    "irisOuter": (0.24, 0.31, 0.25),
    "mouth": (0.66, 0.33, 0.32),
    "teeth": (0.93, 0.90, 0.85),
    "tongue": (0.74, 0.39, 0.38),
    "jacket": (0.125, 0.225, 0.30),
    "blouse": (0.93, 0.90, 0.85),
    "trousers": (0.165, 0.175, 0.195),
    "shoes": (0.20, 0.13, 0.10),
    "accent": (0.88, 0.42, 0.24),
}
