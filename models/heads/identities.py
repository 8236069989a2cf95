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
