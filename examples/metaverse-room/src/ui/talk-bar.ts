import { element, icon } from './element.ts';

/** How the visitor and the one they address are doing, in words. */
export type ActivityKind = 'quiet' | 'listening' | 'thinking' | 'speaking' | 'trouble';

/** Everything by which a visitor talks: holding a button or Space, an open microphone, typing. */
export interface TalkBar {
  readonly element: HTMLElement;
  /** @param name Whom the visitor addresses; '' for nobody. @param others Whether Tab reaches somebody else. */
  setAddressee(name: string, others: boolean): void;
  setActivity(kind: ActivityKind, words: string): void;
  /** @param level Loudness in [0, 1]. */
  setLevel(level: number): void;
  setHeld(held: boolean): void;
  setOpen(open: boolean): void;
  setEnabled(enabled: boolean): void;
  /** Puts the cursor where typing goes. */
  focusText(): void;
  onHold: (held: boolean) => void;
  onToggleOpen: () => void;
  onSay: (text: string) => void;
  onNext: () => void;
  /** Escape: back to the hall. */
  onLeaveText: () => void;
}

export function createTalkBar(): TalkBar {
  const who = element('button', { type: 'button', class: 'addressee', hidden: true });
  const activity = element('span', { class: 'activity', role: 'status' });
  const hold = element('button', { type: 'button', class: 'hold', 'aria-pressed': 'false' }, 'Hold to talk');
  const open = element(
    'button',
    {
      type: 'button',
      class: 'open-mic',
      'aria-pressed': 'false',
      'aria-label': 'Keep the microphone on',
      title: 'Keep the microphone on (M)',
    },
    icon('microphone'),
  );
  const text = element('input', {
    type: 'text',
    'aria-label': 'What you want to say',
    maxlength: '400',
    autocomplete: 'off',
    enterkeyhint: 'send',
  });
  const send = element('button', { type: 'submit', 'aria-label': 'Send' }, icon('send'));
  const form = element('form', { class: 'say' }, text, send);
  const bar = element(
    'section',
    { class: 'talk panel', 'aria-label': 'Talk' },
    element('div', { class: 'row' }, who, activity),
    element('div', { class: 'row speech' }, hold, open, form),
  );
  let shownWho = '?';
  const talkBar: TalkBar = {
    element: bar,
    setAddressee: (name, others) => {
      const key = `${name}/${others}`;
      if (key === shownWho) return;
      shownWho = key;
      who.hidden = name === '';
      who.disabled = !others;
      who.replaceChildren(`Talking to ${name}`, ...(others ? [element('kbd', {}, 'Tab')] : []));
      who.title = others ? 'Talk to somebody else (Tab)' : '';
      text.placeholder = name === '' ? 'Walk up to somebody' : `Type to ${name}`;
    },
    setActivity: (kind, words) => {
      activity.dataset.kind = kind;
      who.dataset.status = kind;
      if (activity.textContent !== words) activity.textContent = words;
    },
    setLevel: (level) => {
      hold.style.setProperty('--level', level.toFixed(2));
    },
    setHeld: (held) => {
      hold.setAttribute('aria-pressed', String(held));
      hold.firstChild!.textContent = held ? 'Listening: let go to send' : 'Hold to talk';
    },
    setOpen: (on) => {
      open.setAttribute('aria-pressed', String(on));
    },
    setEnabled: (enabled) => {
      for (const control of [hold, open, text, send]) control.disabled = !enabled;
    },
    focusText: () => text.focus(),
    onHold: () => {},
    onToggleOpen: () => {},
    onSay: () => {},
    onNext: () => {},
    onLeaveText: () => {},
  };
  hold.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    hold.setPointerCapture(event.pointerId);
    talkBar.onHold(true);
  });
  for (const end of ['pointerup', 'pointercancel', 'lostpointercapture'] as const) {
    hold.addEventListener(end, () => talkBar.onHold(false));
  }
  hold.addEventListener('contextmenu', (event) => event.preventDefault());
  // The same by keyboard: hold Enter on the button. Space is the page's own key for it.
  hold.addEventListener('keydown', (event) => {
    if (event.code !== 'Enter' || event.repeat) return;
    event.preventDefault();
    talkBar.onHold(true);
  });
  hold.addEventListener('keyup', (event) => {
    if (event.code === 'Enter') talkBar.onHold(false);
  });
  hold.addEventListener('blur', () => talkBar.onHold(false));
  open.addEventListener('click', () => talkBar.onToggleOpen());
  who.addEventListener('click', () => talkBar.onNext());
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const words = text.value.trim();
    if (words === '') return;
    text.value = '';
    talkBar.onSay(words);
  });
  bar.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    talkBar.onLeaveText();
  });
  return talkBar;
}
