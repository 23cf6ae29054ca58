import { html } from './html.ts';
import type { DemoService } from './service-setting.ts';

/** Inherits the ids of Student Loans Online, and proves itself with a shared secret. */
export const studentLoan: DemoService = {
  clientId: 'student-loan',
  department: { departmentId: 'learning', name: { en: 'Department for Learning', cy: 'Adran Dysgu' } },
  name: { en: 'Your student loan', cy: 'Eich benthyciad myfyriwr' },
  sector: 'loans.localhost',
  authMethod: 'client_secret_post',
  idTokenAlg: 'RS256',
  scopes: ['openid', 'email'],
  sources: ['student-loans', 'rent-portal', 'farm-register'],
  look: {
    css: `:root{--dark:#1b1f5e;--accent:#7fd1c7;--button:#3a3fb0;--link:#3238a0;--paper:#fcfcff;--round:14px;--title:Georgia,"Times New Roman",serif;--text:"Trebuchet MS",Verdana,sans-serif}
header{background-image:radial-gradient(circle at 92% 130%,#3a3fb0 0 90px,transparent 91px)}`,
    logo: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 44 44"><circle cx="22" cy="22" r="22" fill="#7fd1c7"/><path d="M22 10 4 18l18 8 18-8z" fill="#1b1f5e"/><path d="M11 24v7c6 5 16 5 22 0v-7l-11 5z" fill="#fff"/></svg>`,
    intro: html`<p>See what you owe, what you have paid, and change how you pay it back.</p>
      <ul>
        <li>You need your customer reference number if you had an account with Student Loans Online.</li>
        <li>If you are signed in to another service already, you are signed in here too.</li>
      </ul>`,
    desk: (sub) =>
      html`<div class="card">
        <h2>Your loan</h2>
        <p>Left to pay: <strong>£8,316.05</strong>. You paid £94 in November.</p>
        <p>This service files the loan under the id it knows you by:<br /><code>${sub}</code></p>
      </div>`,
  },
};
