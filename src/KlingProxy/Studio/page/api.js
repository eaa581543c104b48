// Everything the page says to the proxy. Paths are relative, so that it also works below a prefix.

const keySlot = 'klingproxy.key';

/** Announces `mode` (sandbox or live), `locked` (a key is wanted) and `unlocked` (one was given). */
export const wire = new EventTarget();

export class Refusal extends Error {
  constructor({ title, detail, request_id, code, errors }, status) {
    super(title);
    this.title = title;
    this.detail = detail ?? '';
    this.code = code ?? '';
    this.requestId = request_id ?? '';
    this.errors = errors ?? [];
    this.status = status;
  }
}

export const key = {
  get value() { return sessionStorage.getItem(keySlot); },
  get known() { return this.value !== null; },
  use(value) {
    sessionStorage.setItem(keySlot, value);
    wire.dispatchEvent(new Event('unlocked'));
  },
  forget: () => sessionStorage.removeItem(keySlot),
};

/** How far the proxy's clock is ahead of ours, in milliseconds. */
export let clockLead = 0;

export async function call(method, path, { json, body, type, idempotencyKey, signal } = {}) {
  const headers = new Headers({ Accept: 'application/json' });
  const credential = key.value;
  if (credential) headers.set('Authorization', `Bearer ${credential}`);
  if (json !== undefined) headers.set('Content-Type', 'application/json');
  if (type) headers.set('Content-Type', type);
  if (idempotencyKey) headers.set('Idempotency-Key', idempotencyKey);

  const response = await reach(path, { method, headers, signal, body: json === undefined ? body : JSON.stringify(json) });
  notice(response);
  if (response.ok) return response.status === 204 ? null : response.json();

  const refusal = await readRefusal(response);
  if (refusal.status === 401 && credential === key.value) // a late answer says nothing about a key given since
    wire.dispatchEvent(new CustomEvent('locked', { detail: refusal }));
  throw refusal;
}

/** A link the proxy gave us, on the origin this page came from: the two differ when the public address is not the one in use. */
export function here(link) {
  const { pathname, search } = new URL(link, location.href);
  return pathname + search;
}

async function reach(path, request) {
  try {
    return await fetch(path, request);
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Refusal({ title: 'The proxy could not be reached.', detail: 'Check the connection and try again.', code: 'unreachable' }, 0);
  }
}

function notice(response) {
  const mode = response.headers.get('X-KlingProxy-Mode');
  if (mode) wire.dispatchEvent(new CustomEvent('mode', { detail: mode }));

  const sent = Date.parse(response.headers.get('Date') ?? '');
  if (Number.isFinite(sent)) clockLead = sent - Date.now();
}

async function readRefusal(response) {
  const problem = await response.json().catch(() => ({}));
  problem.title ??= `The proxy answered ${response.status}.`;
  problem.request_id ??= response.headers.get('X-Request-Id');
  return new Refusal(problem, response.status);
}
