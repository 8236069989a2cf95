import { MessageName, ParleyError } from '@parley/sdk';
import type { CallClient } from '../tools/tool-box.ts';
import type { ClientLike } from './room-like.ts';

/** Calls of functions in visitors' pages that wait for their result. */
export class ClientCalls {
  readonly #clients: () => Iterable<ClientLike>;
  readonly #waiting = new Map<
    number,
    { readonly sessionId: string; settle(ok: boolean, text: string): void }
  >();
  #nextId = 1;

  constructor(clients: () => Iterable<ClientLike>) {
    this.#clients = clients;
  }

  /** Calls a function in the page of the visitor who asked. @throws {ParleyError} `client-call-failed` */
  readonly call: CallClient = (name, args, { npc, speakerId, signal }) => {
    const client = [...this.#clients()].find(({ sessionId }) => sessionId === speakerId);
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const fail = (why: string) => reject(new ParleyError('client-call-failed', why));
    if (!client) {
      fail('the visitor has left');
      return promise;
    }
    const id = this.#nextId++;
    const onAbort = () => fail('the page gave no answer in time');
    signal.addEventListener('abort', onAbort, { once: true });
    this.#waiting.set(id, {
      sessionId: speakerId,
      settle: (ok, text) => (ok ? resolve(text) : fail(text)),
    });
    client.send(MessageName.call, { id, npc, name, arguments: args });
    return promise.finally(() => {
      this.#waiting.delete(id);
      signal.removeEventListener('abort', onAbort);
    });
  };

  /** A page has answered; only the one that was asked may. */
  receive(sessionId: string, { id, ok, text }: { id: number; ok: boolean; text: string }): void {
    const waiting = this.#waiting.get(id);
    if (waiting?.sessionId === sessionId) waiting.settle(ok, text);
  }

  /** A visitor has left: their page answers no more. */
  leave(sessionId: string): void {
    for (const { sessionId: asked, settle } of this.#waiting.values())
      if (asked === sessionId) settle(false, 'the visitor has left');
  }
}
