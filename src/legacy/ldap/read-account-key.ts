import type { LdapSettings } from './settings.ts';

type Format = NonNullable<LdapSettings['key']>['format'];

const SHAPES = {
  text: /^[\p{L}\p{N}\p{P}\p{S} ]{1,255}$/u,
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  guid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  sid: /^S-1-\d{1,15}(-\d{1,10}){1,15}$/,
  hex: /^([0-9a-f]{2}){1,64}$/,
} as const satisfies Record<Format, RegExp>;

/** The one way in which we write an id that a directory keeps as text or as bytes. Undefined: it is not such an id. */
export function readAccountKey(values: readonly Buffer[] | undefined, format: Format): string | undefined {
  const [value] = values ?? [];
  if (value === undefined || values?.length !== 1) return undefined;
  const written = write(value, format);
  return SHAPES[format].test(written) ? written : undefined;
}

function write(value: Buffer, format: Format): string {
  if (format === 'guid') return value.length === 16 ? writeGuid(value) : '';
  if (format === 'sid') return writeSid(value);
  if (format === 'hex') return value.toString('hex');
  return format === 'uuid' ? value.toString().toLowerCase() : value.toString();
}

/** The first three fields are little-endian. @see MS-DTYP §2.3.4.2 */
function writeGuid(value: Buffer): string {
  const fields = [
    value.readUInt32LE(0).toString(16).padStart(8, '0'),
    value.readUInt16LE(4).toString(16).padStart(4, '0'),
    value.readUInt16LE(6).toString(16).padStart(4, '0'),
    value.toString('hex', 8, 10),
    value.toString('hex', 10),
  ];
  return fields.join('-');
}

/** @see MS-DTYP §2.4.2.2 */
function writeSid(value: Buffer): string {
  const count = value[1] ?? 0;
  if (value[0] !== 1 || value.length !== 8 + 4 * count) return '';
  const parts = Array.from({ length: count }, (_, index) => value.readUInt32LE(8 + 4 * index));
  return ['S', 1, value.readUIntBE(2, 6), ...parts].join('-');
}
