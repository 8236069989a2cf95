import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const page = (name: string) => fileURLToPath(new URL(name, import.meta.url));

export default defineConfig({
  base: './',
  worker: { format: 'es' },
  optimizeDeps: { exclude: ['onnxruntime-web'] },
  build: {
    target: 'es2022',
    rollupOptions: { input: { film: page('index.html'), bind: page('bind.html') } },
    // Babylon's core is one large library.
    chunkSizeWarningLimit: 10_000,
  },
});
