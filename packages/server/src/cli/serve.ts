import { Command, InvalidArgumentError } from 'commander';
import { serve } from '../room/serve.ts';
import { builtPage, REPOSITORY } from './repository-folders.ts';

interface ServeArguments {
  readonly port: number;
  readonly host?: string;
  readonly static?: string | false;
  readonly personas: string;
  readonly exports: string;
  readonly memory?: string;
  readonly forgetAfter?: number;
}

/** `parley serve`: the room server, and the page if there is one. */
export const command = new Command('serve')
  .option(
    '-p, --port <number>',
    'port to listen on, 0 for a free one',
    readPort,
    Number(process.env.PORT ?? 2567),
  )
  .option('--host <address>', 'address to listen on (default: all)')
  .option('--static <folder>', 'built page to serve at / (default: the example, once built)')
  .option('--no-static', 'serve no page')
  .option('--personas <folder>', 'folder with <id>/persona.yaml files', REPOSITORY.personas)
  .option('--exports <folder>', 'folder of the face model, served at /parley/', REPOSITORY.exports)
  .option(
    '--memory <url>',
    'where visitors are remembered: an SQLite file, postgres://…, or none',
    process.env.PARLEY_MEMORY,
  )
  .option('--forget-after <days>', 'days until who does not come back is forgotten (default: 90)', readDays)
  .addHelpText(
    'after',
    '\nEnvironment: PARLEY_{ASR,LLM,TTS,EMBED}_URL for engines elsewhere, PARLEY_MEMORY as --memory, REDIS_URL and PUBLIC_ADDRESS for several processes.',
  )
  .action(run);

async function run({ port, host, personas, exports, ...rest }: ServeArguments): Promise<void> {
  const startMs = performance.now();
  const serving = await serve({
    port,
    hostname: host,
    personasFolder: personas,
    staticFolder: rest.static === false ? undefined : (rest.static ?? builtPage()),
    exportsFolder: exports,
    memoryUrl: rest.memory,
    retentionDays: rest.forgetAfter,
    redisUrl: process.env.REDIS_URL,
    publicAddress: process.env.PUBLIC_ADDRESS,
    handleSignals: true,
    onProgress: (message) => process.stderr.write(`${message}\n`),
  });
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  const engines = serving.engines.info
    .map(({ kind, model, device }) => `${kind} ${model} (${device})`)
    .join(', ');
  process.stderr.write(`Ready in ${seconds} s: ${engines}\n`);
  process.stdout.write(`${serving.url}\n`);
}

function readDays(text: string): number {
  const days = Number(text);
  if (!(days > 0)) throw new InvalidArgumentError('days are a number above 0.');
  return days;
}

function readPort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError('a port is a whole number from 0 to 65535.');
  return port;
}
