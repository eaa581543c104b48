import { call, wire } from './api.js';
import * as banner from './banner.js';
import { ImageSlot } from './image-slot.js';
import * as lock from './lock.js';
import * as take from './take.js';
import * as till from './till.js';

const at = id => document.getElementById(id);

function begin() {
  banner.clear();
  learnModel().catch(() => {}); // the price, asked at the same time, reports what is wrong
  till.askPrice();
  take.listRecent();
  take.openFromAddress();
}

async function learnModel() {
  const { data: [model] } = await call('GET', 'v1/models');
  at('model').textContent = model?.title ?? '';
  ImageSlot.largest = model?.images?.max_bytes ?? ImageSlot.largest;
}

wire.addEventListener('mode', ({ detail }) => {
  const isSandbox = detail === 'sandbox';
  at('mode').hidden = !isSandbox;
  if (isSandbox && !at('mode').textContent) at('mode').textContent = 'Sandbox: nothing is spent';
});
wire.addEventListener('unlocked', begin);

lock.start();
till.start();
begin();
