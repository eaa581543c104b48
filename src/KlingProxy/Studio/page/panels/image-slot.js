// One image of the order: chosen, shown at once, uploaded while the visitor is still writing.

import { call, wire } from '../api.js';
import { weight } from '../format.js';
import { pointer } from '../model.js';
import { refuse } from './violations.js';

export class ImageSlot extends EventTarget {
  #role;
  #file = null;
  #preview = null;
  #attempt = null;
  #upload = null;
  #ready = Promise.resolve();

  /** Bytes; what the model says. A larger file is refused before it travels, because a refusal mid-body cannot be read by a browser. */
  static largest = Infinity;

  constructor(role, input, drop) {
    super();
    this.#role = role;
    input.addEventListener('change', () => {
      if (input.files.length) this.take(input.files[0]);
      input.value = ''; // choosing the same file again is a change, too
    });
    drop.addEventListener('drop', event => {
      const file = event.dataTransfer.files[0];
      if (file) this.take(file);
      drop.classList.remove('over');
    });
    for (const name of ['dragenter', 'dragover']) drop.addEventListener(name, () => drop.classList.add('over'));
    drop.addEventListener('dragleave', event => drop.contains(event.relatedTarget) || drop.classList.remove('over'));
    wire.addEventListener('unlocked', () => this.#file && !this.#upload && this.#send());
  }

  get url() { return this.#upload?.url; }
  get file() { return this.#file; }
  get preview() { return this.#preview; }
  get upload() { return this.#upload; }

  /** Chosen, but not accepted, or not yet. */
  get isPending() { return Boolean(this.#file) && !this.#upload; }

  /** Settles when no upload is on its way, whatever became of it. */
  get ready() { return this.#ready; }

  take(file) {
    this.clear();
    this.#file = file;
    this.#preview = URL.createObjectURL(file);
    if (file.size > ImageSlot.largest) {
      refuse(pointer(this.#role), [`The image is ${weight(file.size)}; at most ${weight(ImageSlot.largest)} are accepted.`]);
      this.#changed();
    } else {
      this.#send();
    }
  }

  clear() {
    this.#attempt?.abort();
    if (this.#preview) URL.revokeObjectURL(this.#preview);
    this.#file = this.#preview = this.#upload = this.#attempt = null;
    refuse(pointer(this.#role), []);
    this.#changed();
  }

  get facts() {
    if (!this.#file) return '';
    if (this.#upload) return `${this.#upload.width} × ${this.#upload.height} · ${weight(this.#upload.bytes)}`;
    return this.#attempt ? 'Uploading…' : weight(this.#file.size);
  }

  #send() {
    const attempt = this.#attempt = new AbortController();
    refuse(pointer(this.#role), []);
    this.#ready = this.#post(attempt).catch(() => {});
    this.#changed();
  }

  async #post(attempt) {
    try {
      this.#upload = await call('POST', 'v1/uploads', {
        body: this.#file, type: this.#file.type || 'application/octet-stream', signal: attempt.signal,
      });
    } catch (refusal) {
      if (attempt.signal.aborted) return;
      if (refusal.status !== 401) refuse(pointer(this.#role), reasons(refusal));
    }
    if (attempt.signal.aborted) return;
    this.#attempt = null;
    this.#changed();
  }

  #changed() { this.dispatchEvent(new Event('change')); }
}

function reasons(refusal) {
  const details = refusal.errors.map(error => error.detail);
  if (details.length) return details;
  return [[refusal.title, refusal.detail].filter(Boolean).join(' ')];
}
