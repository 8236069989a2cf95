import { Matrix, Vector3 } from '@babylonjs/core/Maths/math.vector';
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
  /** What NPCs have done: whether the shop's cabinet is open, what is handed over, and what is pointed at. */
  deeds(): {
    readonly open: boolean;
    readonly given: readonly string[];
    readonly pointed: string;
    readonly gate: boolean;
  };
  /** Looks an NPC in the face from this far, metres, and this far to the side, radians; 0 metres ends it. */
  closeUp(npcId: string, distanceM: number, side?: number): void;
  /** Draws a frame and reads the brightness (0 to 255) of a square around an NPC's mouth. */
  pixelsBelowEyes(npcId: string): number[];
}

export function exposeDebug(app: App): void {
  const codes = new Map<number, Map<number, string>>();
  const held = new Map<string, Readonly<Record<string, number>>>();
  let watched: unknown;
  let portrait = { npcId: '', distanceM: 0, side: 0 };
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
      if (portrait.distanceM > 0) takePortrait(app, portrait);
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
    deeds: () => {
      const { shop, gate, pointer } = app.world;
      return { open: shop.open, given: shop.given, pointed: pointer.target, gate: gate.open };
    },
    closeUp: (npcId, distanceM, side = 0) => {
      portrait = { npcId, distanceM, side };
      app.me.rig.distance = 0.9;
    },
    pixelsBelowEyes: (npcId) => readMouth(app, npcId),
  };
  Object.assign(window, { orion: debug });
}

function takePortrait(app: App, portrait: { npcId: string; distanceM: number; side: number }): void {
  const npc = app.connection?.parley.npcs.get(portrait.npcId);
  const eyes = npc?.face.faceNode?.getAbsolutePosition();
  if (!npc || !eyes) return;
  const yaw = npc.node.rotation.y + portrait.side;
  const { camera } = app.me.rig;
  camera.position.set(
    eyes.x + Math.sin(yaw) * portrait.distanceM,
    eyes.y - 0.02,
    eyes.z + Math.cos(yaw) * portrait.distanceM,
  );
  camera.fov = 0.5;
  camera.setTarget(eyes.add(new Vector3(0, -0.04, 0)));
}

/** From between the eyes down to the mouth, and half of the square's side, metres. */
const MOUTH_BELOW_EYES_M = 0.085;
const HALF_SIDE_M = 0.05;

function readMouth(app: App, npcId: string): number[] {
  const { scene } = app;
  const engine = scene.getEngine();
  const eyes = app.connection?.parley.npcs.get(npcId)?.face.faceNode?.getAbsolutePosition();
  if (!eyes || !scene.activeCamera) return [];
  const [width, height] = [engine.getRenderWidth(), engine.getRenderHeight()];
  const viewport = scene.activeCamera.viewport.toGlobal(width, height);
  const project = (down: number): Vector3 =>
    Vector3.Project(
      eyes.add(new Vector3(0, -down, 0)),
      Matrix.IdentityReadOnly,
      scene.getTransformMatrix(),
      viewport,
    );
  const mouth = project(MOUTH_BELOW_EYES_M);
  const half = Math.max(3, Math.round(project(MOUTH_BELOW_EYES_M + HALF_SIDE_M).y - mouth.y));
  scene.render();
  const bytes = new Uint8Array(4 * half * half * 4);
  const gl = (engine as unknown as { _gl: WebGL2RenderingContext })._gl;
  const x = Math.round(mouth.x) - half;
  const y = Math.round(height - mouth.y) - half;
  gl.readPixels(x, y, 2 * half, 2 * half, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
  return Array.from(
    { length: 4 * half * half },
    (_, i) => (bytes[4 * i] + bytes[4 * i + 1] + bytes[4 * i + 2]) / 3,
  );
}
