/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access -- a browser's script: nothing here has a type */
// Asks the browser for a passkey and sends what it answered with the form. Options come in the page: nothing is fetched.
// What is shown without this script says that a passkey needs it.
const form = document.querySelector('form[data-passkey]');
const needsScript = document.querySelector('[data-passkey-needs-script]');
const problem = document.querySelector('[data-passkey-problem]');

if (window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
  needsScript.remove();
  form.hidden = false;
  form.addEventListener('submit', (event) => void sendWithPasskey(event));
}

async function sendWithPasskey(event) {
  const { credential } = form.elements;
  if (credential.value !== '') return;
  event.preventDefault();
  problem.hidden = true;
  try {
    const answer = await askForPasskey();
    credential.value = JSON.stringify(answer.toJSON());
    form.submit();
  } catch {
    problem.hidden = false;
    problem.focus();
  }
}

function askForPasskey() {
  const options = JSON.parse(form.dataset.options);
  return form.dataset.passkey === 'create'
    ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
    : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
}
