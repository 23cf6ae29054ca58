/**
 * The record of what happened: append-only, free of personal data, hash-chained.
 *
 * It owns `audit_events`. It does not decide what is worth recording, and it never reads an account. An event that tells
 * of a change goes through `appendAudit` in the transaction of that change; one that changes nothing (a silent sign-in)
 * through the process's `createAuditBatch`. `verifyChains` recomputes every chain and names the rows that were altered.
 * What it cannot see is a chain cut at its end: for that the heads must be exported elsewhere.
 */
export { appendAudit } from './append-audit.ts';
export { type AuditBatch, type AuditBatchOptions, createAuditBatch } from './audit-batch.ts';
export type { AuditEvent, AuditEventType, AuditValue, BatchedAuditEvent } from './audit-event.ts';
export { type ChainReport, verifyChains } from './verify-chains.ts';
