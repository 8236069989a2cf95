import type { QualitySetting } from '../world/quality.ts';
import { element, icon } from './element.ts';

/** Settings and help. */
export interface Menu {
  /** 0..1 */
  readonly volume: number;
  onQuality: (setting: QualitySetting) => void;
  onVolume: (volume: number) => void;
  onCaptions: (shown: boolean) => void;
  /** Tells which level is in use. */
  showLevel(level: string): void;
}

const HELP: readonly (readonly [string, string])[] = [
  ['W A S D, arrows', 'walk; left and right arrows turn'],
  ['Drag', 'look around; the wheel changes the distance'],
  ['Space (hold)', 'talk'],
  ['M', 'keep the microphone on, or off'],
  ['Enter', 'type; Escape goes back to the hall'],
  ['Tab', 'talk to somebody else, when two are near'],
];

/** @param more Further controls, below the settings. */
export function createMenu(page: HTMLElement, quality: QualitySetting, more: HTMLElement): Menu {
  const level = element('small', {});
  const select = element('select', { 'aria-label': 'Picture quality' });
  for (const setting of ['auto', 'high', 'medium', 'low'] as const) {
    select.append(element('option', { value: setting, selected: setting === quality }, setting));
  }
  const captions = element('input', { type: 'checkbox', checked: true });
  const volume = element('input', { type: 'range', min: '0', max: '1', step: '0.05', value: '1' });
  const help = element('dl', {});
  for (const [key, what] of HELP) help.append(element('dt', {}, key), element('dd', {}, what));
  const details = element(
    'details',
    { class: 'menu' },
    element('summary', { class: 'panel', 'aria-label': 'Settings and help' }, icon('gear')),
    element(
      'div',
      { class: 'sheet panel' },
      element('label', {}, element('span', {}, 'Voices'), volume),
      element('label', {}, element('span', {}, 'Captions'), captions),
      element('label', {}, element('span', {}, 'Picture ', level), select),
      more,
      help,
    ),
  );
  page.append(details);
  details.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !details.open) return;
    details.open = false;
    details.querySelector('summary')!.focus();
    event.stopPropagation();
  });
  const menu: Menu = {
    get volume() {
      return Number(volume.value);
    },
    onQuality: () => {},
    onVolume: () => {},
    onCaptions: () => {},
    showLevel: (name) => {
      level.textContent = select.value === 'auto' ? `(${name})` : '';
    },
  };
  select.addEventListener('change', () => menu.onQuality(select.value as QualitySetting));
  volume.addEventListener('input', () => menu.onVolume(Number(volume.value)));
  captions.addEventListener('change', () => menu.onCaptions(captions.checked));
  return menu;
}
