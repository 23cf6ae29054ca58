import { expect, it } from 'vitest';
import { readGivenSecret } from './read-given-secret.ts';

it('reads a variable; one that is not set, or empty, is not a secret', async () => {
  expect(await readGivenSecret('env:PASSWORD', { PASSWORD: ' as it is\n' })).toBe(' as it is\n');
  for (const env of [{}, { PASSWORD: '' }])
    await expect(readGivenSecret('env:PASSWORD', env)).rejects.toMatchObject({ code: 'input_invalid' });
});
