import { connect } from 'node:net';
import type { Presence, ServerOptions } from '@colyseus/core';
import { ParleyError } from '@parley/sdk';

const CONNECT_TIMEOUT_MS = 3_000;

/**
 * What several processes share: presence, and the list of rooms.
 * @throws {ParleyError} `redis-unreachable`; the Redis client itself would try for ever.
 */
export async function connectRedis(
  url: string,
): Promise<{ readonly presence: Presence; readonly driver: ServerOptions['driver'] }> {
  await reach(url);
  const { RedisPresence } = await import('@colyseus/redis-presence');
  const { RedisDriver } = await import('@colyseus/redis-driver');
  return { presence: new RedisPresence(url), driver: new RedisDriver(url) };
}

function reach(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) =>
      reject(
        new ParleyError(
          'redis-unreachable',
          `No Redis answers at ${url}; start it, or unset REDIS_URL`,
          cause,
        ),
      );
    let host: string;
    let port: number;
    try {
      const parsed = new URL(url);
      host = parsed.hostname;
      port = Number(parsed.port || 6379);
    } catch (error) {
      fail(error);
      return;
    }
    const socket = connect({ host, port, timeout: CONNECT_TIMEOUT_MS });
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
    socket.once('timeout', () => {
      socket.destroy();
      fail(new Error('timeout'));
    });
    socket.once('error', fail);
  });
}
