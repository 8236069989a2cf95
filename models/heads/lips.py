"""Lips that meet: MakeHuman's identities leave up to a millimetre between them."""

import numpy as np

from .head import HeadTopology

# the lower lip's midline vertex of each concentric lip loop, from the skin to the gums, and how much of the sealing
# movement the loop takes; 523 is where the lips touch
LOOP_SHARES = {491: 0.1, 5337: 0.2, 492: 0.4, 496: 0.6, 495: 0.75, 513: 0.9, 494: 1.0, 493: 1.0, 523: 1.0, 540: 1.0, 557: 0.6, 574: 0.3, 591: 0.1}

OVERLAP = 0.0014  # metres: the upper lip's inner edge ends a little below the lower's, so that no light shows between


def seal_offsets(head: HeadTopology, body: np.ndarray) -> np.ndarray:
    """Offsets [19158, 3] in metres that close the gap between the lips of `body`, half by each lip."""
    sideways = np.array([1.0, 0, 0])
    loops = {v: head.quad_mesh.loop_towards(v, head.makehuman.mesh.vertices, sideways) for v in LOOP_SHARES}
    contact = body[loops[523]]
    half = len(contact) // 2
    offsets = np.zeros_like(body)
    for start, share in LOOP_SHARES.items():
        for i in range(-half // 2 + 1, half // 2 + 1):
            lower, upper = i % len(contact), (half - i) % len(contact)
            gap = contact[upper, 1] - contact[lower, 1] + OVERLAP
            offsets[loops[start][lower], 1] += 0.5 * share * gap
            offsets[loops[start][upper], 1] -= 0.5 * share * gap
    return offsets
