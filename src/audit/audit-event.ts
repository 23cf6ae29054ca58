/** Everything that is recorded. A name is stable: exports and runbooks rely on it. */
export type AuditEventType =
  | 'account.created'
  | 'account.email-added'
  | 'account.email-change-begun'
  | 'account.email-change-refused'
  | 'account.email-kept'
  | 'account.email-leaving'
  | 'account.email-removed'
  | 'account.email-made-primary'
  | 'account.language-changed'
  | 'account.name-changed'
  | 'account.password-removed'
  | 'account.password-set'
  | 'account.password-rehashed'
  | 'account.password-reset-requested'
  | 'account.device-remembered'
  | 'account.reauthenticated'
  | 'account.signed-in'
  | 'account.signed-in-silently'
  | 'account.sign-in-failed'
  | 'account.sign-in-blocked'
  | 'account.signed-out'
  | 'account.sessions-ended'
  | 'account.suspended'
  | 'account.resumed'
  | 'account.closed'
  | 'account.merged'
  | 'account.merge-refused'
  | 'account.unmerged'
  | 'account.unmerge-refused'
  | 'audit.dropped'
  | 'code.issued'
  | 'code.wrong'
  | 'code.used-up'
  | 'grant.given'
  | 'grant.revoked'
  | 'keys.made'
  | 'keys.activated'
  | 'keys.retired'
  | 'legacy.met'
  | 'legacy.proved'
  | 'legacy.proof-failed'
  | 'legacy.adopted'
  | 'legacy.adoption-refused'
  | 'legacy.linked'
  | 'legacy.link-undone'
  | 'legacy.link-restored'
  | 'legacy.link-kept'
  | 'legacy.request-made'
  | 'legacy.request-approved'
  | 'legacy.request-refused'
  | 'legacy.vouched'
  | 'legacy.organised'
  | 'legacy.organisation-undone'
  | 'legacy.rights-noted'
  | 'message.gave-up'
  | 'organisation.made'
  | 'organisation.invited'
  | 'organisation.invitation-withdrawn'
  | 'organisation.joined'
  | 'organisation.member-left'
  | 'organisation.undone'
  | 'run.planned'
  | 'run.approved'
  | 'run.approval-refused'
  | 'run.asked'
  | 'run.paused'
  | 'run.resumed'
  | 'run.moved'
  | 'run.rows-looked-at'
  | 'service.submitted'
  | 'service.published'
  | 'service.suspended'
  | 'service.resumed'
  | 'service.secret-made'
  | 'service.backchannel-logout-sent'
  | 'service.backchannel-logout-gave-up'
  | 'source.added'
  | 'source.changed'
  | 'source.checked'
  | 'source.suspended'
  | 'source.opened'
  | 'source.import-started'
  | 'source.import-finished'
  | 'source.rows-imported'
  | 'source.rows-undone'
  | 'source.run-refused'
  | 'subject.derived'
  | 'subject.inherited'
  | 'subject.aliased'
  | 'subject.parted'
  | 'subject.map-fetched'
  | 'subject.sector-moved'
  | 'token.issued'
  | 'token.refreshed'
  | 'token.reuse-detected'
  | 'token.revoked';

export type AuditValue = string | number | boolean;

/** What happened, by pseudonymous ids only: never a name, an address, a number or an old user name. */
export interface AuditEvent {
  /** The hash chain it stands on: `account:<id>`, `service:<id>`, `source:<key>`, `run:<id>`, `node:<id>` or `system`. */
  readonly chain: string;
  readonly type: AuditEventType;
  /** Who did it: `citizen`, `system` or `operator:<name>`. */
  readonly actor: string;
  readonly accountId?: string | undefined;
  readonly clientId?: string | undefined;
  /** Joins the events of one request or one journey. */
  readonly correlationId?: string | undefined;
  readonly detail?: Readonly<Record<string, AuditValue>> | undefined;
  /** When it happened; the moment of recording when left out. */
  readonly at?: Date | undefined;
}

/** An event for the process's own chain, see `createAuditBatch`. */
export type BatchedAuditEvent = Omit<AuditEvent, 'chain'>;
