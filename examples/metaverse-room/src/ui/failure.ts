import { element } from './element.ts';

/** Replaces the page by one clear message. */
export function showFailure(page: HTMLElement, title: string, advice: string): void {
  page.replaceChildren(
    element('div', { class: 'failure', role: 'alert' }, element('h1', {}, title), element('p', {}, advice)),
  );
}
