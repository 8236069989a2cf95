import type { WalkInput } from '../avatar/walker.ts';
import { element } from './element.ts';

const REACH_PX = 40;

/** Walking by thumb; shown where fingers are the pointer. */
export function createJoystick(page: HTMLElement, stick: WalkInput): void {
  const knob = element('i');
  const base = element('div', { class: 'stick', 'aria-hidden': 'true' }, knob);
  page.append(base);
  let pointer = -1;
  const move = (event: PointerEvent): void => {
    const box = base.getBoundingClientRect();
    let x = event.clientX - (box.left + box.width / 2);
    let y = event.clientY - (box.top + box.height / 2);
    const length = Math.hypot(x, y);
    if (length > REACH_PX) {
      x *= REACH_PX / length;
      y *= REACH_PX / length;
    }
    knob.style.transform = `translate(${x}px, ${y}px)`;
    stick.right = x / REACH_PX;
    stick.forward = -y / REACH_PX;
  };
  const release = (event: PointerEvent): void => {
    if (event.pointerId !== pointer) return;
    pointer = -1;
    stick.right = 0;
    stick.forward = 0;
    knob.style.transform = '';
  };
  base.addEventListener('pointerdown', (event) => {
    if (pointer !== -1) return;
    pointer = event.pointerId;
    base.setPointerCapture(pointer);
    move(event);
  });
  base.addEventListener('pointermove', (event) => {
    if (event.pointerId === pointer) move(event);
  });
  base.addEventListener('pointerup', release);
  base.addEventListener('pointercancel', release);
}
