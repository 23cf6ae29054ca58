/**
 * The staff's door. So far one page: how old systems that still run do, as this process sees them. It owns that page and
 * its words. It has no sign-in of its own yet: what it shows is for those who run this, from this machine or with the
 * token that `/metrics` asks for, and there is nothing in it of a person.
 */
import type { PagesFolder } from '../platform/pages/translations.ts';

export { showSourceHealth } from './insight/show-source-health.ts';

export const operatorsPages: PagesFolder = { name: 'operators', directory: import.meta.dirname };
