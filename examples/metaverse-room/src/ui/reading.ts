import type { Paper } from '../world/paper-words.ts';
import { element } from './element.ts';

/** A sheet that the visitor was given, to be read until they put it away. */
export interface Reading {
  show(paper: Paper): void;
}

export function createReading(page: HTMLElement): Reading {
  const sheet = element('aside', {
    class: 'reading panel',
    'aria-label': 'What you were given',
    hidden: true,
  });
  page.append(sheet);
  const close = (): void => {
    sheet.hidden = true;
    sheet.replaceChildren();
  };
  sheet.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    close();
    event.stopPropagation();
  });
  return {
    show: ({ title, subtitle, parts }) => {
      const away = element('button', { type: 'button' }, 'Put away');
      away.addEventListener('click', close);
      const list = element('dl', {});
      for (const [heading, ...lines] of parts)
        list.append(element('dt', {}, heading), ...lines.map((line) => element('dd', {}, line)));
      sheet.replaceChildren(
        element('header', {}, element('div', {}, element('h2', {}, title), element('p', {}, subtitle)), away),
        list,
      );
      sheet.hidden = false;
    },
  };
}
