import { Counter, Gauge, type Registry } from 'prom-client';
import type { MessageKind } from './message.ts';
import type { OutboxState } from './outbox-store.ts';

export interface OutboxMetrics {
  readonly count: (kind: MessageKind, outcome: 'sent' | 'failed' | 'refused' | 'expired') => void;
  readonly show: (states: readonly OutboxState[], now: Date) => void;
}

export function createOutboxMetrics(registry: Registry): OutboxMetrics {
  const registers = [registry];
  const messages = new Counter({
    name: 'latchkey_outbox_messages_total',
    help: 'Tries to send a message, by what became of them; refused and expired ones are dead letters',
    labelNames: ['kind', 'outcome'],
    registers,
  });
  const waiting = new Gauge({
    name: 'latchkey_outbox_waiting',
    help: 'Messages not sent yet',
    labelNames: ['kind'],
    registers,
  });
  const oldest = new Gauge({
    name: 'latchkey_outbox_oldest_seconds',
    help: 'Age of the oldest message not sent yet',
    labelNames: ['kind'],
    registers,
  });
  const dead = new Gauge({
    name: 'latchkey_outbox_dead_letters',
    help: 'Messages given up and still on record',
    labelNames: ['kind'],
    registers,
  });
  return {
    count: (kind, outcome) => messages.inc({ kind, outcome }),
    show(states, now) {
      for (const gauge of [waiting, oldest, dead]) gauge.reset();
      for (const state of states) {
        waiting.set({ kind: state.kind }, state.waiting);
        dead.set({ kind: state.kind }, state.gaveUp);
        oldest.set({ kind: state.kind }, state.oldestAt ? (now.getTime() - state.oldestAt.getTime()) / 1000 : 0);
      }
    },
  };
}
