import type { AdapterContext, RedirectAdapter } from '../adapter.ts';
import { createCasAdapter } from './create-cas-adapter.ts';
import { createFederationAdapter } from './create-federation-adapter.ts';
import type { TicketSettings } from './settings.ts';

export const createTicketAdapter = (settings: TicketSettings, context: AdapterContext): RedirectAdapter =>
  settings.method === 'M23' ? createCasAdapter(settings, context) : createFederationAdapter(settings, context);
