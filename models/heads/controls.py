"""The 53 shape controls of the vertex basis: ARKit's 52 in Apple's order, then `tongueUp`."""

_EYE = ["eyeBlink", "eyeLookDown", "eyeLookIn", "eyeLookOut", "eyeLookUp", "eyeSquint", "eyeWide"]

ARKIT = (
    [f"{name}{side}" for side in ("Left", "Right") for name in _EYE]
    + ["jawForward", "jawLeft", "jawRight", "jawOpen"]
    + ["mouthClose", "mouthFunnel", "mouthPucker", "mouthLeft", "mouthRight"]
    + [f"mouth{name}{side}" for name in ("Smile", "Frown", "Dimple", "Stretch") for side in ("Left", "Right")]
    + ["mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper"]
    + [f"mouth{name}{side}" for name in ("Press", "LowerDown", "UpperUp") for side in ("Left", "Right")]
    + ["browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight"]
    + ["cheekPuff", "cheekSquintLeft", "cheekSquintRight", "noseSneerLeft", "noseSneerRight", "tongueOut"]
)

SHAPES = [*ARKIT, "tongueUp"]
