import { element } from './element.ts';

const SHOWN_LINES = 2;
const SHOWN_MS = 12_000;

/** The words that are being said, with their speakers; read aloud by screen readers. */
export interface Captions {
  readonly element: HTMLElement;
  /**
   * Adds or changes a line.
   * @param key The same key changes the line that is there.
   * @param own Whether it is the visitor's own.
   * @param settled False while the words may still change.
   */
  show(key: string, speaker: string, words: string, own: boolean, settled: boolean): void;
  setShown(shown: boolean): void;
}

interface Line {
  readonly key: string;
  readonly item: HTMLLIElement;
  readonly text: HTMLElement;
  timer: number;
}

export function createCaptions(): Captions {
  const list = element('ol', {
    class: 'captions panel',
    'aria-live': 'polite',
    'aria-label': 'Captions',
    'aria-relevant': 'additions text',
  });
  const lines: Line[] = [];
  const remove = (line: Line): void => {
    line.item.remove();
    lines.splice(lines.indexOf(line), 1);
  };
  return {
    element: list,
    setShown: (shown) => {
      list.hidden = !shown;
    },
    show: (key, speaker, words, own, settled) => {
      let line = lines.find((candidate) => candidate.key === key);
      if (!line) {
        const text = element('span');
        const item = element('li', { class: own ? 'own' : 'other' }, element('b', {}, `${speaker}: `), text);
        line = { key, item, text, timer: 0 };
        lines.push(line);
        list.append(item);
        while (lines.length > SHOWN_LINES) remove(lines[0]);
      }
      const shown = line;
      if (shown.text.textContent !== words) shown.text.textContent = words;
      shown.item.classList.toggle('pending', !settled);
      clearTimeout(shown.timer);
      shown.timer = window.setTimeout(() => {
        if (lines.includes(shown)) remove(shown);
      }, SHOWN_MS);
    },
  };
}
