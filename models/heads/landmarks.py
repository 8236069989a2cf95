"""The 68 iBUG landmarks as vertices of the head (Sagonas et al., 300 Faces in-the-Wild, ICCVW 2013).

Eyes, mouth and nose lie on MakeHuman's edge loops and midline; jaw and brows are found on the geometry. Point 0 is at the
face's own right ear, x < 0.
"""

import numpy as np

from .head import HeadTopology

# wing, between wing and middle, under the middle: vertices of base.obj on the right side
NOSE_BASE = [358, 359, 343]


def find_landmarks(head: HeadTopology, body: np.ndarray, positions: np.ndarray) -> list[int]:
    """68 vertex indices of the head; `positions` are its vertices in the frame of `body`."""
    skin = positions[: len(head.skin)]
    right_eye, left_eye = head.eye(body, "right"), head.eye(body, "left")
    eye_line = (right_eye.centre[1] + left_eye.centre[1]) / 2
    points = _jaw(skin, eye_line)
    points += [_nearest(skin, p) for p in _brows(positions, head)]
    tip = head.head_index(_midline_tip(head, body))
    points += _bridge(skin, eye_line, tip)
    nostrils = [int(head.mirror[v]) if sign > 0 else v for v, sign in zip(NOSE_BASE + NOSE_BASE[1::-1], (-1, -1, -1, 1, 1))]
    points += [head.head_index(v) for v in nostrils]
    for lid in (head.right_lid, head.left_lid):
        points += [head.head_index(v) for v in _six_of_lid(body, lid)]
    outer = head.lip_border
    inner = head.lip_edge
    points += [head.head_index(v) for v in _along_lips(body, outer, [0, 0.26, 0.41, 0.5, 0.59, 0.74], [0, 0.26, 0.41, 0.5, 0.59, 0.74])]
    points += [head.head_index(v) for v in _along_lips(body, inner, [0, 0.3, 0.5, 0.7], [0, 0.3, 0.5, 0.7])]
    return points


def lip_gap_pairs(head: HeadTopology) -> list[list[int]]:
    """[upper, lower] vertices of the head that touch when the lips are closed, from corner to corner."""
    loop = [head.head_index(v) for v in head.lip_contact]  # starts at the middle of the lower lip
    half = len(loop) // 2
    return [[loop[(half - i) % len(loop)], loop[i % len(loop)]] for i in range(-half // 2 + 1, half // 2 + 1)]


def _nearest(points: np.ndarray, to: np.ndarray) -> int:
    return int(np.argmin(np.linalg.norm(points - to, axis=1)))


def _midline_tip(head: HeadTopology, body: np.ndarray) -> int:
    middle = head.skin[np.abs(body[head.skin, 0]) < 1e-4]
    return int(middle[np.argmax(body[middle, 2])])


def _jaw(skin: np.ndarray, eye_line: float) -> list[int]:
    """Seventeen points on the outline of the jaw seen from the front, from ear to ear over the chin."""
    middle = skin[np.abs(skin[:, 0]) < 1e-4]
    tip = middle[np.argmax(middle[:, 2])]
    below = middle[(middle[:, 1] < tip[1] - 0.05) & (middle[:, 2] > tip[2] - 0.05)]
    chin = below[np.argmin(below[:, 1] - 0.3 * below[:, 2])]
    centre = np.array([0.0, eye_line - 0.012])
    right = []
    for k in range(8):
        angle = k / 8 * np.pi / 2 * 1.0
        direction = np.array([-np.cos(angle), -np.sin(angle)])
        # in front of the ear, above the underside of the chin
        side = skin[(skin[:, 0] < -0.001) & (skin[:, 2] > tip[2] - 0.088) & (skin[:, 1] > chin[1] - 0.002)]
        flat = side[:, :2] - centre
        length = np.linalg.norm(flat, axis=1)
        off = np.abs(flat[:, 0] * direction[1] - flat[:, 1] * direction[0])
        ahead = flat @ direction > 0
        score = np.where(ahead & (off < 0.006), length - 0.6 * off, -1)
        right.append(side[np.argmax(score)])
    left = [p * [-1, 1, 1] for p in reversed(right)]
    return [_nearest(skin, p) for p in [*right, chin, *left]]


def _brows(positions: np.ndarray, head: HeadTopology) -> list[np.ndarray]:
    rows = []
    for side in ("right", "left"):
        group = head.groups[f"{side}Brow"]
        columns = group.count // 3
        middle = positions[group.first + columns : group.first + 2 * columns]
        picked = [middle[round(s * (columns - 1))] for s in (0.02, 0.25, 0.5, 0.75, 1.0)]
        rows += picked[::-1] if side == "right" else picked
    return rows


def _bridge(skin: np.ndarray, eye_line: float, tip: int) -> list[int]:
    middle = np.nonzero((np.abs(skin[:, 0]) < 1e-4) & (skin[:, 2] > skin[tip, 2] - 0.04))[0]
    heights = np.linspace(eye_line + 0.001, skin[tip, 1], 4)
    return [int(middle[np.argmin(np.abs(skin[middle, 1] - y))]) for y in heights[:3]] + [tip]


def _six_of_lid(body: np.ndarray, loop: list[int]) -> list[int]:
    """Corner at smaller x, two above, the other corner, two below (from there back): iBUG's order for both eyes."""
    loop = np.array(loop)
    x = body[loop, 0]
    low, high = loop[np.argmin(x)], loop[np.argmax(x)]
    chord = body[high] - body[low]
    above = body[loop, 1] > body[low, 1] + (x - body[low, 0]) / chord[0] * chord[1]
    def at(share: float, upper: bool) -> int:
        candidates = loop[above == upper]
        return candidates[np.argmin(np.abs(body[candidates, 0] - body[low, 0] - share * chord[0]))]
    return [low, at(0.33, True), at(0.67, True), high, at(0.67, False), at(0.33, False)]


def _along_lips(body: np.ndarray, loop: list[int], upper: list[float], lower: list[float]) -> list[int]:
    """Vertices at shares of the mouth's width: along the upper lip from the right corner, back along the lower one."""
    loop = np.array(loop)
    half = len(loop) // 2
    x = body[loop, 0]
    right, left = int(np.argmin(x)), int(np.argmax(x))
    width = x[left] - x[right]
    index = np.arange(len(loop))
    is_upper = (index > min(left, right)) & (index < max(left, right))
    if body[loop[0], 1] > body[loop[half], 1]:
        is_upper = ~is_upper
    def at(share: float, on_upper: bool) -> int:
        candidates = loop[is_upper if on_upper else ~is_upper]
        return candidates[np.argmin(np.abs(body[candidates, 0] - x[right] - share * width))]
    return [loop[right]] + [at(s, True) for s in upper[1:]] + [loop[left]] + [at(1 - s, False) for s in lower[1:]]
