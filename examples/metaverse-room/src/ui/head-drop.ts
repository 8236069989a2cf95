import { element } from './element.ts';

/** Where a visitor brings a head of their own: a button in the menu, and the whole page to drop a file on. */
export interface HeadDrop {
  /** For the menu. */
  readonly element: HTMLElement;
  onHead: (file: File) => void;
  onCancel: () => void;
  /** Says how far it is, or what went wrong; `''` says nothing. */
  show(words: string, working: boolean): void;
}

/** @param accept Endings of the files, as a file input takes them. */
export function createHeadDrop(page: HTMLElement, accept: string): HeadDrop {
  const input = element('input', { type: 'file', accept, hidden: true });
  const choose = element('button', { type: 'button' }, 'Try your own head');
  const words = element('span', {});
  const cancel = element('button', { type: 'button', hidden: true }, 'Cancel');
  const status = element('div', { class: 'head-status panel', role: 'status', hidden: true }, words, cancel);
  const target = element('div', { class: 'head-target', hidden: true }, 'Drop a head: .obj, .glb');
  page.append(status, target);
  const drop: HeadDrop = {
    element: element(
      'div',
      { class: 'own-head' },
      choose,
      input,
      element('small', {}, 'Any .obj or .glb of a head: it stays in your browser. Or drop it on the page.'),
    ),
    onHead: () => {},
    onCancel: () => {},
    show: (text, working) => {
      words.textContent = text;
      cancel.hidden = !working;
      status.hidden = text === '';
    },
  };
  choose.addEventListener('click', () => input.click());
  cancel.addEventListener('click', () => drop.onCancel());
  input.addEventListener('change', () => {
    const file = input.files?.[0];
    input.value = '';
    if (file) drop.onHead(file);
  });
  const holdsFile = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;
  addEventListener('dragover', (event) => {
    if (!holdsFile(event)) return;
    event.preventDefault();
    target.hidden = false;
  });
  addEventListener('dragleave', (event) => {
    if (!event.relatedTarget) target.hidden = true;
  });
  addEventListener('drop', (event) => {
    target.hidden = true;
    if (!holdsFile(event)) return;
    event.preventDefault();
    const file = event.dataTransfer?.files[0];
    if (file) drop.onHead(file);
  });
  return drop;
}
