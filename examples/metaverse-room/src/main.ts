import './ui/styles.css';
import { App } from './app.ts';
import { showFailure } from './ui/failure.ts';
import type { QualitySetting } from './world/quality.ts';

const SETTINGS: readonly string[] = ['auto', 'high', 'medium', 'low'] satisfies QualitySetting[];

const query = new URLSearchParams(location.search);
const canvas = document.querySelector<HTMLCanvasElement>('#view')!;
const overlay = document.querySelector<HTMLElement>('#overlay')!;
const page = document.querySelector<HTMLElement>('#page')!;
const wanted = query.get('quality') ?? 'auto';

if (!document.createElement('canvas').getContext('webgl2')) {
  showFailure(
    page,
    'Orion Hall cannot be drawn here',
    'It needs WebGL 2. Switch on hardware acceleration in your browser’s settings, update the browser, or use a current Chrome, Edge, Firefox or Safari.',
  );
} else {
  try {
    const app = await App.open(
      { canvas, overlay, page },
      SETTINGS.includes(wanted) ? (wanted as QualitySetting) : 'auto',
    );
    if (query.has('debug')) (await import('./debug.ts')).exposeDebug(app);
  } catch (error) {
    console.error(error);
    showFailure(
      page,
      'Orion Hall could not be opened',
      `Reload the page; if that does not help, tell the people who run this server: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
