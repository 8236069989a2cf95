import { fileURLToPath } from 'node:url';
import { serve } from '../../src/room/serve.ts';
import { scriptedEngines } from '../engines/scripted-engines.ts';

/** A server process for tests of signals and of several processes; prints its URL. */
const folder = (path: string) => fileURLToPath(new URL(`../../../../${path}`, import.meta.url));

const { url, port } = await serve({
  port: 0,
  hostname: '127.0.0.1',
  engines: scriptedEngines({ heads: 16, classes: 64 }),
  personasFolder: folder('examples/metaverse-room/personas'),
  exportsFolder: folder('models/exports'),
  redisUrl: process.env.REDIS_URL,
  publicAddress: process.env.REDIS_URL && process.env.PUBLIC_ADDRESS,
  handleSignals: true,
});
process.stdout.write(`${url} ${port}\n`);
