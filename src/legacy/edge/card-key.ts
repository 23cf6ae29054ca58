import { createHash } from 'node:crypto';
import type { Certificate } from './certificate.ts';
import { type DistinguishedName, type NameForm, writeName } from './distinguished-name.ts';
import type { CardSettings } from './card-settings.ts';

const LONGEST = 255;
/** Names and addresses: many people share them, and they change. */
const OF_NO_ONE = new Set(['2.5.4.3', '2.5.4.4', '2.5.4.42', '2.5.4.43', '2.5.4.12', '1.2.840.113549.1.9.1']);

/** Whether what is configured is an id at all. */
export const isIdentifying = (identifier: CardSettings['identifier']): boolean =>
  identifier.by !== 'subject-attribute' || !OF_NO_ONE.has(identifier.oid);

/** The old id that a certificate stands for; undefined where it holds none, or several. */
export function cardKey(certificate: Certificate, identifier: CardSettings['identifier']): string | undefined {
  const key = keyBy(certificate, identifier);
  return key !== undefined && key !== '' && key.length <= LONGEST ? key : undefined;
}

function keyBy(
  { x509, serial, subject, issuer }: Certificate,
  identifier: CardSettings['identifier'],
): string | undefined {
  switch (identifier.by) {
    case 'key':
      return createHash('sha256')
        .update(x509.publicKey.export({ type: 'spki', format: 'der' }))
        .digest('hex');
    case 'issuer-serial':
      return both(`${serial} `, '', written(issuer, identifier.names));
    case 'subject-issuer':
      return both(written(subject, identifier.names), ';', written(issuer, identifier.names));
    case 'subject-attribute': {
      const values = subject.flat().filter(({ type }) => type === identifier.oid);
      return values.length === 1 ? values[0]?.value.trim() : undefined;
    }
    default:
      return undefined;
  }
}

const both = (first: string | undefined, between: string, second: string | undefined): string | undefined =>
  first !== undefined && second !== undefined ? `${first}${between}${second}` : undefined;

/** On one line nothing is escaped: a value could look like the parts of another name, so that such a one is nobody's. */
function written(name: DistinguishedName, form: NameForm = 'canonical'): string | undefined {
  const isEmpty = name.length === 0;
  const isAmbiguous = form === 'one-line' && name.flat().some(({ value }) => /[/=;\\]/.test(value));
  return isEmpty || isAmbiguous ? undefined : writeName(name, form);
}
