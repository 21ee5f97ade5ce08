import { defineConfig } from 'orval';

// The client is written from the contract that the server writes of itself, and committed.
export default defineConfig({
  muster: {
    input: process.env.MUSTER_OPENAPI ?? '../../openapi.json',
    output: {
      target: 'src/api/generated.ts',
      // The shapes apart from the calls: the door that the calls go through (http.ts) needs the shape of a problem.
      mode: 'split',
      client: 'fetch',
      urlEncodeParameters: true,
      override: {
        mutator: { path: 'src/api/http.ts', name: 'request' },
        fetch: { includeHttpResponseReturnType: false },
      },
    },
  },
});
