import { cpSync, createReadStream, existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { defineConfig, type Plugin } from 'vite';

const EXPORTS_FOLDER = path.resolve(import.meta.dirname, '../../models/exports');
/** What a page needs of the face model, the files for binding strangers' heads included; encoders stay on the server. */
const PAGE_FILES = [
  'manifest.json',
  'decoder.onnx',
  'template.obj',
  'template.json',
  'basis.bin',
  'idle.bin',
  'identity.json',
  'identity.bin',
  'landmarks/manifest.json',
  'landmarks/template.json',
  'landmarks/face-detector.onnx',
  'landmarks/face-landmarks.onnx',
  'NOTICE-template.txt',
];
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
      for (const name of PAGE_FILES)
        cpSync(path.join(EXPORTS_FOLDER, name), path.join(outFolder, 'parley', name));
    },
  };
}

export default defineConfig({
  base: './',
  plugins: [faceModel()],
  server: {
    port: 5173,
    proxy: {
      '/matchmake': SERVER_URL,
      // Colyseus' sockets: /processId/roomId?sessionId=…
      '^/[\\w-]+/[\\w-]+\\?.*sessionId=': { target: SERVER_URL, ws: true },
    },
  },
  worker: { format: 'es' },
  optimizeDeps: { exclude: ['onnxruntime-web'] },
  build: {
    target: 'es2022',
    // Babylon's core is one large library, 0.5 MB gzipped; its loaders come when the first head does.
    chunkSizeWarningLimit: 2000,
  },
});
