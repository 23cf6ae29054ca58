import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export interface AssetFile {
  readonly type: string;
  readonly body: Buffer;
}

/** The files under `/assets/<version>/`. The version is a hash of them all, so each may be cached for ever. */
export interface Assets {
  /** `/assets/<version>`, without a slash at the end. */
  readonly path: string;
  readonly version: string;
  readonly files: ReadonlyMap<string, AssetFile>;
}

const SYSTEM_FONTS = 'system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Helvetica Neue",Arial,sans-serif';
const CSS = 'text/css; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';

/** Reads the few files that pages use. Nothing of GOV.UK's identity (crest, font) is among them. */
export function loadAssets(): Assets {
  const files = new Map<string, AssetFile>([
    ['latchkey.css', { type: CSS, body: Buffer.from(unbrand(govuk('govuk-frontend.min.css')) + own('latchkey.css')) }],
    ['govuk-frontend.js', { type: SCRIPT, body: Buffer.from(withoutSourceMap(govuk('govuk-frontend.min.js'))) }],
    ['latchkey.js', { type: SCRIPT, body: Buffer.from(own('latchkey.js')) }],
    ['passkey.js', { type: SCRIPT, body: Buffer.from(own('passkey.js')) }],
    ['favicon.svg', { type: 'image/svg+xml', body: Buffer.from(own('favicon.svg')) }],
  ]);
  const hash = createHash('sha256');
  for (const [name, file] of files) hash.update(name).update(file.body);
  const version = hash.digest('base64url').slice(0, 12);
  return { path: `/assets/${version}`, version, files };
}

/** Only government on GOV.UK may use its font and its crest: both go out of the style sheet. */
function unbrand(css: string): string {
  const plain = withoutSourceMap(css)
    .replaceAll(/@font-face\{[^}]*\}/g, '')
    .replaceAll('GDS Transport,arial,sans-serif', 'var(--lk-font)')
    .replaceAll('/assets/images/govuk-crest.svg', 'data:,');
  return `:root{--lk-font:${SYSTEM_FONTS}}${plain}\n`;
}

function withoutSourceMap(text: string): string {
  return text.replaceAll(/\/\*# sourceMappingURL=[^*]*\*\/|\/\/# sourceMappingURL=.*/g, '');
}

function govuk(file: string): string {
  const require = createRequire(import.meta.url);
  return readFileSync(join(dirname(require.resolve('govuk-frontend/package.json')), 'dist/govuk', file), 'utf8');
}

function own(file: string): string {
  return readFileSync(join(import.meta.dirname, 'public', file), 'utf8');
}
