import { defineConfig } from 'vite';

const server = process.env['ASRHUB_SERVER'] ?? 'http://localhost:8080';

export default defineConfig({
  base: './',
  build: {
    target: 'es2022',
    // A worklet inlined as a data: URL is refused by a strict content security policy.
    assetsInlineLimit: 0,
    sourcemap: true,
    rollupOptions: {
      onwarn(warning, warn) {
        // The SignalR client has misplaced purity comments, which only cost it a little tree shaking.
        if (warning.code !== 'INVALID_ANNOTATION') warn(warning);
      },
    },
  },
  server: {
    proxy: { '/hubs': { target: server, ws: true, changeOrigin: true } },
  },
});
