import { html } from './html.ts';
import type { DemoService } from './service-setting.ts';

/** Inherits the ids of the Rent Support Portal, and proves itself with a key. */
export const rentHelp: DemoService = {
  clientId: 'rent-help',
  department: { departmentId: 'homes', name: { en: 'Department for Homes', cy: 'Adran Cartrefi' } },
  name: { en: 'Get help with your rent', cy: 'Cael help gyda’ch rhent' },
  sector: 'rent.localhost',
  authMethod: 'private_key_jwt',
  idTokenAlg: 'ES256',
  scopes: ['openid', 'email', 'profile'],
  sources: ['rent-portal', 'student-loans', 'farm-register'],
  look: {
    css: `:root{--dark:#5c1f14;--accent:#e08e45;--button:#9c3a1b;--link:#8a3011}
.sheet{background:linear-gradient(#fbf1e9,#fff 180px)}
header{background-image:linear-gradient(90deg,#5c1f14,#7c2c1b)}`,
    logo: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 44 44"><rect width="44" height="44" rx="4" fill="#e08e45"/><path d="M6 22 22 8l16 14v16H6z" fill="#fff"/><path d="M18 38V26h8v12z" fill="#5c1f14"/></svg>`,
    intro: html`<p>If you rent your home and cannot pay all of it, we may pay part of your rent each month.</p>
      <ul>
        <li>It takes about 10 minutes to apply.</li>
        <li>You need your rent agreement and your last two payslips.</li>
        <li>If you used the old Rent Support Portal, bring that account with you: your claim is still here.</li>
      </ul>`,
    desk: (sub) =>
      html`<div class="card">
        <h2>Your claim</h2>
        <p>Next payment: <strong>£212.40 on 1 December</strong>, to your landlord.</p>
        <p>This service files the claim under the id it knows you by:<br /><code>${sub}</code></p>
      </div>`,
  },
};
