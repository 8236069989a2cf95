import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const sdkFolder = fileURLToPath(new URL('..', import.meta.url));

/** Every specifier that a file imports or exports from, types included, static or dynamic. */
function specifiers(source: string): string[] {
  return [...source.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*)(['"])([^'"]+)\1/g)].map((match) => match[2]);
}

/** All files reached from an entry, and all packages they name. */
async function importGraph(entry: string): Promise<{ files: Set<string>; packages: Set<string> }> {
  const files = new Set<string>();
  const packages = new Set<string>();
  const waiting = [entry];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    for (const specifier of specifiers(await readFile(file, 'utf8')))
      if (specifier.startsWith('.')) waiting.push(join(dirname(file), specifier));
      else packages.add(specifier);
  }
  return { files, packages };
}

test('the root entry imports no package at all: no engine, no room, no runtime, no Node', async () => {
  const { files, packages } = await importGraph(join(sdkFolder, 'src/index.ts'));
  expect([...packages]).toEqual([]);
  expect(files.size).toBeGreaterThan(20);
  for (const file of files) expect(file).not.toMatch(/\/bind\/|decoder-(web|node|worker)\.ts$/);
});

test('the walk would find an import', async () => {
  expect(
    specifiers(
      `import 'a'; import { b } from "b"; export * from 'c'; await import('d'); import type e from 'e';`,
    ),
  ).toEqual(['a', 'b', 'c', 'd', 'e']);
  const node = await importGraph(join(sdkFolder, 'src/decoder/decoder-node.ts'));
  expect([...node.packages].sort()).toEqual(['node:fs/promises', 'onnxruntime-node']);
});

test('the root entry compiles with ECMAScript alone: no DOM and no Node types', {
  timeout: 60_000,
}, async () => {
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [tsc, '--project', 'tsconfig.root.json', '--listFilesOnly'],
    { cwd: sdkFolder },
  );
  expect(stdout).toContain('src/index.ts');
  const foreign = stdout.split('\n').filter((file) => /lib\.dom|node_modules\/(?!@typescript\/)/.test(file));
  expect(foreign).toEqual([]);
  await promisify(execFile)(process.execPath, [tsc, '--project', 'tsconfig.root.json'], { cwd: sdkFolder });
});
