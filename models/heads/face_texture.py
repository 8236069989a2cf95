"""The guide's face and eyes: skin with its tones, lips, brows of single strokes, a scalp that darkens under the hair."""

import numpy as np
from PIL import Image, ImageDraw
from scipy.interpolate import PchipInterpolator
from scipy.ndimage import gaussian_filter

from .head import BROW_CURVE_MM, HeadTopology
from .paint import bake, bleed, distance_to_line, mix, noise, smooth_step, to_image
from .quads import triangulate
from .scalp import HAIRLINE_MM, signed_distance

# MakeHuman's islands (low and high corners in its layout) and where they go in ours
ISLANDS = [
    ((0.63, 0.14, 1.0, 0.83), (0.002, 0.0, 0.998, 0.80)),
    ((0.63, 0.0, 1.0, 0.14), (0.62, 0.805, 0.85, 0.998)),
    ((0.2, 0.83, 0.63, 1.0), (0.002, 0.805, 0.60, 0.998)),
    ((0.0, 0.3, 0.2, 0.8), (0.86, 0.805, 0.998, 0.998)),
]


def head_uvs(head: HeadTopology) -> tuple[np.ndarray, np.ndarray]:
    """Our layout: coordinates [n, 2] (origin at the lower left) and quads [faces, 4] for the skin's faces."""
    mesh = head.makehuman.mesh
    quads = mesh.face_uvs["body"][head.skin_faces]
    uvs = mesh.uvs.copy()
    used = np.unique(quads)
    centre = {}
    for (u0, v0, u1, v1), (x0, y0, x1, y1) in ISLANDS:
        inside = used[(uvs[used, 0] >= u0) & (uvs[used, 0] <= u1) & (uvs[used, 1] >= v0) & (uvs[used, 1] <= v1)]
        centre[(x0, y0)] = (inside, uvs[inside].min(0), uvs[inside].max(0), np.array([x0, y0]), np.array([x1, y1]))
    for inside, low, high, to_low, to_high in centre.values():
        uvs[inside] = to_low + 0.006 + (mesh.uvs[inside] - low) / (high - low) * (to_high - to_low - 0.012)
    return uvs, quads


def paint_face(head: HeadTopology, body: np.ndarray, palette: dict, size: int = 2048) -> Image.Image:
    """`body`: the person's vertices [19158, 3]; `palette`: sRGB colours of skin, lips, blush, brows, hair."""
    makehuman = head.makehuman
    uvs, uv_quads = head_uvs(head)
    faces = makehuman.mesh.faces["body"][head.skin_faces]
    rest = makehuman.mesh.vertices - makehuman.joint("joint-head", makehuman.mesh.vertices)
    origin = makehuman.joint("joint-head", body)
    materials = np.array(head.groups["skin"].materials)
    flags = np.zeros((len(body), 2))  # 0 to 1 across the lips' border, and across their edge into the mouth
    flags[np.unique(faces[materials == "lips"]), 0] = 1
    flags[head.lip_border, 0] = 0.5
    flags[np.unique(makehuman.mesh.faces["body"][head.quad_mesh.flood(head.lip_contact[0], head.lip_edge)]), 1] = 1
    flags[head.lip_edge, 1] = 0
    values = np.hstack([body - origin, rest, flags])
    texels, covered = bake(uvs, triangulate(uv_quads), values, triangulate(faces), size)
    flat = texels[covered]
    place, base_place, lip_flag, within = flat[:, :3], flat[:, 3:6], flat[:, 6], flat[:, 7]
    skin = np.asarray(palette["skin"], np.float32)
    colour = np.tile(skin, (len(flat), 1))

    tone = noise(size, 60, 1)[covered] * 0.012 + noise(size, 12, 2)[covered] * 0.008
    pores = noise(size, 1.2, 3)[covered] * 0.010
    colour *= (1 + tone + pores)[:, None]
    redness = noise(size, 25, 4)[covered] * 0.5
    warm = np.asarray(palette["blush"], np.float32)

    left_eye, right_eye = head.eye(body, "left").centre - origin, head.eye(body, "right").centre - origin
    nose = (body[head.skin[np.argmax(np.where(np.abs(body[head.skin, 0]) < 1e-4, body[head.skin, 2], -9))]]) - origin

    def spot(centre, radius, amount):
        nonlocal colour
        d = np.linalg.norm((place - centre) / np.asarray(radius), axis=1)
        colour = mix(colour, colour * (warm / skin), amount * np.exp(-d * d) * (1 + 0.15 * redness))

    for eye, sign in ((left_eye, 1), (right_eye, -1)):
        spot(eye + [sign * 0.010, -0.038, -0.004], (0.021, 0.016, 0.03), 0.75)
        spot(eye + [sign * 0.004, -0.014, 0.0], (0.016, 0.006, 0.02), 0.30)
        spot([sign * 0.078, 0.012, 0.015], (0.014, 0.03, 0.03), 0.55)
    spot(nose + [0, 0, -0.004], (0.016, 0.012, 0.02), 0.5)
    spot(nose + [0, -0.072, -0.01], (0.018, 0.012, 0.02), 0.3)

    for lid, eye in ((head.left_lid, left_eye), (head.right_lid, right_eye)):
        near = np.linalg.norm(place - eye, axis=1) < 0.045
        line = body[lid] - origin
        d = distance_to_line(place[near], line)
        above = smooth_step(-0.004, 0.006, place[near, 1] - eye[1])
        shade = np.exp(-((d / 0.006) ** 2)) * (0.10 + 0.28 * above)
        part = mix(colour[near], np.asarray(palette["lid"], np.float32), shade)
        rim = np.exp(-((d / 0.0011) ** 2)) * (0.35 + 0.45 * above)
        colour[near] = mix(part, np.asarray(palette["brows"], np.float32) * 0.6, rim)
        caruncle = np.linalg.norm((place[near] - (line[np.argmin(np.abs(line[:, 0]))] + [0, 0, -0.001])) / 0.0035, axis=1)
        colour[near] = mix(colour[near], (0.78, 0.45, 0.42), 0.6 * np.exp(-(caruncle**2)))

    mouth = np.linalg.norm(place - (body[head.lip_contact].mean(0) - origin), axis=1) < 0.055
    border = distance_to_line(place[mouth], body[head.lip_border] - origin) * np.sign(lip_flag[mouth] - 0.5)
    contact = distance_to_line(place[mouth], body[head.lip_edge] - origin)
    lips = smooth_step(-0.0012, 0.0014, border)
    lip_colour = np.asarray(palette["lips"], np.float32) * (1 + 0.05 * noise(size, 2.5, 5)[covered][mouth])[:, None]
    lip_colour = lip_colour * (1 - 0.25 * np.exp(-((contact / 0.003) ** 2)) - 0.5 * smooth_step(0.1, 0.9, within[mouth]))[:, None]
    colour[mouth] = colour[mouth] + (lip_colour - colour[mouth]) * (0.86 * lips)[:, None]

    hairline = np.vstack([HAIRLINE_MM, HAIRLINE_MM[:1]]) / 1000
    behind = np.full(len(flat), -1.0, np.float32)
    head_side = base_place[:, 1] > -0.09
    behind[head_side] = signed_distance_chunks(hairline, base_place[head_side][:, 2:0:-1])
    ear = np.abs(base_place[:, 0]) > 0.0725
    ear &= (base_place[:, 1] < 0.045) & (base_place[:, 1] > -0.03) & (base_place[:, 2] > 0.005)
    strands = noise(size, 5, 6)[covered] * 0.0006
    roots = smooth_step(-0.006, 0.010, behind + strands) * ~ear
    colour = mix(colour, np.asarray(palette["hair"], np.float32), 0.95 * roots)

    image = np.zeros((size, size, 3), np.float32)
    image[covered] = colour
    _mouth_inside(image, head, uvs, uv_quads, materials, size)
    image = bleed(image, covered)
    return _brows(to_image(image), texels, covered, {"left": left_eye, "right": right_eye}, palette, head.eye(body, "left").radius)


def signed_distance_chunks(polygon: np.ndarray, points: np.ndarray) -> np.ndarray:
    return np.concatenate([signed_distance(polygon, part) for part in np.array_split(points, max(1, len(points) // 100_000))])


def _mouth_inside(image, head, uvs, uv_quads, materials, size) -> None:
    """The cavity's faces: dark red, darker to the back."""
    part = materials == "mouth"
    depth = head.makehuman.mesh.vertices[:, 2:3]
    faces = head.makehuman.mesh.faces["body"][head.skin_faces][part]
    texels, covered = bake(uvs, triangulate(uv_quads[part]), depth, triangulate(faces), size)
    front, back = depth[faces].max(), depth[faces].min()
    t = ((texels[covered][:, 0] - back) / (front - back)).clip(0, 1)
    image[covered] = np.array([0.10, 0.03, 0.03]) + t[:, None] ** 1.5 * np.array([0.52, 0.24, 0.23])


def _brows(image: Image.Image, texels, covered, eyes: dict, palette: dict, eye_radius: float) -> Image.Image:
    """Strokes of single hairs, placed in the face's frontal projection and drawn where their texels are."""
    from scipy.spatial import cKDTree

    size = image.width
    scale = 4 if size < 1500 else 2
    layer = Image.new("L", (size * scale, size * scale), 0)
    draw = ImageDraw.Draw(layer)
    rng = np.random.default_rng(11)
    front = covered & (texels[:, :, 2] > eyes["left"][2] - 0.02) & (np.abs(texels[:, :, 1] - eyes["left"][1] - 0.015) < 0.03)
    rows, columns = np.nonzero(front)
    spots = texels[rows, columns, :2]
    tree = cKDTree(spots)
    knots = np.linspace(0, 1, len(BROW_CURVE_MM))
    curve = PchipInterpolator(knots, BROW_CURVE_MM)
    slope = curve.derivative()
    unit = eye_radius / 0.0148 / 1000
    for side, sign in (("left", 1), ("right", -1)):
        for _ in range(620):
            t = rng.beta(0.95, 1.05)
            half = np.interp(t, [0, 0.12, 0.35, 0.65, 0.9, 1], [2.1, 2.9, 2.6, 1.9, 0.9, 0.25])
            across = rng.uniform(-1, 1)
            along = slope(t) / np.linalg.norm(slope(t))
            up = np.array([-along[1], along[0]])
            start = curve(t) + up * across * half
            # hairs stand up at the inner end and lie along the brow further out
            lean = np.interp(t, [0, 0.2, 0.6, 1], [75, 42, 18, 4]) - 26 * across * np.interp(t, [0, 0.5, 1], [0.2, 1, 0.6])
            lean = np.radians(lean + rng.normal(0, 7))
            direction = along * np.cos(lean) + up * np.sin(lean)
            length = np.interp(t, [0, 0.3, 1], [3.4, 4.6, 3.6]) * rng.uniform(0.7, 1.1)
            pixels = []
            for s in np.linspace(0, 1, 5):
                p = start + direction * length * s - up * (0.7 * s * s)
                distance, index = tree.query(eyes[side][:2] + p * [sign, 1] * unit)
                if distance < 0.0008:
                    pixels.append((columns[index] * scale + scale / 2, rows[index] * scale + scale / 2))
            if len(pixels) > 2 and max(abs(pixels[0][0] - pixels[-1][0]), abs(pixels[0][1] - pixels[-1][1])) < 90 * scale:
                draw.line(pixels, fill=int(rng.uniform(110, 215)), width=max(1, round(size / 2048 * scale * rng.uniform(0.8, 1.7))))
    mask = np.asarray(layer.resize((size, size), Image.Resampling.BOX), np.float32) / 255
    soft = gaussian_filter(mask, size / 2048 * 5) * 0.55
    cover = np.clip(mask * 0.9 + soft, 0, 0.93)
    colour = np.asarray(image, np.float32) / 255
    return to_image(mix(colour, np.asarray(palette["brows"], np.float32), cover))


def paint_eye(palette: dict, size: int = 512) -> Image.Image:
    """An eye seen along its axis, in eyeball.uvs()'s layout."""
    from .eyeball import IRIS_DEG, PUPIL_DEG, RINGS_DEG

    y, x = np.mgrid[0:size, 0:size]
    u, v = (x + 0.5) / size - 0.5, 0.5 - (y + 0.5) / size
    polar = np.hypot(u, v) * 2 * RINGS_DEG[-1]
    angle = np.arctan2(v, u)
    white = np.ones((size, size, 3), np.float32) * np.array([0.93, 0.915, 0.90])
    white = mix(white, (0.86, 0.66, 0.62), 0.45 * smooth_step(34, 70, polar))
    white *= (1 + 0.012 * noise(size, 6, 1))[..., None]
    white *= (1 - 0.34 * smooth_step(0.02, 0.30, v))[..., None]  # the upper lid's shade
    r = (polar - PUPIL_DEG) / (IRIS_DEG - PUPIL_DEG)
    rng = np.random.default_rng(3)
    rays = sum(rng.uniform(0.4, 1) * np.cos(k * angle + rng.uniform(0, 6.28) + 1.5 * np.sin(5 * r)) / k**0.35 for k in rng.integers(14, 120, 26))
    rays = rays / rays.std()
    inner, outer = np.asarray(palette["irisInner"], np.float32), np.asarray(palette["irisOuter"], np.float32)
    iris = inner + (outer - inner) * smooth_step(0.05, 0.65, r)[..., None]
    iris = iris * (1 + 0.16 * rays * smooth_step(0.0, 0.25, r) * (1 - smooth_step(0.85, 1.0, r)))[..., None]
    iris *= (1 - 0.72 * smooth_step(0.72, 1.02, r))[..., None]
    iris *= (1 - 0.42 * smooth_step(0.0, 0.09, v))[..., None]
    iris *= (1 + 0.35 * np.exp(-(((v + 0.065) / 0.05) ** 2) - (u / 0.09) ** 2))[..., None]  # light gathers opposite the lamp
    colour = mix(white, (0, 0, 0), np.zeros_like(polar))
    colour = colour + (iris - colour) * (1 - smooth_step(IRIS_DEG - 1.2, IRIS_DEG + 1.6, polar))[..., None]
    colour = mix(colour, (0.012, 0.010, 0.010), 1 - smooth_step(PUPIL_DEG - 0.9, PUPIL_DEG + 0.7, polar))
    return to_image(colour)
