import { defineConfig } from 'vitest/config';

// `npm run dev` serves the sources; a JobManager on this machine answers everything that is not a page.
const jobManager = 'http://localhost:8081';
const isPage = /^\/($|ui(\/|$)|src\/|node_modules\/|@|index\.html|favicon\.svg)/;

export default defineConfig({
  appType: 'spa',
  // Addresses relative to the page, which the JobManager sets right for its depth: a proxy may put a prefix before all of them.
  base: './',
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  build: {
    target: 'es2022',
    // A file under 4 kB would be written into its user as a data URL, which the Content-Security-Policy refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 200,
    emptyOutDir: true,
  },
  server: {
    proxy: {
      '^/.*': { target: jobManager, bypass: (request) => (isPage.test(request.url ?? '') ? request.url : undefined) },
    },
  },
  test: { environment: 'happy-dom', include: ['tests/**/*.test.{ts,tsx}'] },
});
