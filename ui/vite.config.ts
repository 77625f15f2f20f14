import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { catalogueFont } from './scripts/catalogue-font.ts';

export default defineConfig({
  plugins: [catalogueFont(), svelte()],
  base: './',
  // Parsed as text, the texts cost the first screen less than as a program.
  json: { stringify: true },
  // Notice and failure texts are shared with the core; see src/i18n/shared.ts.
  server: { fs: { allow: ['..'] } },
  build: {
    target: 'es2022',
    // The content security policy allows no data: address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 800,
  },
  test: { include: ['test/**/*.test.ts'], environment: 'node' },
});
