"""A person: MakeHuman's parameters, and face units worn in the neutral pose (a little more open eyes, a hint of a smile)."""

import numpy as np

from .makehuman import MakeHuman


class Person:
    """`body` [19158, 3] metres; `worn` the face units that are part of it, by name."""

    def __init__(self, makehuman: MakeHuman, identity: dict):
        parameters = {k: v for k, v in identity.items() if k != "worn"}
        self.worn: dict[str, float] = identity.get("worn", {})
        self.body = makehuman.body(**parameters)
        self.body += sum((w * makehuman.face_unit(unit) for unit, w in self.worn.items()), np.zeros_like(self.body))
