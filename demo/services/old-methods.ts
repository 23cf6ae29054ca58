import { TOTP, Secret } from 'otpauth';
import type { DemoMethod } from '../estate/methods/demo-method.ts';
import { sourceOf } from '../estate/methods/demo-method.ts';
import { demoMethods } from '../estate/methods/methods.ts';
import { html, type Html } from './html.ts';
import type { DemoService } from './service-setting.ts';

/** Every old sign-in method, to be tried. `ready` resolves when the old systems of the demo are up. */
export const oldMethods = (ready: () => Promise<unknown>): DemoService => ({
  clientId: 'old-methods',
  department: { departmentId: 'records', name: { en: 'Department for Records', cy: 'Adran Cofnodion' } },
  name: { en: 'Old sign-in methods', cy: 'Hen ddulliau mewngofnodi' },
  sector: 'methods.localhost',
  authMethod: 'client_secret_post',
  idTokenAlg: 'ES256',
  scopes: ['openid', 'email', 'profile'],
  sources: demoMethods.map(sourceOf),
  look: {
    css: `:root{--dark:#17403a;--accent:#c3d82c;--button:#1d6b5f;--link:#135c50}
.width{max-width:1180px}
.methods{table-layout:auto;font-size:17px}.methods th{width:auto}.methods td,.methods th{overflow-wrap:break-word}
.methods thead th{border-bottom:2px solid var(--dark)}.methods small{display:block;color:#4a5258;font-weight:400}.methods td:last-child{white-space:nowrap}
@media(max-width:760px){.methods,.methods tbody{display:block}.methods thead{display:none}.methods tr{display:block;padding:12px 0;border-bottom:2px solid #c6cbd0}.methods td,.methods tbody th{display:block;padding:2px 0;border:0}}`,
    logo: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 44 44"><rect width="44" height="44" rx="8" fill="#c3d82c"/><path d="M16 14a8 8 0 1 1 7 11.9L20 29h-4v4h-4v3H7v-6l9.6-9.6A8 8 0 0 1 16 14z" fill="#17403a"/><circle cx="26" cy="14" r="2.6" fill="#c3d82c"/></svg>`,
    staysInSight: true,
    async intro() {
      await ready();
      return list();
    },
    desk: () =>
      html`<div class="card">
        <h2>That worked</h2>
        <p>Sign out to begin with another method, or add it to the account that you have now.</p>
      </div>`,
  },
});

function list(): Html {
  return html`<h2>The 44 methods</h2>
    <p>
      Each line is an old system that lets one person in, Anna, in its own way. Her usual password is
      <strong>correct horse battery staple</strong>; any e-mail address will do for the new account, and codes land in
      the inbox below. An old account belongs to one new account: take it away again under “Old accounts” to try it once
      more.
    </p>
    <table class="methods">
      <thead>
        <tr>
          <th scope="col">Method</th>
          <th scope="col">Family</th>
          <th scope="col">Level</th>
          <th scope="col">What to type</th>
          <th scope="col">Try it</th>
        </tr>
      </thead>
      <tbody>
        ${demoMethods.map(line)}
      </tbody>
    </table>`;
}

const line = (method: DemoMethod): Html =>
  html`<tr id="${method.id}">
    <th scope="row">${method.id} ${method.name.en}<small>${method.method}</small></th>
    <td>${method.family}</td>
    <td>${method.level}</td>
    <td>${method.tell}${method.id === 'M37' && html` It shows <strong>${codeNow()}</strong> right now.`}</td>
    <td><a href="/sign-in?old=${sourceOf(method)}">Try ${method.id}</a></td>
  </tr>`;

const codeNow = (): string => TOTP.generate({ secret: Secret.fromBase32('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ') });
