// JavaScript, for Node cannot cache the types that it strips from the very first file: the stripper alone is 20 MB and 80 ms.
import { enableCompileCache, flushCompileCache } from 'node:module';

// Half of a start is reading the sources: the next start takes them as they were compiled.
enableCompileCache();
leaveOutWebSockets();
try {
  const { serve } = await import('./serve.ts');
  await serve();
  // Now, for a process that is killed writes nothing.
  flushCompileCache();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** Whoever imports `node:http` reads each of its exports, and these load all of undici: 15 MB and 40 ms for what nobody here uses. */
function leaveOutWebSockets() {
  const http = process.getBuiltinModule('node:http');
  for (const name of ['WebSocket', 'CloseEvent', 'MessageEvent']) Reflect.deleteProperty(http, name);
}
