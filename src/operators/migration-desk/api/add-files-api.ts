import { Type } from 'typebox';
import { LatchkeyError } from '../../../platform/failure/latchkey-error.ts';
import type { OperatorScope } from '../../access/operator-scope.ts';
import type { DescribedApi } from '../../api/describe-api.ts';
import type { DeskDeps } from '../desk-deps.ts';
import type { RunFolder } from '../files/run-folder.ts';
import { FileAnswer, FilesAnswer } from './run-schemas.ts';

/** Files that runs read, for programs: sent as they are, of any size. */
export function addFilesApi(api: DescribedApi, scope: OperatorScope, deps: DeskDeps): void {
  api.json({
    method: 'GET',
    path: '/operators/api/files',
    needs: 'runs.plan',
    summary: 'The files that lie in the folder',
    response: FilesAnswer,
    answer: async () => ({
      files: (await needFolder(deps).list()).map(({ at, ...file }) => ({ ...file, at: at.toISOString() })),
    }),
  });
  const path = '/operators/api/files/:name';
  scope.filePut({
    path,
    needs: 'runs.plan',
    async take({ params, stream, reply }) {
      const received = await needFolder(deps).receive(params.name, stream);
      if (received.outcome === 'bad-name')
        throw new LatchkeyError('input_invalid', 'A name has letters, digits, dots, hyphens and underscores only.');
      if (received.outcome === 'taken')
        throw new LatchkeyError('conflict', 'Another file of this name is there: send it under a new one.');
      const { name, bytes, sha256 } = received;
      return reply.code(201).send({ name, bytes, sha256 });
    },
  });
  api.note({
    method: 'PUT',
    path,
    needs: 'runs.plan',
    summary: 'Puts a file into the folder; the same file again is the same file',
    status: 201,
    consumes: 'application/octet-stream',
    body: Type.String({ format: 'binary' }),
    produces: 'application/json',
    response: FileAnswer,
    query: undefined,
  });
}

function needFolder({ files }: DeskDeps): RunFolder {
  if (files === undefined) throw new LatchkeyError('conflict', 'No folder for files is configured: runs.folder.');
  return files;
}
