// A newcomer's first minute, in a real browser: node studio.mjs <base url> <photograph.jpg> <output folder>
// Prints one line of JSON; exits with 1 and a readable reason when something is not as it should be.

import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import { inChromium } from './chromium.mjs';

const timeout = 120_000; // milliseconds; a Sandbox job takes seconds

const [base, photograph, output] = process.argv.slice(2);
if (!base || !photograph || !output) {
  console.error('Usage: node studio.mjs <base url> <photograph.jpg> <output folder>');
  process.exit(2);
}

const started = Date.now();
const complaints = [];

/** Everything a developer would see in red, Content-Security-Policy violations included. */
async function listenForComplaints(page) {
  page.on('console', message => message.type() === 'error' && complaints.push(`console: ${message.text()} ${message.location().url}`));
  page.on('pageerror', error => complaints.push(`page: ${error.message}`));
  await page.exposeFunction('reportViolation', directive => complaints.push(`policy: ${directive}`));
  await page.addInitScript(() => addEventListener('securitypolicyviolation',
    event => window.reportViolation(`${event.violatedDirective} ${event.blockedURI}`)));
}

async function opensWithAPrice(page) {
  await page.goto(base);
  await waitForPrice(page, '$2.10');
  await tellsWhatIsLeft(page, '1000.00');
  assert.equal(await page.locator('.fault span').count(), 0, 'An untouched form must not complain.');
}

async function waitForPrice(page, price) {
  await page.getByRole('button', { name: `Make the video · ${price}`, exact: true }).waitFor();
}

async function tellsWhatIsLeft(page, left) {
  await page.locator('#breakdown').getByText(`5 s × $0.42 a second · $${left} left`, { exact: true }).waitFor();
}

async function namesWhatIsMissing(page) {
  await page.getByRole('button', { name: /^Make the video/ }).click();
  for (const field of ['image', 'prompt']) {
    const fault = page.locator(`#${field}-fault span`);
    await fault.first().waitFor();
    assert.equal(await page.locator(`#${field}`).getAttribute('aria-invalid'), 'true', `${field} must be marked as invalid.`);
  }
  assert.equal(await page.locator(':focus').getAttribute('id'), 'image', 'The first broken field must have the focus.');
}

async function refusesWhatIsNoImage(page) {
  await page.locator('#image').setInputFiles({ name: 'notes.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('<html>not an image</html>') });
  const fault = page.locator('#image-fault span');
  await page.waitForFunction(() => document.querySelector('#still-facts').textContent.includes('notes.jpg')
    && !document.querySelector('#still-facts').textContent.includes('Uploading')
    && document.querySelector('#image-fault span'));
  const words = await fault.first().textContent();
  assert.match(words, /\w{3,}.*\w{3,}/, 'The refusal must be readable.');
  return words;
}

async function showsWhatFalsPageSays(page) {
  await page.locator('#model-facts').getByText('Native 4K · $0.42 per second, with or without sound · Commercial use').waitFor();
  await page.locator('#audio-hint').getByText('other languages are translated to English').waitFor();

  const prompt = page.getByLabel('Prompt', { exact: true });
  await page.getByRole('button', { name: 'Template' }).click();
  assert.deepEqual((await prompt.inputValue()).split('\n').map(line => line.split(':')[0]),
    ['Scene', 'Subject motion', 'Camera', 'Details', 'Audio', 'Constraints']);
  await prompt.fill('');
}

/** Word and Excel put text on the clipboard, and a picture of the text beside it. */
async function pastesTheTextAndNotItsPicture(page) {
  const before = await page.locator('#still-facts').textContent();
  await page.evaluate(async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 480 });
    const picture = await new Promise(resolve => canvas.toBlob(resolve));
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', 'She walks.');
    clipboardData.items.add(new File([picture], 'image.png', { type: 'image/png' }));
    document.getElementById('prompt').dispatchEvent(new ClipboardEvent('paste', { bubbles: true, cancelable: true, clipboardData }));
  });
  assert.equal(await page.locator('#still-facts').textContent(), before, 'The still must stay.');
}

async function tellsTheSumOfShots(page) {
  await page.getByLabel('Several shots').check();
  await waitForPrice(page, '$2.52');
  await page.getByLabel('Shot 1: seconds').fill('14');
  await page.locator('#shots-fault span').waitFor();
  await page.getByLabel('Shot 1: seconds').fill('4');
  await waitForPrice(page, '$2.94');
  await page.getByLabel('One shot').check();
  await waitForPrice(page, '$2.10');
}

async function fillsTheForm(page) {
  await page.locator('#image').setInputFiles(photograph);
  await page.waitForFunction(() => /\d+ × \d+/.test(document.querySelector('#still-facts').textContent));
  await page.getByLabel('Prompt', { exact: true }).fill('Slow push-in while the light fades and the water begins to shimmer.');
  await waitForPrice(page, '$2.10');
  await page.waitForFunction(() => !document.querySelector('.fault span'));
  await page.screenshot({ path: path.join(output, 'studio-form.png'), fullPage: true });
}

async function makesTheVideo(page) {
  await page.getByRole('button', { name: 'Make the video · $2.10', exact: true }).click();
  await page.locator('#rolling').waitFor();
  assert.match(await page.locator('#timecode').textContent(), /^\d\d:\d\d:\d\d$/);
  await tellsWhatIsLeft(page, '997.90');
  await page.screenshot({ path: path.join(output, 'studio-rolling.png') });

  const outcome = await page.waitForFunction(() => {
    const [video, verdict] = ['video', 'verdict'].map(id => document.getElementById(id));
    if (!verdict.hidden) return { verdict: verdict.textContent };
    if (video.error) return { verdict: `the video element reports error ${video.error.code}` };
    return !video.hidden && video.readyState >= 2 && { verdict: null };
  }, null, { timeout });
  const { verdict } = await outcome.jsonValue();
  assert.equal(verdict, null, `No video: ${verdict}`);
}

async function theVideoReallyPlays(page) {
  const before = await page.evaluate(() => document.getElementById('video').currentTime);
  await page.waitForFunction(then => Math.abs(document.getElementById('video').currentTime - then) > 0.5, before, { timeout });
  const video = await page.evaluate(() => {
    const { currentTime, duration, videoWidth, videoHeight, paused, error } = document.getElementById('video');
    return { currentTime, duration, width: videoWidth, height: videoHeight, paused, error: error?.code ?? null };
  });
  assert.equal(video.error, null);
  assert.equal(video.paused, false);
  assert.ok(video.width > 0 && video.duration > 0, 'The video has a picture and a length.');

  const link = page.locator('#download');
  assert.ok(await link.isVisible(), 'The video can be downloaded.');
  const range = await page.request.get(await link.evaluate(anchor => anchor.href), { headers: { Range: 'bytes=0-99' } });
  assert.equal(range.status(), 206);
  await page.screenshot({ path: path.join(output, 'studio-done.png'), fullPage: true });
  return video;
}

async function remembersTheTake(page) {
  const row = page.locator('#recent-list button[aria-current="true"]');
  await row.filter({ hasText: 'Done' }).waitFor();
  await page.reload();
  await page.waitForFunction(() => document.getElementById('video').readyState >= 2, null, { timeout });
}

async function fitsASmallPhone(page) {
  await page.setViewportSize({ width: 360, height: 740 });
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(overflow <= 0, `At 360 pixels the page is ${overflow} pixels too wide.`);
  await page.screenshot({ path: path.join(output, 'studio-small.png'), fullPage: true });
}

async function firstMinute(page) {
  await opensWithAPrice(page);
  await namesWhatIsMissing(page);
  await showsWhatFalsPageSays(page);
  await tellsTheSumOfShots(page);
  const before = complaints.length;
  const refusal = await refusesWhatIsNoImage(page);
  const expected = complaints.splice(before);
  assert.ok(expected.every(line => line.includes('/v1/uploads')), `Beside the refused upload: ${expected.join('; ')}`);

  await fillsTheForm(page);
  await pastesTheTextAndNotItsPicture(page);
  await makesTheVideo(page);
  const video = await theVideoReallyPlays(page);
  await remembersTheTake(page);
  await fitsASmallPhone(page);
  assert.deepEqual(complaints, [], 'The browser complained.');
  return { refusal, video };
}

await mkdir(output, { recursive: true });
await inChromium('The Studio is', async page => {
  await listenForComplaints(page);
  const seen = await firstMinute(page);
  return { milliseconds: Date.now() - started, ...seen };
}, { viewport: { width: 1360, height: 900 }, complaints, screenshot: path.join(output, 'studio-failed.png') });
