import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// `npm run dev` shows the pages of a running server: `muster demo` where it opens, or MUSTER_URL.
const server = process.env.MUSTER_URL ?? 'http://127.0.0.1:8020';

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: { proxy: { '/api': { target: server } } },
  worker: { format: 'es' },
  build: {
    target: 'chrome88',
    chunkSizeWarningLimit: 600,
    modulePreload: { polyfill: false },
  },
  test: { environment: 'happy-dom', include: ['src/**/*.test.{ts,tsx}'] },
});
