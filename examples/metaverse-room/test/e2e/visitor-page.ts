import type { Page } from 'playwright-core';
import type { Debug } from '../../src/debug.ts';
import { type Browser, type BrowserOptions, launchBrowser } from '../browser.ts';

/** What {@link openDoor} puts into the page, beside the page's own debug hook. */
export interface Probe {
  readonly orion: Debug;
  /** One entry for each drawn frame in which somebody speaks. */
  spoken: ProbeFrame[];
  /** Loudest RMS of the page's sound since the last look, over windows of about 40 ms. */
  loudness: number;
  /** When each `parley:stop` arrived, by `performance.now()`. */
  stops: number[];
}

/** What a visitor sees and hears of an NPC in one frame. */
export interface ProbeFrame {
  readonly npc: string;
  readonly status: string;
  readonly utterance: number;
  /** The room's clock when the frame was begun, and with it {@link faceSample}. */
  readonly roomMs: number;
  /** How far the sound was behind the room's clock after the network or the processor failed it. */
  readonly lagMs: number;
  readonly faceSample: number;
  readonly syncErrorMs: number;
  /** jawOpen - mouthClose: how far the lips are apart. */
  readonly lipGap: number;
  readonly rms: number;
}

declare global {
  interface Window extends Probe {}
}

/** A visitor in a browser of their own. */
export interface VisitorPage extends Browser {
  enter(name: string): Promise<void>;
}

/** Opens the page up to its door; everything is loaded, nobody has joined. */
export async function openDoor(url: string, options: BrowserOptions = {}): Promise<VisitorPage> {
  const browser = await launchBrowser({ width: 400, height: 300, ...options });
  const { page } = browser;
  await page.addInitScript(listenToSound);
  await page.goto(`${url}/?debug&quality=low`);
  await page.waitForFunction(
    () => (document.querySelector('dialog progress') as HTMLProgressElement)?.value === 1,
  );
  await page.waitForFunction(() => window.orion !== undefined);
  // Up to three pages and the engines share a processor that also draws: small pictures of faces, without
  // scenery, hair and bodies.
  await page.evaluate(() => {
    const { scene } = window.orion.app;
    scene.getEngine().setHardwareScalingLevel(2.5);
    const spare = /^(hall|garden|exhibit|orrery|landscape|hair|chest|socle|body)/;
    scene.onBeforeRenderObservable.add(() => {
      for (const mesh of scene.meshes)
        if (spare.test(mesh.name) && mesh.isEnabled(false)) mesh.setEnabled(false);
    });
  });
  await page.evaluate(watchFrames);
  return {
    ...browser,
    enter: async (name) => {
      await page.fill('dialog input', name);
      // Heads are read on the thread that draws; without a graphics card drawing would leave little of it.
      const slow = (fps: number | undefined) =>
        page.evaluate((most) => {
          window.orion.app.scene.getEngine().maxFPS = most;
        }, fps);
      await slow(2);
      await page.click('dialog button[type=submit]');
      await page.waitForFunction(() => window.orion.app.conversation !== undefined, undefined, {
        timeout: 240_000,
        polling: 200,
      });
      await slow(undefined);
    },
  };
}

/** Mirrors what goes to the loudspeaker into an analyser. */
function listenToSound(): void {
  const analysers: AnalyserNode[] = [];
  const seen = new WeakSet<AudioNode>();
  const connect = AudioNode.prototype.connect as (this: AudioNode, ...rest: unknown[]) => AudioNode;
  AudioNode.prototype.connect = function (this: AudioNode, ...rest: unknown[]) {
    if (rest[0] instanceof AudioDestinationNode && !seen.has(this)) {
      seen.add(this);
      const analyser = this.context.createAnalyser();
      analyser.fftSize = 2048;
      connect.call(this, analyser);
      analysers.push(analyser);
    }
    return connect.apply(this, rest);
  } as typeof AudioNode.prototype.connect;
  const window_ = new Float32Array(2048);
  Object.assign(globalThis, { loudness: 0, spoken: [], stops: [] });
  setInterval(() => {
    for (const analyser of analysers) {
      analyser.getFloatTimeDomainData(window_);
      let power = 0;
      for (const sample of window_) power += sample * sample;
      window.loudness = Math.max(window.loudness, Math.sqrt(power / window_.length));
    }
  }, 40);
}

/** Notes down every frame in which an NPC of the hall speaks. */
function watchFrames(): void {
  const { app } = window.orion;
  let watched: unknown;
  let roomMs = 0;
  app.scene.onBeforeAnimationsObservable.add(() => {
    roomMs = app.connection?.parley.client.clock.nowMs() ?? 0;
  });
  app.scene.onAfterRenderObservable.add(() => {
    const parley = app.connection?.parley;
    if (!parley) return;
    if (watched !== parley) {
      watched = parley;
      parley.client.on('stop', () => window.stops.push(performance.now()));
    }
    for (const [id, npc] of parley.npcs) {
      if (Number.isNaN(npc.faceSample)) continue;
      const [jawOpen, mouthClose] = window.orion.controls(id, ['jawOpen', 'mouthClose']);
      window.spoken.push({
        npc: id,
        status: npc.status,
        utterance: npc.playback?.utterance ?? 0,
        roomMs,
        lagMs: npc.playback?.lagMs ?? Number.NaN,
        faceSample: npc.faceSample,
        syncErrorMs: npc.syncErrorMs,
        lipGap: jawOpen - mouthClose,
        rms: window.loudness,
      });
      window.loudness = 0;
    }
  });
}

/** How many frames a second a page draws at most: those that only stand by leave the processor to the others. */
export async function pace(visitor: VisitorPage, framesPerSecond: number): Promise<void> {
  await visitor.page.evaluate((fps) => {
    window.orion.app.scene.getEngine().maxFPS = fps;
  }, framesPerSecond);
}

/** Walks up to somebody: places the visitor, and waits until the page says that they talk to `name`. */
export async function goTo(
  visitor: VisitorPage,
  name: string,
  place: readonly [number, number, number],
): Promise<void> {
  await visitor.page.evaluate((at) => window.orion.place(...at), place as [number, number, number]);
  await visitor.page.waitForFunction(
    (wanted) => document.querySelector('.addressee')?.textContent?.includes(wanted),
    name,
    { timeout: 30_000 },
  );
}

/** Waits until an NPC speaks and is heard; returns its utterance. */
export async function waitForSpeech(page: Page, npc: string, timeoutMs = 60_000): Promise<number> {
  const handle = await page.waitForFunction(
    (id) => {
      const frame = window.spoken.findLast((candidate) => candidate.npc === id);
      return frame && window.orion.app.connection?.parley.npcs.get(id)?.status === 'speaking'
        ? frame.utterance
        : 0;
    },
    npc,
    { timeout: timeoutMs, polling: 100 },
  );
  return (await handle.jsonValue()) as number;
}

/** Waits until nobody speaks or thinks any more. */
export async function waitForSilence(page: Page, timeoutMs = 90_000): Promise<void> {
  await page.waitForFunction(
    () => {
      const npcs = [...(window.orion.app.connection?.parley.npcs.values() ?? [])];
      return npcs.every((npc) => npc.status === 'idle' && Number.isNaN(npc.faceSample));
    },
    undefined,
    { timeout: timeoutMs, polling: 200 },
  );
}

/** The middle of some numbers; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  return sorted.length === 0 ? Number.NaN : sorted[Math.floor(sorted.length / 2)];
}
