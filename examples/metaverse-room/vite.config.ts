import { cpSync, createReadStream, existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { defineConfig, type Plugin } from 'vite';

const EXPORTS_FOLDER = path.resolve(import.meta.dirname, '../../models/exports');
/** Where `parley serve` listens while the page is developed. */
const SERVER_URL = process.env.PARLEY_URL ?? 'http://localhost:2567';

/** The face model's files at `/parley/`: straight from models/exports in dev, copied into the build. */
function faceModel(): Plugin {
  let outFolder = 'dist';
  return {
    name: 'face-model',
    configResolved: (config) => {
      outFolder = path.resolve(config.root, config.build.outDir);
    },
    configureServer: (server) => {
      server.middlewares.use('/parley/', (request, response, next) => {
        const name = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
        const file = path.join(EXPORTS_FOLDER, name);
        if (!file.startsWith(EXPORTS_FOLDER + path.sep) || !existsSync(file) || !statSync(file).isFile())
          return next();
        response.setHeader(
          'content-type',
          name.endsWith('.json') ? 'application/json' : 'application/octet-stream',
        );
        createReadStream(file).pipe(response);
      });
    },
    closeBundle: () => {
      cpSync(EXPORTS_FOLDER, path.join(outFolder, 'parley'), {
        recursive: true,
        filter: (source) => !source.startsWith(path.join(EXPORTS_FOLDER, 'asr')),
      });
    },
  };
}

export default defineConfig({
  base: './',
  plugins: [faceModel()],
  server: {
    port: 5173,
    proxy: { '/matchmake': SERVER_URL },
  },
  worker: { format: 'es' },
  optimizeDeps: { exclude: ['onnxruntime-web'] },
  build: {
    target: 'es2022',
    // Babylon's core is one large library: it is cached on its own.
    chunkSizeWarningLimit: 2500,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'babylon', test: /@babylonjs/ },
            { name: 'colyseus', test: /@colyseus/ },
          ],
        },
      },
    },
  },
});
