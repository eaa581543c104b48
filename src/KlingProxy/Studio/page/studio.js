import { call, wire } from './api.js';
import * as banner from './panels/banner.js';
import * as currentJob from './panels/current-job.js';
import { ImageSlot } from './panels/image-slot.js';
import * as keyPanel from './panels/key-panel.js';
import * as models from './model.js';
import * as order from './panels/order.js';
import * as submitPanel from './panels/submit-panel.js';

const at = id => document.getElementById(id);

async function begin() {
  banner.clear();
  await learnModel().catch(() => {}); // the price, asked next, reports what is wrong
  submitPanel.askPrice();
  currentJob.listRecent();
  currentJob.openFromAddress();
}

async function learnModel() {
  const { data } = await call('GET', 'v1/models');
  const [model] = data;
  models.learn(data);
  order.offer(model);
  at('model').textContent = model.title;
  at('audio-hint').textContent = model.about.speech;
  at('model-facts').textContent = facts(model);
}

/** Resolution, price and licence, as fal's page of the model has them. */
function facts(model) {
  const { per_second: silent, per_second_with_audio: sounding } = model.price;
  const price = silent === sounding ? `$${silent} per second, with or without sound` : `$${silent} per second, $${sounding} with sound`;
  return [model.about.resolution, price, model.about.license].filter(Boolean).join(' · ');
}

wire.addEventListener('mode', ({ detail }) => {
  const isSandbox = detail === 'sandbox';
  at('mode').hidden = !isSandbox;
  if (isSandbox && !at('mode').textContent) at('mode').textContent = 'Sandbox: nothing is spent';
});
wire.addEventListener('unlocked', begin);

keyPanel.start();
submitPanel.start();
begin();
