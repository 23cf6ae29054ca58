import { pbkdf2Digest } from '../primitives/derive.ts';
import { fromAb64, fromBase64, fromBase64Url, fromHex } from '../primitives/encodings.ts';
import { fullKey, pbkdf2Row, whole } from './pbkdf2-row.ts';

export const FRAMEWORK_PBKDF2_ROWS = [
  pbkdf2Row({
    id: 'django-pbkdf2',
    shape: /^pbkdf2_sha(?:1|256)\$/,
    form: /^pbkdf2_(?<name>sha1|sha256)\$(?<iterations>[1-9]\d{0,9})\$(?<salt>[^$]{1,128})\$(?<digest>[A-Za-z0-9+/]{27,43}=)$/,
    split: ({ name, iterations, salt, digest }) => ({
      digest: pbkdf2Digest(name),
      iterations: Number(iterations),
      salt,
      expected: whole(fromBase64(digest ?? ''), name === 'sha1' ? 20 : 32),
    }),
    common: 600_000,
    note: 'Django; the salt is text',
  }),
  pbkdf2Row({
    id: 'werkzeug-pbkdf2',
    shape: /^pbkdf2:sha/,
    form: /^pbkdf2:(?<name>sha1|sha224|sha256|sha384|sha512):(?<iterations>[1-9]\d{0,9})\$(?<salt>[^$]{1,128})\$(?<digest>[0-9a-f]{32,256})$/,
    split: ({ name, iterations, salt, digest }) => ({
      digest: pbkdf2Digest(name),
      iterations: Number(iterations),
      salt,
      expected: fullKey(name, fromHex(digest ?? '')),
    }),
    common: 600_000,
    note: 'Werkzeug, Flask; the salt is text',
  }),
  pbkdf2Row({
    id: 'passlib-pbkdf2',
    shape: /^\$pbkdf2(?:-sha\d+)?\$\d/,
    form: /^\$pbkdf2(?:-(?<name>sha1|sha256|sha512))?\$(?<iterations>[1-9]\d{0,9})\$(?<salt>[A-Za-z0-9./]{0,200})\$(?<digest>[A-Za-z0-9./]{16,200})$/,
    split: ({ name = 'sha1', iterations, salt, digest }) => ({
      digest: pbkdf2Digest(name),
      iterations: Number(iterations),
      salt: fromAb64(salt ?? ''),
      expected: fullKey(name, fromAb64(digest ?? '')),
    }),
    common: 29_000,
    note: 'passlib',
  }),
  pbkdf2Row({
    id: 'phc-pbkdf2',
    shape: /^\$pbkdf2-sha\d+\$i=/,
    form: /^\$pbkdf2-(?<name>sha1|sha224|sha256|sha384|sha512)\$i=(?<iterations>[1-9]\d{0,9})(?:,l=(?<bytes>\d{1,3}))?\$(?<salt>[A-Za-z0-9+/]{1,200})\$(?<digest>[A-Za-z0-9+/]{16,200})$/,
    split: ({ name, iterations, salt, digest, bytes = '32' }) => ({
      digest: pbkdf2Digest(name),
      iterations: Number(iterations),
      salt: fromBase64(salt ?? ''),
      expected: whole(fromBase64(digest ?? ''), Number(bytes)),
    }),
    note: 'PHC string form: Ory Kratos, Go and Rust libraries',
  }),
  pbkdf2Row({
    id: 'pbkdf2-colon',
    form: /^(?<name>md5|sha1|sha256|sha512):(?<iterations>[1-9]\d{0,9}):(?<salt>[A-Za-z0-9+/]{1,200}={0,2}):(?<digest>[A-Za-z0-9+/]{16,400}={0,2})$/,
    split: ({ name, iterations, salt, digest }) => ({
      digest: pbkdf2Digest(name),
      iterations: Number(iterations),
      salt: fromBase64(salt ?? ''),
      expected: fromBase64(digest ?? ''),
    }),
    note: 'name:iterations:salt:key, the form of widely copied samples',
  }),
  pbkdf2Row({
    id: 'mediawiki-pbkdf2',
    shape: /^:pbkdf2:/,
    form: /^:pbkdf2:(?<name>sha1|sha256|sha512):(?<iterations>[1-9]\d{0,9}):(?<bytes>\d{1,3}):(?<salt>[A-Za-z0-9+/]{1,200}={0,2}):(?<digest>[A-Za-z0-9+/]{16,400}={0,2})$/,
    split: ({ name, iterations, bytes, salt, digest }) => ({
      digest: pbkdf2Digest(name),
      iterations: Number(iterations),
      salt: fromBase64(salt ?? ''),
      expected: whole(fromBase64(digest ?? ''), Number(bytes)),
    }),
    common: 30_000,
    note: 'MediaWiki',
  }),
  pbkdf2Row({
    id: 'web2py',
    shape: /^pbkdf2\(/,
    form: /^pbkdf2\((?<iterations>[1-9]\d{0,9}),(?<bytes>\d{1,3}),(?<name>sha1|sha256|sha512)\)\$(?<salt>[^$]{1,128})\$(?<digest>[0-9a-f]{24,400})$/,
    split: ({ name, iterations, bytes, salt, digest }) => ({
      digest: pbkdf2Digest(name),
      iterations: Number(iterations),
      salt,
      expected: whole(fromHex(digest ?? ''), Number(bytes)),
    }),
    common: 1000,
    note: 'web2py; the salt is text',
  }),
  pbkdf2Row({
    id: 'cta-pbkdf2',
    form: /^\$p5k2\$(?<iterations>[0-9a-f]{1,8})\$(?<salt>[A-Za-z0-9_-]{1,100}={0,2})\$(?<digest>[A-Za-z0-9_-]{27}=)$/,
    split: ({ iterations, salt, digest }) => ({
      digest: 'sha1',
      iterations: parseInt(iterations ?? '', 16),
      salt: fromBase64Url(salt ?? ''),
      expected: fromBase64Url(digest ?? ''),
    }),
    class: 'pbkdf2-sha1',
    common: 4096,
    note: 'Cryptacular; iterations in hex',
  }),
  pbkdf2Row({
    id: 'dlitz-pbkdf2',
    form: /^(?<head>\$p5k2\$(?<iterations>[0-9a-f]{0,8})\$[A-Za-z0-9./]{1,100})\$(?<digest>[A-Za-z0-9./]{32})$/,
    split: ({ head, iterations, digest }) => ({
      digest: 'sha1',
      iterations: iterations === '' ? 400 : parseInt(iterations ?? '', 16),
      salt: head,
      expected: fromAb64(digest ?? ''),
    }),
    class: 'pbkdf2-sha1',
    common: 400,
    note: 'Dwayne Litzenberger; the whole head is the salt',
  }),
  pbkdf2Row({
    id: 'grub-pbkdf2',
    shape: /^grub\.pbkdf2\./,
    form: /^grub\.pbkdf2\.(?<name>sha512)\.(?<iterations>[1-9]\d{0,9})\.(?<salt>[0-9a-f]{2,256})\.(?<digest>[0-9a-f]{128})$/i,
    split: ({ name, iterations, salt, digest }) => ({
      digest: pbkdf2Digest(name),
      iterations: Number(iterations),
      salt: fromHex(salt ?? ''),
      expected: fromHex(digest ?? ''),
    }),
    class: 'pbkdf2-sha512',
    common: 30_000,
    note: 'GRUB 2',
  }),
] as const;
