import type { Camera } from '@babylonjs/core/Cameras/camera';
import { Matrix, Vector3 } from '@babylonjs/core/Maths/math.vector';
import type { Viewport } from '@babylonjs/core/Maths/math.viewport';
import { element } from './element.ts';

const FAR_M = 26;

/** A name over a head, with a speech bubble. */
export interface Plate {
  /** Where it hangs, metres. */
  readonly position: Vector3;
  setName(name: string, title?: string): void;
  /** @param words What is being said; '' hides the bubble. */
  setBubble(words: string, thinking: boolean): void;
  setAddressed(on: boolean): void;
  setSpeaking(on: boolean): void;
  remove(): void;
}

/** Names and bubbles as text of the page: sharp at any distance. */
export interface Plates {
  add(): Plate;
  /** Puts every plate over its head; call it after the camera moved. */
  update(camera: Camera, width: number, height: number): void;
}

interface Hung {
  readonly position: Vector3;
  readonly root: HTMLElement;
  shown: boolean;
  /** Half of its width in pixels, NaN when its words have changed since. */
  halfWidth: number;
}

export function createPlates(overlay: HTMLElement): Plates {
  const hung = new Set<Hung>();
  const projected = new Vector3();
  const viewport = { x: 0, y: 0, width: 1, height: 1 } as Viewport;
  return {
    add: () => {
      const bubble = element('span', { class: 'bubble' });
      const name = element('span', { class: 'name' });
      const root = element('div', { class: 'plate', hidden: true }, bubble, name);
      overlay.append(root);
      const entry: Hung = { position: new Vector3(), root, shown: false, halfWidth: Number.NaN };
      hung.add(entry);
      return {
        position: entry.position,
        setName: (words, title) => {
          entry.halfWidth = Number.NaN;
          name.replaceChildren(words, ...(title ? [element('small', {}, title)] : []));
        },
        setBubble: (words, thinking) => {
          if (bubble.textContent !== words) {
            bubble.textContent = words;
            entry.halfWidth = Number.NaN;
          }
          bubble.classList.toggle('thinking', thinking && words === '');
        },
        setAddressed: (on) => {
          root.dataset.addressed = String(on);
        },
        setSpeaking: (on) => {
          root.dataset.speaking = String(on);
        },
        remove: () => {
          root.remove();
          hung.delete(entry);
        },
      };
    },
    update: (camera, width, height) => {
      viewport.width = width;
      viewport.height = height;
      const transform = camera.getTransformationMatrix();
      for (const entry of hung) {
        Vector3.ProjectToRef(entry.position, Matrix.IdentityReadOnly, transform, viewport, projected);
        const distance = Vector3.Distance(camera.globalPosition, entry.position);
        const inPicture = projected.x > -0.1 * width && projected.x < 1.1 * width && projected.y > 0;
        const shown = projected.z > 0 && projected.z < 1 && distance < FAR_M && inPicture;
        if (shown !== entry.shown) {
          entry.shown = shown;
          entry.root.hidden = !shown;
        }
        if (!shown) continue;
        if (Number.isNaN(entry.halfWidth)) entry.halfWidth = entry.root.offsetWidth / 2;
        const scale = Math.min(1, Math.max(0.62, 7 / distance));
        // What is being said stays inside the picture.
        const half = entry.halfWidth * scale + 4;
        const x = width > 2 * half ? Math.min(width - half, Math.max(half, projected.x)) : width / 2;
        entry.root.style.transform = `translate(${x.toFixed(1)}px, ${projected.y.toFixed(1)}px) translate(-50%, -100%) scale(${scale.toFixed(2)})`;
      }
    },
  };
}
