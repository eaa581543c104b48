// The panel that asks for an API key, and only appears when the proxy wants one.

import { key, wire } from '../api.js';

const panel = document.getElementById('key');
const value = document.getElementById('key-value');
const reason = document.getElementById('key-reason');
const forget = document.getElementById('forget');

/** True while the proxy waits for a key: there is no point in asking it anything. */
export let locked = false;

export function start() {
  forget.hidden = !key.known;

  wire.addEventListener('locked', ({ detail }) => {
    if (!locked) reason.textContent = key.known ? `The key was refused. ${detail.detail}` : 'Ask the operator of this proxy for one.';
    locked = true;
    key.forget();
    forget.hidden = true;
    panel.hidden = false;
    value.focus();
  });

  panel.addEventListener('submit', event => {
    event.preventDefault();
    const given = value.value.trim();
    if (!given) return value.focus();
    value.value = '';
    locked = false;
    panel.hidden = true;
    forget.hidden = false;
    key.use(given);
  });

  forget.addEventListener('click', () => {
    key.forget();
    location.reload();
  });
}
