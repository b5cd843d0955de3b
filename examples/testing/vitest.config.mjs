/** The tests in this folder stand for themselves: `npx vitest run --root examples/testing`. */
import { defineConfig } from 'vitest/config';

export default defineConfig({ cacheDir: '../../node_modules/.vite', test: { include: ['*.test.mjs'] } });
