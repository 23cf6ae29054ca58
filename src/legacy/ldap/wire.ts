import type { Socket } from 'node:net';
import { faultOf } from '../egress/ask-http.ts';
import { LegacyFault } from '../legacy-fault.ts';
import { lengthOfFirst } from './elements.ts';
import { type Message, readMessage } from './messages.ts';

/** A connection on which one question at a time is asked. */
export interface Wire {
  /** Sends what is made with the number it is given, and reads until the answer ends. @throws LegacyFault */
  ask(make: (messageId: number) => { write(): Buffer }): Promise<readonly Message[]>;
  /** Stops reading, so that TLS can begin. @throws LegacyFault when something came that nobody asked for */
  release(): void;
  close(): void;
}

export function openWire(socket: Socket, maxBytes: number): Wire {
  let held = Buffer.alloc(0);
  let read = 0;
  let asked = 0;
  let failure: LegacyFault | undefined;
  let wake: (() => void) | undefined;

  const fail = (fault: LegacyFault): void => {
    failure ??= fault;
    socket.destroy();
    wake?.();
  };
  const onData = (chunk: Buffer): void => {
    read += chunk.length;
    if (read > maxBytes) return fail(new LegacyFault('too-large', `more than ${maxBytes} bytes`));
    held = Buffer.concat([held, chunk]);
    wake?.();
  };
  const onError = (error: Error): void => fail(faultOf(error));
  const onClose = (): void => fail(new LegacyFault('unreachable', 'the server hung up'));
  socket.on('data', onData).on('error', onError).on('close', onClose);

  const next = async (): Promise<Buffer> => {
    for (;;) {
      if (failure) throw failure;
      if (held.length > 0 && held[0] !== 0x30) throw new LegacyFault('garbage', 'not LDAP');
      const total = lengthOfFirst(held)?.total ?? Infinity;
      if (total !== Infinity && total > maxBytes) throw new LegacyFault('too-large', `more than ${maxBytes} bytes`);
      if (held.length >= total) {
        const message = held.subarray(0, total);
        held = held.subarray(total);
        return message;
      }
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };

  return {
    async ask(make) {
      asked += 1;
      socket.write(make(asked).write());
      const messages: Message[] = [];
      for (;;) {
        const { id, message } = readMessage(await next());
        if (id === 0) throw new LegacyFault('server-error', 'the server says that it hangs up');
        if (id !== asked) throw new LegacyFault('garbage', 'an answer to another question');
        messages.push(message);
        if ('result' in message) return messages;
      }
    },
    release() {
      socket.pause().off('data', onData).off('error', onError).off('close', onClose);
      // Said before TLS, believed after it: the injection that StartTLS is known for (CVE-2011-0411).
      if (held.length > 0) throw new LegacyFault('garbage', 'something was said between StartTLS and TLS');
    },
    close: () => void socket.destroy(),
  };
}
