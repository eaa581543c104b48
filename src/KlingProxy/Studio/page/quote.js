// The price, asked from the proxy while the visitor writes. The page never works it out by itself.

import { call } from './api.js';

const delay = 250; // milliseconds after the last change

export class Quote {
  #order;
  #arrived;
  #timer = 0;
  #attempt = null;

  constructor(order, arrived) {
    this.#order = order;
    this.#arrived = arrived;
  }

  soon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.now().catch(() => {}), delay);
  }

  /** The quote of what the form says at this moment, or null when a newer question overtook it. Throws the proxy's refusal. */
  async now() {
    clearTimeout(this.#timer);
    this.#attempt?.abort();
    const attempt = this.#attempt = new AbortController();
    try {
      const quote = await call('POST', 'v1/quotes', { json: { input: this.#order() }, signal: attempt.signal });
      this.#arrived(quote, null);
      return quote;
    } catch (refusal) {
      if (attempt.signal.aborted) return null;
      this.#arrived(null, refusal);
      throw refusal;
    }
  }
}
