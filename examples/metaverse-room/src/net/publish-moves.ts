import type { Room } from '@colyseus/sdk';

const EVERY_MS = 80;
/** Less than this goes unnoticed: metres and radians. */
const MOVED_M = 0.01;
const TURNED = 0.03;

/** Tells the room where this visitor is, at most a dozen times a second and only when they moved. */
export class MovePublisher {
  readonly #room: Room;
  readonly #move = { x: Number.NaN, y: 0, z: Number.NaN, yaw: Number.NaN };
  #sentMs = 0;

  constructor(room: Room) {
    this.#room = room;
  }

  publish(nowMs: number, x: number, z: number, yaw: number): void {
    const move = this.#move;
    if (nowMs - this.#sentMs < EVERY_MS || !this.#room.connection.isOpen) return;
    const still =
      Math.abs(x - move.x) < MOVED_M && Math.abs(z - move.z) < MOVED_M && Math.abs(yaw - move.yaw) < TURNED;
    if (still) return;
    move.x = x;
    move.z = z;
    move.yaw = yaw;
    this.#sentMs = nowMs;
    this.#room.send('player:move', move);
  }
}
