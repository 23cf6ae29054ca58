import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

export interface EventReceiver {
  readonly url: string;
  /** What came, oldest first, taken or not. */
  readonly got: { readonly type: string | undefined; readonly body: string }[];
  answer: (response: ServerResponse) => void;
  close(): Promise<void>;
}

export const takes = (response: ServerResponse): void => void response.writeHead(202).end();

/** A service's own address for signed events. */
export async function eventReceiver(): Promise<EventReceiver> {
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    receiver.got.push({ type: request.headers['content-type'], body: await text(request) });
    receiver.answer(response);
  };
  const server = createServer((request, response) => void take(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const place = server.address();
  const port = typeof place === 'object' ? (place?.port ?? 0) : 0;
  const receiver: EventReceiver = {
    url: `http://127.0.0.1:${port}/events`,
    got: [],
    answer: takes,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return receiver;
}
