import { editPoints, type FaceQuestion } from '@parley/babylon';
import { element } from './element.ts';

/**
 * Asks the visitor where the face of their head is.
 *
 * @param question - Its points are changed as they are dragged.
 * @param why - What was found, in words.
 * @returns false when they would rather not.
 */
export async function askForPoints(
  page: HTMLElement,
  question: FaceQuestion,
  why: string,
  signal: AbortSignal,
): Promise<boolean> {
  const canvas = element('canvas', { 'aria-label': 'The head with the points of its face' });
  const list = element('ol', {});
  const status = element('p', { class: 'fine', role: 'status' }, why);
  const bind = element('button', { type: 'button', class: 'primary' }, 'Bind');
  const cancel = element('button', { type: 'button' }, 'Cancel');
  const dialog = element(
    'dialog',
    { class: 'face-points', 'aria-labelledby': 'face-points-title' },
    canvas,
    element(
      'div',
      { class: 'panel-of-points' },
      element('h1', { id: 'face-points-title' }, 'Where is the face?'),
      status,
      element(
        'p',
        { class: 'fine' },
        "Drag beside the head to turn it. Drag the points to where they belong: left and right are the head's own.",
      ),
      element('div', { class: 'choices' }, bind, cancel),
      list,
    ),
  );
  page.append(dialog);
  dialog.showModal();
  const editor = await editPoints(canvas, list, question.mesh, question.points);
  editor.onMove = ({ hint }) => {
    status.textContent = `Moved: ${hint}.`;
  };
  try {
    return await new Promise<boolean>((resolve) => {
      const ended = { once: true, signal };
      bind.addEventListener('click', () => resolve(true), ended);
      cancel.addEventListener('click', () => resolve(false), ended);
      dialog.addEventListener('cancel', () => resolve(false), ended);
      signal.addEventListener('abort', () => resolve(false), { once: true });
    });
  } finally {
    editor.dispose();
    dialog.close();
    dialog.remove();
  }
}
