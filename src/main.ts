import { enableCompileCache } from 'node:module';

// Half of a start is reading the sources: the next start takes them as they were compiled.
enableCompileCache();
try {
  const { serve } = await import('./serve.ts');
  await serve();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
