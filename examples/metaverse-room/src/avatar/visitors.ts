import type { PlayerView } from '../net/room-state.ts';
import type { Plate, Plates } from '../ui/plates.ts';
import type { Cast } from '../world/create-world.ts';
import { RemoteMotion } from './remote-motion.ts';
import type { VisitorBodies, VisitorBody } from './visitor-bodies.ts';

const PLATE_M = 1.98;
const CAPTION_MS = 9000;

interface Other {
  readonly body: VisitorBody;
  readonly plate: Plate;
  readonly motion: RemoteMotion;
  name: string;
  caption: string;
  captionUntilMs: number;
}

/** The other visitors of the room, as figures with names. */
export class Visitors {
  readonly #bodies: VisitorBodies;
  readonly #plates: Plates;
  readonly #cast: Cast;
  readonly #others = new Map<string, Other>();
  readonly #gone: string[] = [];

  /** @param cast See {@link Cast}. */
  constructor(bodies: VisitorBodies, plates: Plates, cast: Cast) {
    this.#bodies = bodies;
    this.#plates = plates;
    this.#cast = cast;
  }

  get count(): number {
    return this.#others.size;
  }

  /**
   * Takes over what the room tells.
   * @param ownId Session id of this visitor, who is not shown here.
   * @param nowMs The clock that {@link tick} uses.
   */
  receive(players: ReadonlyMap<string, PlayerView>, ownId: string, nowMs: number): void {
    for (const [id, player] of players) {
      if (id === ownId) continue;
      const other = this.#others.get(id) ?? this.#add(id, player, nowMs);
      other.motion.push(nowMs, player.x, player.z, player.yaw);
      if (other.name !== player.name) {
        other.name = player.name;
        other.plate.setName(player.name);
      }
      other.plate.setSpeaking(player.speaking);
      if (other.caption !== player.caption) {
        other.caption = player.caption;
        other.captionUntilMs = nowMs + CAPTION_MS;
        other.plate.setBubble(player.caption, false);
      }
    }
    this.#gone.length = 0;
    for (const id of this.#others.keys()) if (!players.has(id)) this.#gone.push(id);
    for (const id of this.#gone) this.#remove(id);
  }

  clear(): void {
    for (const id of [...this.#others.keys()]) this.#remove(id);
  }

  tick(nowMs: number, seconds: number): void {
    for (const other of this.#others.values()) {
      const { motion, body, plate } = other;
      const beforeX = motion.x;
      const beforeZ = motion.z;
      motion.sample(nowMs);
      body.root.position.set(motion.x, 0, motion.z);
      body.root.rotation.y = motion.yaw;
      const speed = seconds > 0 ? Math.hypot(motion.x - beforeX, motion.z - beforeZ) / seconds : 0;
      body.walk(speed, seconds);
      plate.position.set(motion.x, PLATE_M, motion.z);
      if (other.captionUntilMs !== 0 && nowMs > other.captionUntilMs) {
        other.captionUntilMs = 0;
        plate.setBubble('', false);
      }
    }
  }

  #add(id: string, player: PlayerView, nowMs: number): Other {
    const body = this.#bodies.create(id);
    for (const mesh of body.meshes) this.#cast(mesh, 'moving');
    const plate = this.#plates.add();
    plate.setName(player.name);
    const motion = new RemoteMotion();
    motion.push(nowMs, player.x, player.z, player.yaw);
    motion.sample(nowMs);
    const other = { body, plate, motion, name: player.name, caption: player.caption, captionUntilMs: 0 };
    this.#others.set(id, other);
    return other;
  }

  #remove(id: string): void {
    const other = this.#others.get(id);
    if (!other) return;
    for (const mesh of other.body.meshes) this.#cast(mesh, 'off');
    other.body.dispose();
    other.plate.remove();
    this.#others.delete(id);
  }
}
