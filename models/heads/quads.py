"""Walking a quad mesh: edge loops, and the faces that a loop encloses."""

from collections import defaultdict

import numpy as np


class QuadMesh:
    def __init__(self, faces: np.ndarray):
        self.faces = faces
        self.neighbours: dict[int, set[int]] = defaultdict(set)
        self.edge_faces: dict[frozenset, set[int]] = defaultdict(set)
        for index, face in enumerate(faces.tolist()):
            for a, b in zip(face, face[1:] + face[:1]):
                if a != b:
                    self.neighbours[a].add(b)
                    self.neighbours[b].add(a)
                    self.edge_faces[frozenset((a, b))].add(index)

    def loop(self, first: int, second: int) -> list[int]:
        """The closed edge loop that starts with the edge first -> second; ValueError where it does not close."""
        loop = [first, second]
        while len(loop) <= len(self.neighbours):
            before, here = loop[-2:]
            near = self.edge_faces[frozenset((before, here))]
            ahead = [n for n in self.neighbours[here] if n != before and not self.edge_faces[frozenset((here, n))] & near]
            if len(self.neighbours[here]) != 4 or len(ahead) != 1:
                break
            if ahead[0] == first:
                return loop
            loop.append(ahead[0])
        raise ValueError(f"the edges from {first} over {second} do not close to a loop")

    def loop_towards(self, start: int, vertices: np.ndarray, direction: np.ndarray) -> list[int]:
        """The closed loop from `start` along its edge nearest to `direction`."""
        def along(n: int) -> float:
            edge = vertices[n] - vertices[start]
            return float(edge @ direction / (np.linalg.norm(edge) + 1e-12))

        return self.loop(start, max(self.neighbours[start], key=along))

    def flood(self, seed: int, barrier: list[int]) -> np.ndarray:
        """Indices of the faces reachable from vertex `seed` without crossing an edge of the loop `barrier`."""
        wall = {frozenset(edge) for edge in zip(barrier, barrier[1:] + barrier[:1])}
        of_vertex = [i for i, face in enumerate(self.faces.tolist()) if seed in face]
        seen, open_faces = set(of_vertex), list(of_vertex)
        while open_faces:
            face = self.faces[open_faces.pop()].tolist()
            for a, b in zip(face, face[1:] + face[:1]):
                edge = frozenset((a, b))
                if a == b or edge in wall:
                    continue
                for other in self.edge_faces[edge] - seen:
                    seen.add(other)
                    open_faces.append(other)
        return np.array(sorted(seen))


def triangulate(quads: np.ndarray) -> np.ndarray:
    """Triangles [2n, 3]; the two of one quad follow each other. A triangle stored as a quad gives one."""
    pairs = np.stack([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]], 1).reshape(-1, 3)
    distinct = (pairs[:, 0] != pairs[:, 1]) & (pairs[:, 1] != pairs[:, 2]) & (pairs[:, 0] != pairs[:, 2])
    return pairs[distinct]


def clip(points: np.ndarray, triangles: np.ndarray, value: np.ndarray):
    """The part of a mesh where `value` > 0: points, triangles, and the indices of the points on the cut.

    `points` [n, k] may carry anything after the position that is to be interpolated.
    """
    points, keep, made, cut = list(points), [], {}, set()

    def crossing(a: int, b: int) -> int:
        key = (min(a, b), max(a, b))
        if key not in made:
            t = value[a] / (value[a] - value[b])
            made[key] = len(points)
            points.append(points[a] * (1 - t) + points[b] * t)
            cut.add(made[key])
        return made[key]

    for triangle in triangles.tolist():
        signs = [value[i] > 0 for i in triangle]
        if all(signs):
            keep.append(triangle)
        elif any(signs):
            k = signs.index(sum(signs) == 1)  # the corner alone on its side
            a, b, c = triangle[k], triangle[k - 2], triangle[k - 1]
            ab, ac = crossing(a, b), crossing(a, c)
            keep += [[a, ab, ac]] if signs[k] else [[ab, b, c], [ab, c, ac]]
    return np.array(points), np.array(keep), np.array(sorted(cut))
