// `npm run release [folder]`: writes the three packages as npm should get them into release/<package>, to be published with
// `npm publish release/<package>`. In the repository a package.json leads to the sources; in the release it leads to what they
// were compiled to.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { root, runMain, runTool, StageError } from './stage.mjs';

const PACKAGES = ['sdk', 'server', 'babylon-plugin'];

await runMain(async () => {
  const release = resolve(process.argv[2] ?? join(root, 'release'));
  for (const name of PACKAGES) await releasePackage(join(root, 'packages', name), join(release, name));
  process.stdout.write(`${release}\n`);
  return 0;
});

/**
 * @param {string} source
 * @param {string} target
 */
async function releasePackage(source, target) {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  const status = await runTool('tsc', ['-p', 'tsconfig.build.json', '--outDir', join(target, 'dist')], {
    folder: source,
  });
  if (status !== 0) throw new StageError(`${source} does not compile (see above).`);
  const { scripts, devDependencies, exports, bin, ...manifest } = JSON.parse(
    readFileSync(join(source, 'package.json'), 'utf8'),
  );
  const published = {
    ...manifest,
    exports: mapValues(exports, (path) => ({
      types: script(path).replace(/\.js$/, '.d.ts'),
      default: script(path),
    })),
    ...(bin && { bin: mapValues(bin, script) }),
  };
  writeFileSync(join(target, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
  cpSync(join(source, 'README.md'), join(target, 'README.md'));
  // Source maps lead to the sources.
  cpSync(join(source, 'src'), join(target, 'src'), { recursive: true });
  for (const name of ['LICENSE', 'NOTICE']) cpSync(join(root, name), join(target, name));
  if (manifest.files.includes('film')) {
    // The page in which `parley animate` draws videos.
    const page = join(root, 'packages', 'film');
    if (
      (await runTool('vite', ['build', page, '--outDir', join(target, 'film'), '--logLevel', 'error'])) !== 0
    )
      throw new StageError(`${page} cannot be built (see above).`);
  }
  if (manifest.files.includes('models')) {
    cpSync(join(root, 'models', 'exports'), join(target, 'models', 'exports'), { recursive: true });
    cpSync(join(root, 'models', 'weights.json'), join(target, 'models', 'weights.json'));
  }
}

/** @param {string} source For instance ./src/index.ts */
function script(source) {
  return source.replace('./src/', './dist/').replace(/\.ts$/, '.js');
}

/**
 * @template T
 * @param {Record<string, string>} object
 * @param {(value: string) => T} change
 */
function mapValues(object, change) {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}
