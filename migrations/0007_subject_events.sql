-- Services are told of subs that were joined or parted by a signed event (RFC 8417), pushed from the outbox (RFC 8935).
-- Expand only: what runs today asks for the kinds that it knows, and leaves the new one to who knows it.
ALTER TABLE outbox DROP CONSTRAINT outbox_kind_check;
ALTER TABLE outbox ADD CONSTRAINT outbox_kind_check
  CHECK (kind IN ('email', 'sms', 'backchannel-logout', 'security-event')) NOT VALID;
ALTER TABLE outbox VALIDATE CONSTRAINT outbox_kind_check;
