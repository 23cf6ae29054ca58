// The pages work without this file: it only makes the components kinder (show password, focus the error summary).
import { initAll } from './govuk-frontend.js';

document.body.classList.add('js-enabled', 'govuk-frontend-supported');
// oxlint-disable-next-line typescript/no-unsafe-call -- resolved by the browser, from the same folder of /assets
initAll();
