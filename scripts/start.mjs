// `npm start`: from a bare clone to one URL with a world in which an NPC answers.
import { createServer } from 'node:net';
import { fetchWeights, installPackages, runMain, runNode, runTool, StageError } from './stage.mjs';

const EXAMPLE = 'metaverse-room';
const FIRST_PORT = 2567;
const PORTS = 50;

await runMain(async () => {
  await installPackages();
  const port = await choosePort();
  await fetchWeights();
  process.stdout.write('Building the page…\n');
  const built = await runTool('turbo', [
    'run',
    'build',
    '--only',
    `--filter=${EXAMPLE}`,
    '--output-logs=errors-only',
  ]);
  if (built !== 0) throw new StageError('The page could not be built (see above).');
  // From here on Ctrl-C is the ordinary end.
  process.exitCode = 0;
  return runNode('packages/server/src/cli/parley.ts', ['serve', '--port', String(port)]);
});

/** PORT where it is set, else the first free one from 2567. */
async function choosePort() {
  const wanted = process.env.PORT;
  if (wanted !== undefined) {
    if (await isFree(Number(wanted))) return Number(wanted);
    throw new StageError(`Port ${wanted} is taken or not allowed: set PORT to another, or leave it out.`);
  }
  for (let port = FIRST_PORT; port < FIRST_PORT + PORTS; port++) {
    if (await isFree(port)) return port;
  }
  throw new StageError(
    `Ports ${FIRST_PORT} to ${FIRST_PORT + PORTS - 1} are all taken: set PORT to a free one.`,
  );
}

/** @param {number} port */
function isFree(port) {
  return new Promise((resolve) => {
    if (!Number.isInteger(port) || port < 1 || port > 65535) return resolve(false);
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}
