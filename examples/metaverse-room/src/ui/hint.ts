import { element } from './element.ts';

/** One line that says what to do next; empty when a visitor no longer needs it. */
export function createHint(page: HTMLElement): { show(words: string): void } {
  const hint = element('p', { class: 'hint panel', role: 'status' });
  page.append(hint);
  return {
    show: (words) => {
      if (hint.textContent !== words) hint.textContent = words;
    },
  };
}
