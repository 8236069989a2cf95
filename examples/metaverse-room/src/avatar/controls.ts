import type { CameraRig } from './camera-rig.ts';
import type { WalkInput } from './walker.ts';

const LOOK_RADIANS_PER_PIXEL = 0.0052;
const TURN_RADIANS_PER_SECOND = 1.9;

/** Keys that belong to walking, by `KeyboardEvent.code`. */
const WALK_KEYS: Readonly<Record<string, readonly [forward: number, right: number, turn: number]>> = {
  KeyW: [1, 0, 0],
  ArrowUp: [1, 0, 0],
  KeyS: [-1, 0, 0],
  ArrowDown: [-1, 0, 0],
  KeyA: [0, -1, 0],
  KeyD: [0, 1, 0],
  ArrowLeft: [0, 0, -1],
  ArrowRight: [0, 0, 1],
  KeyQ: [0, 0, -1],
  KeyE: [0, 0, 1],
};

/** Keyboard, mouse and touch for the own visitor. */
export interface Controls {
  /** What is asked right now, keys and joystick together. */
  readonly input: WalkInput;
  /** The joystick's share, written by the joystick. */
  readonly stick: WalkInput;
  /** @param seconds Time since the last call. */
  update(seconds: number): void;
  dispose(): void;
}

export function createControls(canvas: HTMLCanvasElement, rig: CameraRig): Controls {
  const lifetime = new AbortController();
  const { signal } = lifetime;
  const held = new Set<string>();
  const input: WalkInput = { forward: 0, right: 0 };
  const stick: WalkInput = { forward: 0, right: 0 };
  let dragging = -1;
  let lastX = 0;
  let lastY = 0;

  window.addEventListener(
    'keydown',
    (event) => {
      if (
        !(event.code in WALK_KEYS) ||
        event.ctrlKey ||
        event.metaKey ||
        event.altKey ||
        ownsKeys(event.target)
      )
        return;
      held.add(event.code);
      event.preventDefault();
    },
    { signal },
  );
  window.addEventListener('keyup', (event) => held.delete(event.code), { signal });
  window.addEventListener('blur', () => held.clear(), { signal });
  canvas.addEventListener(
    'pointerdown',
    (event) => {
      if (dragging !== -1) return;
      dragging = event.pointerId;
      lastX = event.clientX;
      lastY = event.clientY;
      canvas.setPointerCapture(event.pointerId);
      canvas.focus({ preventScroll: true });
    },
    { signal },
  );
  canvas.addEventListener(
    'pointermove',
    (event) => {
      if (event.pointerId !== dragging) return;
      rig.look(
        (event.clientX - lastX) * LOOK_RADIANS_PER_PIXEL,
        (event.clientY - lastY) * LOOK_RADIANS_PER_PIXEL,
      );
      lastX = event.clientX;
      lastY = event.clientY;
    },
    { signal },
  );
  const release = (event: PointerEvent): void => {
    if (event.pointerId === dragging) dragging = -1;
  };
  canvas.addEventListener('pointerup', release, { signal });
  canvas.addEventListener('pointercancel', release, { signal });
  canvas.addEventListener(
    'wheel',
    (event) => {
      rig.zoom(Math.exp(event.deltaY * 0.001));
      event.preventDefault();
    },
    { signal, passive: false },
  );

  return {
    input,
    stick,
    update(seconds) {
      let forward = stick.forward;
      let right = stick.right;
      let turn = 0;
      for (const code of held) {
        const key = WALK_KEYS[code];
        forward += key[0];
        right += key[1];
        turn += key[2];
      }
      input.forward = Math.min(1, Math.max(-1, forward));
      input.right = Math.min(1, Math.max(-1, right));
      if (turn !== 0) rig.look(Math.sign(turn) * TURN_RADIANS_PER_SECOND * seconds, 0);
    },
    dispose: () => lifetime.abort(),
  };
}

/** Whether a focused element wants letters and arrows for itself. */
export function ownsKeys(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.closest('input, textarea, select, dialog, [role="menu"]') !== null
  );
}
