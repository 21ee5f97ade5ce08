import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { mockServer } from './mock/server.ts';

// MUSTER_URL points `npm run dev` at a running server; without it the mock answers.
const server = process.env.MUSTER_URL;

export default defineConfig({
  plugins: [react(), ...(server ? [] : [mockServer()])],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: server ? { proxy: { '/api': { target: server } } } : {},
  worker: { format: 'es' },
  build: {
    target: 'chrome88',
    chunkSizeWarningLimit: 1200,
    // One name a chunk and a hash: the server sends them as immutable.
    assetsDir: 'assets',
    modulePreload: { polyfill: false },
  },
  test: { environment: 'happy-dom', include: ['src/**/*.test.{ts,tsx}'] },
} as Parameters<typeof defineConfig>[0]);
