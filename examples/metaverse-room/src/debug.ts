import type { SpeechPacket } from '@parley/sdk';
import type { App } from './app.ts';

/** What a test may look at and move; on the page as `window.orion` with `?debug`. */
export interface Debug {
  readonly app: App;
  /** Puts the visitor somewhere: metres and radians. */
  place(x: number, z: number, yaw: number, pitch?: number): void;
  /** Holds a face still: control values by name; an empty object gives the face back. */
  setFace(npcId: string, controls: Readonly<Record<string, number>>): void;
  /** Face codes that arrived, as hexadecimal text by utterance, then by start sample. */
  codes(): Record<number, Record<number, string>>;
  /** Values of some controls as last shown. */
  controls(npcId: string, names: readonly string[]): number[];
}

export function exposeDebug(app: App): void {
  const codes = new Map<number, Map<number, string>>();
  const held = new Map<string, Readonly<Record<string, number>>>();
  let watched: unknown;
  const indexOf = (name: string): number =>
    app.connection?.parley.model.manifest.controls.findIndex((control) => control.name === name) ?? -1;
  const receive = (packet: SpeechPacket): void => {
    const blocks = codes.get(packet.utterance) ?? new Map<number, string>();
    codes.set(packet.utterance, blocks);
    blocks.set(
      packet.startSample,
      Array.from(packet.codes, (code) => code.toString(16).padStart(2, '0')).join(''),
    );
  };
  app.scene.onBeforeRenderObservable.add(
    () => {
      const { connection } = app;
      if (connection && watched !== connection) {
        watched = connection;
        connection.parley.client.on('packet', receive);
      }
      for (const [id, controls] of held) {
        const face = connection?.parley.npcs.get(id)?.face;
        if (!face) continue;
        face.controls.fill(0);
        for (const [name, value] of Object.entries(controls)) face.controls[indexOf(name)] = value;
      }
    },
    undefined,
    // Before the face shows its controls.
    true,
  );
  const debug: Debug = {
    app,
    place: (x, z, yaw, pitch = 0.05) => {
      app.me.place(x, z, yaw);
      app.me.rig.pitch = pitch;
    },
    setFace: (npcId, controls) => {
      if (Object.keys(controls).length === 0) held.delete(npcId);
      else held.set(npcId, controls);
    },
    codes: () =>
      Object.fromEntries([...codes].map(([utterance, blocks]) => [utterance, Object.fromEntries(blocks)])),
    controls: (npcId, names) => {
      const face = app.connection?.parley.npcs.get(npcId)?.face;
      return names.map((name) => face?.controls[indexOf(name)] ?? Number.NaN);
    },
  };
  Object.assign(window, { orion: debug });
}
