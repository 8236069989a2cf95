import { element } from './element.ts';

const NAME_KEY = 'orion-hall.name';

/** The door: asks for a name while the hall loads. */
export interface Welcome {
  /** @param share 0..1 */
  progress(share: number, what: string): void;
  /** Resolves with the visitor's name when they enter; a click or key has happened by then, so sound may play. */
  readonly entered: Promise<string>;
}

export function showWelcome(page: HTMLElement): Welcome {
  const name = element('input', {
    name: 'name',
    autocomplete: 'nickname',
    maxlength: '24',
    required: true,
    placeholder: 'How shall we call you?',
  });
  name.value = readStoredName();
  const enter = element('button', { type: 'submit', class: 'primary' }, 'Enter the hall');
  const bar = element('progress', { max: '1', value: '0', 'aria-label': 'Loading' });
  const what = element('span', { role: 'status' }, 'Loading');
  const dialog = element(
    'dialog',
    { 'aria-labelledby': 'welcome-title' },
    element(
      'form',
      { method: 'dialog' },
      element('h1', { id: 'welcome-title' }, 'Orion Hall'),
      element(
        'p',
        {},
        'A small museum of the sky. Follow the lit path to Mira, the guide, and ask her anything. Orson, the talking bust, stands to her right; Bo keeps the shop on the left.',
      ),
      element('label', {}, 'Your name', name),
      element(
        'p',
        { class: 'fine' },
        'The microphone is asked for only if you choose to talk, so that they can hear your question. Typing works just as well.',
      ),
      enter,
      element('div', { class: 'loading' }, bar, what),
    ),
  );
  page.append(dialog);
  dialog.showModal();
  name.focus();
  // Leaving the door open behind Escape would leave an empty page.
  dialog.addEventListener('cancel', (event) => event.preventDefault());
  const entered = new Promise<string>((resolve) => {
    dialog.querySelector('form')!.addEventListener('submit', (event) => {
      event.preventDefault();
      const wanted = name.value.trim();
      if (wanted === '') {
        name.value = '';
        name.reportValidity();
        return;
      }
      storeName(wanted);
      dialog.close();
      dialog.remove();
      resolve(wanted);
    });
  });
  return {
    entered,
    progress: (share, words) => {
      bar.value = share;
      what.textContent = share >= 1 ? 'Everything is ready.' : `${words}: ${Math.floor(share * 100)} %`;
    },
  };
}

function readStoredName(): string {
  try {
    return localStorage.getItem(NAME_KEY) ?? '';
  } catch {
    // Storage may be switched off: then nobody is remembered.
    return '';
  }
}

function storeName(name: string): void {
  try {
    localStorage.setItem(NAME_KEY, name);
  } catch {
    // As above.
  }
}
