import { element } from './element.ts';

export type ConnectionState = 'waiting' | 'connecting' | 'connected' | 'lost';

/** Name of the place and how the connection is doing. */
export interface Masthead {
  show(state: ConnectionState, words: string): void;
  /** Called when the visitor asks to connect again. */
  onReconnect: () => void;
}

export function createMasthead(page: HTMLElement): Masthead {
  const words = element('span', { role: 'status' });
  const again = element('button', { type: 'button', hidden: true }, 'Reconnect');
  const connection = element('span', { class: 'connection', 'data-state': 'waiting' }, words, again);
  page.append(
    element('header', { class: 'masthead panel' }, element('strong', {}, 'Orion Hall'), connection),
  );
  const masthead: Masthead = {
    onReconnect: () => {},
    show: (state, text) => {
      connection.dataset.state = state;
      if (words.textContent !== text) words.textContent = text;
      again.hidden = state !== 'lost';
    },
  };
  again.addEventListener('click', () => masthead.onReconnect());
  return masthead;
}
