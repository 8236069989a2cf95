import type { RoomLike } from '../../src/index.ts';

/** A room without a network: what was sent is kept, and a test says what arrives. */
export class FakeRoom implements RoomLike {
  readonly sessionId = 'visitor-1';
  readonly connection = { isOpen: true };
  readonly sent: [type: string | number, payload: unknown][] = [];
  // biome-ignore lint/suspicious/noExplicitAny: like a room's state
  state: any = {};
  answerClock = async (t0: number): Promise<unknown> => ({ t0, serverMs: t0 + 500 });
  readonly onStateChange = signal();
  readonly onReconnect = signal();
  readonly #handlers = new Map<string | number, Set<(payload: unknown) => void>>();

  send(type: string, payload?: unknown): void {
    this.sent.push([type, payload]);
  }

  sendBytes(type: number, bytes: Uint8Array): void {
    this.sent.push([type, bytes]);
  }

  async request(_type: string, payload?: unknown): Promise<unknown> {
    return this.answerClock((payload as { t0: number }).t0);
  }

  onMessage(type: string | number, callback: (payload: unknown) => void): () => void {
    const handlers = this.#handlers.get(type) ?? new Set();
    this.#handlers.set(type, handlers.add(callback));
    return () => void handlers.delete(callback);
  }

  /** A message arrives. Returns the number of handlers that took it. */
  receive(type: string | number, payload: unknown): number {
    const handlers = this.#handlers.get(type) ?? new Set();
    for (const handler of handlers) handler(payload);
    return handlers.size;
  }
}

function signal() {
  const callbacks = new Set<(argument: unknown) => void>();
  return Object.assign((callback: (argument: unknown) => void) => callbacks.add(callback), {
    remove: (callback: (argument: unknown) => void) => void callbacks.delete(callback),
    emit: (argument?: unknown) => {
      for (const callback of callbacks) callback(argument);
    },
  });
}
